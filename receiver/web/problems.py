"""Errors as answers: RFC 9457 problem+json, one form for the door and the API.

`type` is stable and documented (docs/webhook.md); `detail` is for people and never repeats what was sent.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType

from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:flow-relay:problem:"

PROBLEMS: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "The request cannot be read"),
    401: ("unauthorized", "The request did not prove where it comes from"),
    403: ("forbidden", "Not allowed"),
    404: ("not-found", "There is nothing here"),
    405: ("method-not-allowed", "This method is not known here"),
    408: ("timeout", "The request took too long to arrive"),
    409: ("conflict", "That contradicts what is known"),
    411: ("length-required", "The request does not say how long it is"),
    413: ("too-large", "The body is too large"),
    415: ("unsupported-media-type", "The body is not JSON as it stands"),
    429: ("too-many-requests", "Too many requests"),
    431: ("headers-too-large", "The headers are too large"),
    500: ("internal", "Something broke here"),
    501: ("not-implemented", "That is not known here"),
    503: ("unavailable", "Not now"),
}
"""For each status the last part of its `type`, and its title."""

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def problem(
    status: int, detail: str, *, code: str | None = None, headers: Mapping[str, str] = _NO_HEADERS, **more: object
) -> Response:
    """An error as an answer; `code` makes the type more exact, `more` are further members."""
    known, title = PROBLEMS[status]
    content = {"type": f"{TYPE_PREFIX}{code or known}", "title": title, "status": status, "detail": detail, **more}
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")
    # Given by hand: Starlette would add a charset, which JSON media types do not have.
    return Response(body, status_code=status, headers={"Content-Type": MEDIA_TYPE, **headers})
