"""Health: `/livez` says that the process is alive, `/readyz` that an event sent now would be recorded."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from receiver.relay import Relay
from receiver.web.problems import problem

_NO_STORE = {"Cache-Control": "no-store"}


async def live(_: Request) -> Response:
    """Whether the process answers; it asks nothing else, so that a full disk restarts nobody."""
    return JSONResponse({"status": "ok"}, headers=_NO_STORE)


async def ready(request: Request) -> Response:
    """Whether an event sent now would be recorded."""
    relay: Relay = request.app.state.relay
    if await relay.is_ready():
        return JSONResponse({"status": "ok"}, headers=_NO_STORE)
    detail = "It is about to end." if relay.is_stopping else "The database cannot be written to."
    return problem(503, detail, code="not-ready", headers={**_NO_STORE, "Retry-After": "5"})


routes: list[BaseRoute] = [
    Route("/livez", live, methods=["GET"]),
    Route("/readyz", ready, methods=["GET"]),
]
