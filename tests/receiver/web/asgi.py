"""Requests as bare ASGI messages, for what no client library would send."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from starlette.types import ASGIApp, Message

from tests.receiver.relays import SECRET

USUAL: Mapping[str, bytes | None] = {"x-genesys-webhook-secret": SECRET.encode(), "content-length": b"2"}

Answer = tuple[int | None, Any]
"""The status, None where there was no answer, and the JSON that was answered."""


async def posted(
    app: ASGIApp,
    parts: Sequence[bytes],
    *,
    headers: Mapping[str, bytes | None] | None = None,
    ends: Literal["whole", "never", "gone"] = "whole",
) -> Answer:
    """The answer to a POST at the door of `genesys`; a header that is None is left out."""
    request = _Request(parts, ends=ends)
    given = {**USUAL, **(headers or {})}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/webhooks/genesys",
        "raw_path": b"/webhooks/genesys",
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value) for name, value in given.items() if value is not None],
        "client": ("192.0.2.1", 1234),
        "server": ("relay.test", 80),
        "scheme": "http",
        "http_version": "1.1",
    }
    await app(scope, request.receive, request.send)
    return request.status, json.loads(request.body or b"null")


class _Request:
    """The two ends of a request that the application is given."""

    def __init__(self, parts: Sequence[bytes], *, ends: str) -> None:
        self.status: int | None = None
        self.body = b""
        self._messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
        self._ends = ends
        self._messages[-1]["more_body"] = ends != "whole"

    async def receive(self) -> Message:
        if self._messages:
            return self._messages.pop(0)
        if self._ends == "never":
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")
