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

from publisher.genesys.inventory import SHELVES, Kind, holds
from publisher.sandbox import control, flows, inventory, jobs, locks, oauth, queries, registrations
from publisher.sandbox.errors import ApiError, OAuthError, StorageError
from publisher.sandbox.misbehaviour import ANSWERS, AS_THE_GATEWAY, Endpoint, answered, missing_permission
from publisher.sandbox.requests import sandbox_of
from publisher.sandbox.sandbox import Sandbox, Seen, World
from publisher.sandbox.settings import SandboxSettings

WEBHOOKS = "/api/v2/platform/webhooks"

TOKENS: tuple[tuple[str, str, Endpoint], ...] = (
    ("POST", "/oauth/token", oauth.basic_token),
    ("POST", "/api/v2/oauth/token", oauth.form_token),
)
STORAGE: tuple[tuple[str, str, Endpoint], ...] = (
    ("PUT", "/uploads/{job_id}", jobs.upload),
    ("GET", "/downloads/{job_id}", jobs.download),
)
FLOWS = "/api/v2/flows"
FLOW = "/api/v2/flows/{flow_id}"
ACTIONS = "/api/v2/flows/actions"
VIEW, EDIT, LIVE = "architect:flow:view", "architect:flow:edit", "architect:flow:publish"
HOOK = "platform:webhook:edit"

API: tuple[tuple[str, str, Endpoint, str, str], ...] = (
    ("GET", FLOWS, flows.list_flows, "flow:view", VIEW),
    ("POST", FLOWS, flows.create_flow, "flow:write", "architect:flow:add"),
    ("POST", f"{ACTIONS}/checkout", locks.check_out, "flow:write", EDIT),
    ("POST", f"{ACTIONS}/checkin", locks.check_in, "flow:write", EDIT),
    ("POST", f"{ACTIONS}/revert", locks.revert, "flow:write", EDIT),
    ("POST", f"{ACTIONS}/unlock", locks.unlock, "flow:write", "architect:flow:unlock"),
    ("POST", f"{ACTIONS}/publish", flows.publish, "flow:write", LIVE),
    ("POST", f"{ACTIONS}/deactivate", locks.deactivate, "flow:write", LIVE),
    ("POST", f"{FLOWS}/jobs", jobs.register_job, "flow:write", "architect:job:create"),
    ("GET", FLOWS + "/jobs/{job_id}", jobs.get_job, "flow:view", "architect:job:view"),
    ("POST", f"{FLOWS}/export/jobs", jobs.register_export, "flow:view", "architect:jobExport:create"),
    ("GET", FLOWS + "/export/jobs/{job_id}", jobs.get_export, "flow:view", "architect:jobExport:view"),
    *(
        ("GET", shelf.path, inventory.list_things, "flow:view", shelf.permission)
        for kind, shelf in SHELVES.items()
        if kind is not Kind.FLOW
    ),
    ("GET", FLOW, flows.get_flow, "flow:view", VIEW),
    ("PUT", FLOW, flows.update_flow, "flow:write", EDIT),
    ("DELETE", FLOW, flows.delete_flow, "flow:write", "architect:flow:delete"),
    ("GET", f"{FLOW}/versions", flows.list_versions, "flow:view", VIEW),
    ("POST", f"{FLOW}/versions", flows.create_version, "flow:write", EDIT),
    ("GET", FLOW + "/versions/{version_id}", flows.get_version, "flow:view", VIEW),
    ("GET", FLOW + "/versions/{version_id}/configuration", flows.get_configuration, "flow:view", VIEW),
    ("POST", f"{FLOW}/history", locks.begin_history, "flow:view", VIEW),
    ("GET", FLOW + "/history/{history_id}", locks.get_history, "flow:view", VIEW),
    ("GET", "/api/v2/organizations/me", inventory.get_organization, "", ""),
    ("GET", "/api/v2/authorization/subjects/me", inventory.get_grants, "", ""),
    ("GET", "/api/v2/audits/query/servicemapping", queries.get_service_mapping, "", "audits:audit:view"),
    ("POST", "/api/v2/audits/query", queries.start_audit_query, "", "audits:audit:view"),
    ("POST", "/api/v2/audits/query/realtime", queries.query_audits_now, "", "audits:audit:view"),
    ("GET", "/api/v2/audits/query/{query_id}", queries.get_audit_query, "", "audits:audit:view"),
    ("GET", "/api/v2/audits/query/{query_id}/results", queries.get_audit_results, "", "audits:audit:view"),
    (
        "POST",
        "/api/v2/analytics/flows/aggregates/query",
        queries.aggregate_flows,
        "analytics:read",
        "analytics:flowAggregate:view",
    ),
    ("GET", WEBHOOKS, registrations.list_registrations, "webhook:write", HOOK),
    ("POST", WEBHOOKS, registrations.create_registration, "webhook:write", HOOK),
    ("GET", WEBHOOKS + "/{webhook_id}", registrations.get_registration, "webhook:write", HOOK),
    ("PUT", WEBHOOKS + "/{webhook_id}", registrations.update_registration, "webhook:write", HOOK),
    ("DELETE", WEBHOOKS + "/{webhook_id}", registrations.delete_registration, "webhook:write", HOOK),
)
"""Every call of the API, with the scope and the permission that it needs."""

