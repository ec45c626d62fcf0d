"""The flows API: flows, their versions, and the publish action."""

from fnmatch import fnmatchcase

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publisher.sandbox.bodies import flow_body, listing, operation_body, version_body
from publisher.sandbox.definitions import refusals
from publisher.sandbox.errors import ApiError
from publisher.sandbox.faults import FaultKind
from publisher.sandbox.org import OrgFlow
from publisher.sandbox.requests import client_of, read_object, read_page, sandbox_of


async def list_flows(request: Request) -> Response:
    """GET /api/v2/flows: one page of the flows that fit name, type and id."""
    page, size = read_page(request)
    found = [_body(request, flow) for flow in sandbox_of(request).org.flows() if _fits(request, flow)]
    return JSONResponse(listing(found, path=request.url.path, query=_narrowing(request), page=page, size=size))


async def create_flow(request: Request) -> Response:
    """POST /api/v2/flows: a new flow without a version."""
    data = await read_object(request)
    name, kind = data.get("name"), data.get("type", "INBOUNDCALL")
    if not isinstance(name, str) or not name or not isinstance(kind, str):
        raise ApiError(400, "invalid.value", "A flow needs a name and a type.")
    flow = sandbox_of(request).org.add_flow(name=name, type=kind.upper(), description=str(data.get("description", "")))
    return JSONResponse(_body(request, flow))


async def get_flow(request: Request) -> Response:
    """GET /api/v2/flows/{flow_id}: a flow as it now is."""
    return JSONResponse(_body(request, sandbox_of(request).org.flow(request.path_params["flow_id"])))


async def list_versions(request: Request) -> Response:
    """GET /api/v2/flows/{flow_id}/versions: one page of a flow's versions, the newest first."""
    page, size = read_page(request)
    flow = sandbox_of(request).org.flow(request.path_params["flow_id"])
    newest_first = sorted(flow.versions.values(), key=lambda version: -version.number)
    bodies = [version_body(flow, version) for version in newest_first]
    return JSONResponse(listing(bodies, path=request.url.path, query={}, page=page, size=size))


async def create_version(request: Request) -> Response:
    """POST /api/v2/flows/{flow_id}/versions: take a definition and begin to compile it."""
    sandbox, flow_id = sandbox_of(request), request.path_params["flow_id"]
    definition = await read_object(request)
    sandbox.org.flow(flow_id)
    found = refusals(definition, node_types=sandbox.settings.node_types)
    if found:
        raise ApiError(422, "unprocessable.entity", "The definition violates the schema of flows.", errors=found)
    version = sandbox.create_version(flow_id, definition, by=client_of(request))
    body = version_body(sandbox.org.flow(flow_id), version)
    return JSONResponse(body, status_code=201, headers={"Location": body["selfUri"]})


async def get_version(request: Request) -> Response:
    """GET /api/v2/flows/{flow_id}/versions/{version_id}: a version, and how far its compilation has come."""
    org, flow_id = sandbox_of(request).org, request.path_params["flow_id"]
    version = org.look_at_version(flow_id, request.path_params["version_id"])
    return JSONResponse(version_body(org.flow(flow_id), version))


async def publish(request: Request) -> Response:
    """POST /api/v2/flows/actions/publish: begin to bring a version live; the latest where none is named."""
    flow_id = request.query_params.get("flow")
    if not flow_id:
        raise ApiError(400, "invalid.value", "The query parameter 'flow' is missing.")
    version_id = request.query_params.get("version") or None
    return JSONResponse(operation_body(sandbox_of(request).publish(flow_id, version_id, by=client_of(request))))


def _body(request: Request, flow: OrgFlow) -> dict[str, object]:
    return flow_body(flow, is_locked=sandbox_of(request).faults.has(FaultKind.LOCKED))


def _fits(request: Request, flow: OrgFlow) -> bool:
    query = request.query_params
    name, kinds, ids = query.get("name"), query.getlist("type"), query.getlist("id")
    is_named = name is None or fnmatchcase(flow.name.lower(), name.lower().replace("[", "[[]"))
    has_type = not kinds or flow.type in {kind.upper() for given in kinds for kind in given.split(",")}
    return is_named and has_type and (not ids or flow.id in {one for given in ids for one in given.split(",")})


def _narrowing(request: Request) -> dict[str, str]:
    return {key: value for key, value in request.query_params.items() if key not in {"pageNumber", "pageSize"}}
