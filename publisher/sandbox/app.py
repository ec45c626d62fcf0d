"""The sandbox as a web application: every route, and what they share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from publisher.sandbox import control, flows, oauth, registrations
from publisher.sandbox.errors import ApiError, OAuthError
from publisher.sandbox.misbehaviour import ANSWERS, AS_THE_GATEWAY, Endpoint, answered
from publisher.sandbox.requests import sandbox_of
from publisher.sandbox.sandbox import Sandbox, Seen, World
from publisher.sandbox.settings import SandboxSettings

WEBHOOKS = "/api/v2/platform/webhooks"

TOKENS: tuple[tuple[str, str, Endpoint], ...] = (
    ("POST", "/oauth/token", oauth.basic_token),
    ("POST", "/api/v2/oauth/token", oauth.form_token),
)
API: tuple[tuple[str, str, Endpoint, str], ...] = (
    ("GET", "/api/v2/flows", flows.list_flows, "flow:view"),
    ("POST", "/api/v2/flows", flows.create_flow, "flow:write"),
    ("POST", "/api/v2/flows/actions/publish", flows.publish, "flow:write"),
    ("GET", "/api/v2/flows/{flow_id}", flows.get_flow, "flow:view"),
    ("GET", "/api/v2/flows/{flow_id}/versions", flows.list_versions, "flow:view"),
    ("POST", "/api/v2/flows/{flow_id}/versions", flows.create_version, "flow:write"),
    ("GET", "/api/v2/flows/{flow_id}/versions/{version_id}", flows.get_version, "flow:view"),
    ("GET", WEBHOOKS, registrations.list_registrations, "webhook:write"),
    ("POST", WEBHOOKS, registrations.create_registration, "webhook:write"),
    ("GET", WEBHOOKS + "/{webhook_id}", registrations.get_registration, "webhook:write"),
    ("PUT", WEBHOOKS + "/{webhook_id}", registrations.update_registration, "webhook:write"),
    ("DELETE", WEBHOOKS + "/{webhook_id}", registrations.delete_registration, "webhook:write"),
)
"""Every call of the API, with the scope that it needs."""

CONTROL: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/sandbox", control.overview),
    ("GET", "/sandbox/faults", control.list_faults),
    ("POST", "/sandbox/faults", control.add_faults),
    ("DELETE", "/sandbox/faults", control.clear_faults),
    ("GET", "/sandbox/events", control.list_events),
    ("GET", "/sandbox/requests", control.list_requests),
    ("POST", "/sandbox/reset", control.reset),
)


def create_sandbox(settings: SandboxSettings | None = None, *, world: World | None = None) -> Starlette:
    """The application; what it holds is `app.state.sandbox`. Events are sent while its lifespan is entered."""
    sandbox = Sandbox(settings or SandboxSettings(), world or World())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with sandbox.outbox.running():
            yield

    app = Starlette(
        routes=[
            *(_route(method, path, _faulty(endpoint)) for method, path, endpoint in TOKENS),
            *(_route(method, path, _guarded(endpoint, scope)) for method, path, endpoint, scope in API),
            *(_route(method, path, endpoint) for method, path, endpoint in CONTROL),
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.add_middleware(Ledger, sandbox=sandbox)
    app.state.sandbox = sandbox
    return app


class Ledger:
    """Gives every request a correlation id, sends it back, and notes what the API was asked."""

    def __init__(self, app: ASGIApp, *, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation_id = self._sandbox.world.new_id()
        scope.setdefault("state", {})["correlation_id"] = correlation_id

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["ININ-Correlation-Id"] = correlation_id
                self._note(scope, message["status"])
            await send(message)

        await self._app(scope, receive, noting)

    def _note(self, scope: Scope, status: int) -> None:
        if not scope["path"].startswith("/sandbox"):
            self._sandbox.seen.append(Seen(method=scope["method"], path=scope["path"], status=status))


def _route(method: str, path: str, endpoint: Endpoint) -> Route:
    return Route(path, endpoint, methods=[method])


def _faulty(endpoint: Endpoint) -> Endpoint:
    async def serve(request: Request) -> Response:
        return await answered(request, endpoint, scope="", kinds=AS_THE_GATEWAY)

    return serve


def _guarded(endpoint: Endpoint, scope: str) -> Endpoint:
    async def known(request: Request) -> Response:
        request.state.client = sandbox_of(request).tokens.client_of(request.headers.get("authorization"))
        return await endpoint(request)

    async def serve(request: Request) -> Response:
        return await answered(request, known, scope=scope, kinds=ANSWERS)

    return serve


async def _api_error(request: Request, exc: ApiError) -> Response:
    return exc.response(request.state.correlation_id)


async def _oauth_error(_: Request, exc: OAuthError) -> Response:
    return exc.response()


async def _http_error(request: Request, exc: HTTPException) -> Response:
    code = {404: "not.found", 405: "method.not.allowed"}.get(exc.status_code, "bad.request")
    error = ApiError(exc.status_code, code, f"{request.method} {request.url.path}: {exc.detail}.", headers=exc.headers)
    return error.response(request.state.correlation_id)


# Starlette's types know only handlers of any exception.
HANDLERS: dict[Any, Any] = {ApiError: _api_error, OAuthError: _oauth_error, HTTPException: _http_error}