PERMISSIONS = frozenset(permission for *_, permission in API if permission)

CONTROL: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/sandbox", control.overview),
    ("GET", "/sandbox/faults", control.list_faults),
    ("POST", "/sandbox/faults", control.add_faults),
    ("DELETE", "/sandbox/faults", control.clear_faults),
    ("GET", "/sandbox/events", control.list_events),
    ("GET", "/sandbox/requests", control.list_requests),
    ("POST", "/sandbox/flows/{flow_id}/lock", control.lock_flow),
    ("POST", "/sandbox/flows/{flow_id}/publish", control.publish_by_hand),
    ("POST", "/sandbox/flows/{flow_id}/traffic", control.add_traffic),
    ("POST", "/sandbox/things", control.add_thing),
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
            *(_route(method, path, _faulty(endpoint)) for method, path, endpoint in STORAGE),
            *(_route(method, path, _guarded(endpoint, *rights)) for method, path, endpoint, *rights in API),
            *(_route(method, path, endpoint) for method, path, endpoint in CONTROL),
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.add_middleware(Ledger, sandbox=sandbox)
    app.state.sandbox = sandbox
    app.state.permissions = PERMISSIONS
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
                headers = MutableHeaders(scope=message)
                headers["ININ-Correlation-Id"] = correlation_id
                headers.update(scope["state"].get("told", {}))
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
        return await answered(request, endpoint, kinds=AS_THE_GATEWAY)

    return serve


def _guarded(endpoint: Endpoint, scope: str, permission: str) -> Endpoint:
    async def known(request: Request) -> Response:
        sandbox = sandbox_of(request)
        request.state.client = sandbox.tokens.client_of(request.headers.get("authorization"))
        request.state.told = sandbox.rates.count(request.state.client)
        if permission and holds(frozenset(sandbox.settings.denied), permission):
            raise missing_permission(permission, scope)
        return await endpoint(request)

    async def serve(request: Request) -> Response:
        return await answered(request, known, kinds=ANSWERS, rights=(scope, permission))

    return serve


async def _api_error(request: Request, exc: ApiError) -> Response:
    return exc.response(request.state.correlation_id)


async def _oauth_error(_: Request, exc: OAuthError) -> Response:
    return exc.response()


async def _storage_error(_: Request, exc: StorageError) -> Response:
    return exc.response()


async def _http_error(request: Request, exc: HTTPException) -> Response:
    code = {404: "not.found", 405: "method.not.allowed"}.get(exc.status_code, "bad.request")
    error = ApiError(exc.status_code, code, f"{request.method} {request.url.path}: {exc.detail}.", headers=exc.headers)
    return error.response(request.state.correlation_id)


# Starlette's types know only handlers of any exception.
HANDLERS: dict[Any, Any] = {
    ApiError: _api_error,
    OAuthError: _oauth_error,
    StorageError: _storage_error,
    HTTPException: _http_error,
}
