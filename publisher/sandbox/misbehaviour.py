"""Answers as a fault says, in the place of the answer that was due."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from publisher.sandbox.errors import ApiError
from publisher.sandbox.faults import Fault, FaultKind
from publisher.sandbox.requests import sandbox_of
from publisher.sandbox.tokens import expired

Endpoint = Callable[[Request], Awaitable[Response]]

ANSWERS = frozenset(
    {
        *(FaultKind.LIMITED, FaultKind.ERROR, FaultKind.HTML, FaultKind.GARBLED, FaultKind.LOST_ANSWER),
        *(FaultKind.FORBIDDEN, FaultKind.MISSING, FaultKind.LOCKED, FaultKind.REFUSED, FaultKind.EXPIRED),
    }
)
AS_THE_GATEWAY = ANSWERS - {
    FaultKind.EXPIRED,
    FaultKind.FORBIDDEN,
    FaultKind.MISSING,
    FaultKind.LOCKED,
    FaultKind.REFUSED,
}
"""What may also happen to a request for a token, where `on` names its path."""

PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"
CODES = {500: "internal.server.error", 502: "bad.gateway", 503: "service.unavailable", 504: "request.timeout"}


async def answered(
    request: Request, endpoint: Endpoint, *, kinds: frozenset[FaultKind], rights: tuple[str, ...] = ()
) -> Response:
    """The endpoint's answer, or that of a fault that is due."""
    sandbox = sandbox_of(request)
    call = f"{request.method} {request.url.path}"
    slow = sandbox.faults.due((FaultKind.SLOW,), call=call)
    if slow is not None:
        await sandbox.world.sleep(slow.delay_s)
    fault = sandbox.faults.due(kinds, call=call, rights=rights)
    if fault is None:
        return await endpoint(request)
    if fault.kind is FaultKind.LOST_ANSWER:
        await endpoint(request)
    return _answer(request, fault, rights=rights)


def missing_permission(permission: str, scope: str) -> ApiError:
    """The answer to a client that lacks a permission."""
    text = f"You are missing the following permission(s): {permission} ({scope})"
    return ApiError(403, "missing.permissions", text)


def _answer(request: Request, fault: Fault, *, rights: tuple[str, ...]) -> Response:
    match fault.kind:
        case FaultKind.HTML:
            return HTMLResponse(PAGE, status_code=fault.status)
        case FaultKind.GARBLED:
            return Response(b'{"id": "0b6e1c', media_type="application/json")
        case FaultKind.LOST_ANSWER:
            raise ApiError(502, "bad.gateway", "The answer was lost on its way.")
        case FaultKind.EXPIRED:
            sandbox_of(request).tokens.forget(request.headers.get("authorization"))
            raise expired()
        case FaultKind.FORBIDDEN:
            scope, permission = rights
            raise missing_permission(permission, scope)
        case _:
            raise _error(fault)


def _error(fault: Fault) -> ApiError:
    wait = fault.retry_after_s
    headers = None if wait is None else {"Retry-After": str(wait)}
    match fault.kind:
        case FaultKind.LIMITED:
            text = f"Rate limit exceeded the maximum. Retry the request in [{wait or 0}] seconds"
            return ApiError(429, "too.many.requests.retry.after", text, headers=headers)
        case FaultKind.MISSING:
            return ApiError(404, "not.found", "The requested resource was not found.")
        case FaultKind.LOCKED:
            return ApiError(409, "architect.flow.locked", "The flow is locked by another user: Alex Architect.")
        case FaultKind.REFUSED:
            text = "The definition violates the schema of flows."
            return ApiError(422, "unprocessable.entity", text, errors=fault.messages)
        case _:
            return ApiError(fault.status, CODES.get(fault.status, "error"), "The service has failed.", headers=headers)
