"""What the headers of a webhook say about its body, and which of them are kept."""

import re
from collections.abc import Iterable
from typing import Final

KEPT: Final = (
    *("content-type", "user-agent", "x-request-id", "x-correlation-id", "inin-correlation-id"),
    *("webhook-id", "traceparent", "tracestate", "x-amzn-trace-id"),
)
"""An allow-list: a header that nobody thought of may hold a secret."""
LONGEST: Final = 500

_NAMES: Final = {name.encode(): name for name in KEPT}
_MEDIA_TYPE: Final = re.compile(r"application/(?:json|[a-z0-9!#$&^_.+-]+\+json)", re.IGNORECASE)
_CHARSET: Final = re.compile(r'charset\s*=\s*"?([^";\s]*)', re.IGNORECASE)
_UTF_8: Final = frozenset({"utf-8", "utf8", "us-ascii"})


def kept_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers that are kept with an event, names in lower case."""
    return {_NAMES[name]: _text(value) for name, value in headers if name in _NAMES}


def is_json(content_type: str | None) -> bool:
    """Whether a body of this type is read as JSON; one without a type is tried."""
    if content_type is None or content_type == "application/json":
        return True
    media_type, _, parameters = content_type.partition(";")
    charset = _CHARSET.search(parameters)
    return _MEDIA_TYPE.fullmatch(media_type.strip()) is not None and (charset is None or charset[1].lower() in _UTF_8)


def _text(value: bytes) -> str:
    text = value[:LONGEST].decode("latin-1")
    return text if text.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in text)
