"""One request to Genesys Cloud and its answer, as values."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from publisher.genesys.errors import UnreadableError

LONGEST_QUOTE = 300

REDACTED = (
    (re.compile(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]*"), r"\1?[query]"),
    (re.compile(r"\b(bearer|basic) +[\w.~+/=-]{8,}", re.IGNORECASE), r"\1 [secret]"),
)
"""What must not be repeated even where a server says it: the query of an address may sign it, a header be a key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """What a client must be allowed to do for a call: the platform's permissions, and the scope of scoped hosts."""

    permissions: tuple[str, ...] = ()
    scope: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One call. `doing` completes "could not …"; an `effect` is something that must not happen twice unnoticed."""

    method: str
    path: str
    doing: str
    query: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    json: Any = field(default=None, repr=False)
    needs: Needs = Needs()
    effect: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """An answer, read to its end. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    @property
    def correlation_id(self) -> str | None:
        """The id that Genesys Cloud's support asks for."""
        return self.headers.get("inin-correlation-id") or None

    @property
    def is_html(self) -> bool:
        """Whether this is a page for people, as gateways and sign-in walls send."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind in {"text/html", "application/xhtml+xml"} or self.body[:64].lstrip().lower().startswith(b"<")

    def data(self) -> Any:  # noqa: ANN401 - JSON is what it is
        """The body's JSON; ValueError where it holds none."""
        try:
            return json.loads(self.body)
        except RecursionError as exc:
            raise ValueError("nested too deep") from exc

    def object(self) -> Mapping[str, Any]:
        """The body's JSON object."""
        try:
            data = self.data()
        except ValueError as exc:
            raise self.unreadable("is an HTML page" if self.is_html else "is not JSON") from exc
        if not isinstance(data, dict):
            raise self.unreadable(f"is a JSON {type(data).__name__}, no object")
        return data

    def unreadable(self, fault: str) -> UnreadableError:
        """The error that says what is wrong with this answer, and what that usually means."""
        return UnreadableError(
            f"The answer (HTTP {self.status}) {fault}. Something else may stand where the API should be: check the API"
            f" URL or region, and any proxy or sign-in page on the way.{self.trace()}",
            code="not-json",
            status=self.status,
            correlation_id=self.correlation_id,
        )

    def trace(self) -> str:
        """What to add to a message so that support can find the call."""
        return f" (correlation id {self.correlation_id})" if self.correlation_id else ""


def quote(text: object, *, secrets: Sequence[str] = (), longest: int = LONGEST_QUOTE) -> str:
    """A server's own words on one line: cut, without control characters, tokens, signed addresses and our secrets."""
    words = str(text)
    for secret in filter(None, secrets):
        words = words.replace(secret, "[secret]")
    for pattern, instead in REDACTED:
        words = pattern.sub(instead, words)
    line = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
