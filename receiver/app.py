"""The web application: every route in one table."""

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from receiver.relay import Relay
from receiver.web import api, assets, door_page, doorkeeping, health, metrics, pages, signing, sources, transfer
from receiver.web.access import Access
from receiver.web.door import READ_TIMEOUT_S, Door
from receiver.web.problems import PROBLEMS, problem
from receiver.web.rendering import fault_page

WEBHOOKS = "/webhooks/"
FOR_PROGRAMS = ("/webhooks", "/api", "/livez", "/readyz", "/metrics")


class Application(Starlette):
    """Starlette, with a way past its middleware and its router for webhooks, which come in numbers.

    It leads where the routes lead: to the same door, which answers everything but a fault of our own by itself.
    """

    def __init__(self, door: Door, **kwargs: Any) -> None:  # noqa: ANN401 (those of Starlette)
        super().__init__(**kwargs)
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        source = _source_in(scope)
        if source is None:
            await super().__call__(scope, receive, send)
            return
        scope["path_params"] = {"source": source}
        try:
            await self._door(scope, receive, send)
        except Exception:
            await _our_fault()(scope, receive, send)
            raise


def create_app(relay: Relay, *, access: Access | None, read_timeout_s: float = READ_TIMEOUT_S) -> Starlette:
    """The application on an open relay; without `access` nobody can look at it, and webhooks are taken in."""
    door = Door(relay, read_timeout_s=read_timeout_s)
    app = Application(
        door,
        routes=_routes(door),
        exception_handlers={HTTPException: _told, 500: _broken},
    )
    # A sender takes a redirect for a failure, so both spellings of the door are routes of their own.
    app.router.redirect_slashes = False
    app.state.relay = relay
    app.state.access = access
    return app


def _routes(door: Door) -> Sequence[BaseRoute]:
    return [
        Route("/webhooks/{source}", door, methods=["POST"]),
        Route("/webhooks/{source}/", door, methods=["POST"]),
        *health.routes,
        *metrics.routes,
        *transfer.routes,
        *api.routes,
        *doorkeeping.routes,
        *sources.routes,
        *signing.routes,
        *pages.routes,
        *door_page.routes,
        *assets.routes,
    ]


def _source_in(scope: Scope) -> str | None:
    """The source that a webhook is posted to."""
    if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(WEBHOOKS):
        return None
    source: str = scope["path"][len(WEBHOOKS) :].removesuffix("/")
    return None if not source or "/" in source else source


async def _told(request: Request, exc: Exception) -> Response:
    """What the router has no route or no method for, in the form that the asker reads."""
    status = exc.status_code if isinstance(exc, HTTPException) else 500
    headers = exc.headers if isinstance(exc, HTTPException) else None
    if _is_person(request):
        return fault_page(request, status=status, title=PROBLEMS[status][1], detail="Check the address.")
    return problem(status, _DETAILS.get(status, PROBLEMS[status][1]), headers=headers or {})


async def _broken(_: Request, __: Exception) -> Response:
    return _our_fault()


def _our_fault() -> Response:
    """A fault of our own; what it is stands in the log."""
    return problem(500, "The receiver itself failed; its log says more.")


def _is_person(request: Request) -> bool:
    path: str = request.scope["path"]
    return not path.startswith(FOR_PROGRAMS) and "text/html" in request.headers.get("accept", "")


_DETAILS = {
    404: "There is no such address; webhooks go to /webhooks/{source}.",
    405: "Webhooks come by POST; see the Allow header.",
}
