"""What a process that only works shows of itself: health and metrics; no doors, no pages, no API."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from receiver.relay import Relay
from receiver.web import health, metrics
from receiver.web.problems import problem

NOT_HERE = "A worker only has /livez, /readyz and /metrics; all else is where `receiver serve` is."


def create_watch(relay: Relay) -> Starlette:
    """The application by which a worker is watched."""
    app = Starlette(routes=[*health.routes, *metrics.routes], exception_handlers={HTTPException: _told})
    app.state.relay = relay
    return app


async def _told(_: Request, exc: Exception) -> Response:
    status, headers = (exc.status_code, exc.headers) if isinstance(exc, HTTPException) else (500, None)
    return problem(status, NOT_HERE, headers=headers or {})
