"""What is kept of a request and its answer: cut, and without secrets."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from receiver.model import Json
from receiver.targets.kind import Request, Response, placeholder

MAX_KEPT_BYTES = 64 * 1024
"""Of a body; of an answer's body no more is read either."""
MAX_HEADERS = 64
MAX_HEADER_CHARACTERS = 1024
MAX_MESSAGE_CHARACTERS = 500
MASK = "[masked]"

_SENSITIVE = re.compile(
    r"authorization|authenticat|cookie|password|secret|signature|token|api-?key|private-key|credential", re.IGNORECASE
)
_SHORTEST_REST = 4
"""Fewer characters of a secret at the end of a cut text are not taken for one."""


class Redaction:
    """Takes the values of known secrets out of text, in every spelling that an echo may have."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        names = {spelling: name for name, value in secrets.items() for spelling in _spellings(value)}
        self._names = dict(sorted(names.items(), key=lambda item: -len(item[0])))  # the longest first
        self._pattern = re.compile("|".join(re.escape(spelling) for spelling in self._names) or r"(?!)")

    def text(self, text: str) -> str:
        """The text with `[secret NAME]` for each secret."""
        return self._pattern.sub(lambda found: placeholder(self._names[found.group()]), text)

    def message(self, text: str) -> str:
        """A message for people, of bounded length."""
        redacted = self.text(text)
        return redacted if len(redacted) <= MAX_MESSAGE_CHARACTERS else f"{redacted[:MAX_MESSAGE_CHARACTERS]}…"

    def body(self, body: bytes, *, cut: bool = False) -> tuple[str, bool]:
        """A body as text, and whether it was cut."""
        cut = cut or len(body) > MAX_KEPT_BYTES
        redacted = self.text(body[:MAX_KEPT_BYTES].decode("utf-8", "replace"))
        return (self._without_rest(redacted) if cut else redacted), cut

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers, those with telling names masked: what they hold may be a secret that we do not know."""
        kept = list(headers.items())[:MAX_HEADERS]
        return {name: self._header(name, value)[:MAX_HEADER_CHARACTERS] for name, value in kept}

    def request(self, request: Request) -> dict[str, Json]:
        """A request as an attempt keeps it."""
        url = request.url
        for name in self._names.values():
            url = url.replace(quote(placeholder(name), safe=""), placeholder(name))
        body, cut = self.body(request.body)
        headers = self.headers(request.headers)
        return {"method": request.method, "url": self.text(url), "headers": headers, "body": body, "cut": cut}

    def response(self, response: Response) -> dict[str, Json]:
        """An answer as an attempt keeps it."""
        body, cut = self.body(response.body, cut=response.cut)
        return {"status": response.status, "headers": self.headers(response.headers), "body": body, "cut": cut}

    def _header(self, name: str, value: str) -> str:
        redacted = self.text(value)
        known = any(placeholder(secret) in redacted for secret in self._names.values())
        return redacted if known or not _SENSITIVE.search(name) else MASK

    def _without_rest(self, text: str) -> str:
        """The text without the beginning of a secret at its end, where the cut went through it."""
        for spelling, name in self._names.items():
            for length in range(len(spelling) - 1, _SHORTEST_REST - 1, -1):
                if text.endswith(spelling[:length]):
                    return text[: len(text) - length] + placeholder(name)
        return text


def _spellings(value: str) -> Iterator[str]:
    """A secret as it is, in a URL, in JSON and in HTML."""
    spellings = (value, quote(value, safe=""), quote(value), json.dumps(value)[1:-1], html.escape(value))
    yield from (spelling for spelling in spellings if spelling)
