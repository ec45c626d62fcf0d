"""What a request to the sandbox holds, read and checked."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from publisher.sandbox.errors import ApiError
from publisher.sandbox.records import Actor
from publisher.sandbox.sandbox import Sandbox

MAX_BODY_BYTES = 512_000
LARGEST_PAGE = 500


def sandbox_of(request: Request) -> Sandbox:
    """The sandbox that a request came to."""
    sandbox: Sandbox = request.app.state.sandbox
    return sandbox


def client_of(request: Request) -> Actor:
    """The OAuth client that a request comes from."""
    return Actor.client(request.state.client)


async def read_body(request: Request, *, most_bytes: int = MAX_BODY_BYTES) -> bytes:
    """The body, within the platform's limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise ApiError(413, "request.entity.too.large", f"The body is larger than {most_bytes} bytes.")
    return bytes(body)


async def read_json(request: Request) -> Any:  # noqa: ANN401 - JSON is what it is
    """The body's JSON; a body that is empty is null, as some clients send it."""
    content = await read_body(request)
    try:
        return json.loads(content or b"null")
    except (ValueError, RecursionError) as exc:
        raise ApiError(400, "bad.request", "The request could not be understood: its body is not JSON.") from exc


async def read_object(request: Request, *, absent: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """The body's JSON object; without a body, where that is allowed, what stands for it."""
    data = await read_json(request)
    if data is None and absent is not None:
        return absent
    if not isinstance(data, dict):
        raise ApiError(400, "bad.request", "The request could not be understood: its body is no JSON object.")
    return data


async def read_form(request: Request) -> Mapping[str, str]:
    """The body's form fields; the first of each name counts."""
    try:
        text = (await read_body(request)).decode()
    except UnicodeDecodeError as exc:
        raise ApiError(400, "bad.request", "The form is not UTF-8.") from exc
    return dict(reversed(parse_qsl(text, keep_blank_values=True)))


def read_page(request: Request) -> tuple[int, int]:
    """The number of the wanted page, and its size."""
    page = number(request, "pageNumber", default=1)
    return page, min(number(request, "pageSize", default=25), LARGEST_PAGE)


def narrowing(request: Request) -> dict[str, str]:
    """What the query asks for, but for the page."""
    return {key: value for key, value in request.query_params.items() if key not in {"pageNumber", "pageSize"}}


def number(request: Request, name: str, *, default: int) -> int:
    """A number from 1 in the query."""
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) > 0):
        raise ApiError(400, "invalid.value", f"{name} is {text!r}; it must be a whole number from 1.")
    return int(text)
