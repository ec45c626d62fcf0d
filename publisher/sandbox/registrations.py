"""The webhook API: registrations, made, listed, changed and removed."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publisher.sandbox.bodies import listing, registration_body
from publisher.sandbox.errors import ApiError, not_found
from publisher.sandbox.records import OrgRegistration
from publisher.sandbox.requests import read_object, read_page, sandbox_of
from publisher.sandbox.settings import WebhookApi


async def list_registrations(request: Request) -> Response:
    """GET /api/v2/platform/webhooks: one page of the registrations."""
    _needs(request, WebhookApi.FULL)
    page, size = read_page(request)
    bodies = [registration_body(registration) for registration in sandbox_of(request).org.registrations()]
    return JSONResponse(listing(bodies, path=request.url.path, query={}, page=page, size=size))


async def create_registration(request: Request) -> Response:
    """POST /api/v2/platform/webhooks: a new registration, even where one of that name exists."""
    _needs(request, WebhookApi.FULL, WebhookApi.CREATE_ONLY)
    sandbox = sandbox_of(request)
    registration = await _read(request, registration_id=sandbox.world.new_id())
    return JSONResponse(registration_body(sandbox.org.keep_registration(registration)), status_code=201)


async def get_registration(request: Request) -> Response:
    """GET /api/v2/platform/webhooks/{webhook_id}: one registration."""
    _needs(request, WebhookApi.FULL)
    registration = sandbox_of(request).org.registration(request.path_params["webhook_id"])
    return JSONResponse(registration_body(registration))


async def update_registration(request: Request) -> Response:
    """PUT /api/v2/platform/webhooks/{webhook_id}: make a registration what it should be."""
    _needs(request, WebhookApi.FULL)
    org, webhook_id = sandbox_of(request).org, request.path_params["webhook_id"]
    org.registration(webhook_id)
    return JSONResponse(registration_body(org.keep_registration(await _read(request, registration_id=webhook_id))))


async def delete_registration(request: Request) -> Response:
    """DELETE /api/v2/platform/webhooks/{webhook_id}: remove a registration."""
    _needs(request, WebhookApi.FULL)
    sandbox_of(request).org.drop_registration(request.path_params["webhook_id"])
    return Response(status_code=204)


def _needs(request: Request, *wanted: WebhookApi) -> None:
    has = sandbox_of(request).settings.webhook_api
    if has in wanted:
        return
    if has is WebhookApi.NONE:
        raise not_found(f"The path {request.url.path!r}")
    raise ApiError(405, "method.not.allowed", f"{request.method} is not allowed here.")


async def _read(request: Request, *, registration_id: str) -> OrgRegistration:
    data = await read_object(request)
    texts = {key: data.get(key) for key in ("name", "description", "type", "endpointUrl", "secret")}
    missing = [
        key for key, value in texts.items() if not isinstance(value, str) or (not value and key != "description")
    ]
    events = data.get("events")
    if missing or not isinstance(events, list) or not all(isinstance(event, str) for event in events):
        raise ApiError(400, "invalid.value", f"A webhook needs {', '.join(missing) or 'a list of events'}.")
    if not _is_web_url(str(texts["endpointUrl"])):
        raise ApiError(400, "invalid.value", "endpointUrl must be a whole http or https URL.")
    return OrgRegistration(
        id=registration_id,
        name=str(texts["name"]),
        description=str(texts["description"]),
        type=str(texts["type"]),
        endpoint_url=str(texts["endpointUrl"]),
        events=tuple(events),
        secret=str(texts["secret"]),
    )


def _is_web_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
