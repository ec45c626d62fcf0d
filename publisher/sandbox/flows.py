"""The flows API: flows, their versions, and the publish action."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publisher.sandbox import publishing
from publisher.sandbox.bodies import flow_body, id_of, listing, operation_body, version_body
from publisher.sandbox.definitions import refusals
from publisher.sandbox.errors import ApiError
from publisher.sandbox.faults import FaultKind
from publisher.sandbox.intervals import read_moment
from publisher.sandbox.locks import flow_id_of
from publisher.sandbox.records import OrgFlow
from publisher.sandbox.requests import client_of, narrowing, read_object, read_page, sandbox_of


async def list_flows(request: Request) -> Response:
    """GET /api/v2/flows: one page of the flows that fit what is asked."""
    page, size = read_page(request)
    org = sandbox_of(request).org
    flows = org.all_flows() if request.query_params.get("deleted") == "true" else org.flows()
    fitting = _sorted(request, [flow for flow in flows if _fits(request, flow)])
    found = [_body(request, flow) for flow in fitting]
    return JSONResponse(listing(found, path=request.url.path, query=narrowing(request), page=page, size=size))


async def create_flow(request: Request) -> Response:
    """POST /api/v2/flows: a new flow without a version."""
    data = await read_object(request)
    name, kind = data.get("name"), data.get("type", "INBOUNDCALL")
    if not isinstance(name, str) or not name or not isinstance(kind, str):
        raise ApiError(400, "invalid.value", "A flow needs a name and a type.")
    flow = sandbox_of(request).org.add_flow(
        name=name, type=kind.upper(), description=str(data.get("description", "")), by=client_of(request)
    )
    return JSONResponse(_body(request, flow))


async def get_flow(request: Request) -> Response:
    """GET /api/v2/flows/{flow_id}: a flow as it now is."""
    sandbox, flow_id = sandbox_of(request), request.path_params["flow_id"]
    sandbox.check_seen(flow_id)
    return JSONResponse(_body(request, sandbox.org.flow(flow_id)))


async def update_flow(request: Request) -> Response:
    """PUT /api/v2/flows/{flow_id}: another name or description."""
    data, sandbox = await read_object(request), sandbox_of(request)
    flow = publishing.free_flow(sandbox, request.path_params["flow_id"], by=client_of(request))
    told = {key: data[key] for key in ("name", "description") if isinstance(data.get(key), str)}
    sandbox.org.check_name(told.get("name", flow.name), flow.type, of=flow)
    return JSONResponse(_body(request, sandbox.org.keep(replace(flow, **told))))


async def delete_flow(request: Request) -> Response:
    """DELETE /api/v2/flows/{flow_id}: remove a flow."""
    publishing.delete(sandbox_of(request), request.path_params["flow_id"], by=client_of(request))
    return Response(status_code=204)


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
    version = publishing.create_version(sandbox, flow_id, definition, by=client_of(request))
    body = version_body(sandbox.org.flow(flow_id), version)
    return JSONResponse(body, status_code=201, headers={"Location": body["selfUri"]})


async def get_version(request: Request) -> Response:
    """GET /api/v2/flows/{flow_id}/versions/{version_id}: a version, and how far its compilation has come."""
    org, flow_id = sandbox_of(request).org, request.path_params["flow_id"]
    version = org.look_at_version(flow_id, request.path_params["version_id"])
    return JSONResponse(version_body(org.flow(flow_id), version))


async def get_configuration(request: Request) -> Response:
    """GET /api/v2/flows/{flow_id}/versions/{version_id}/configuration: what a version was made of.

    For an Archy file that is, as on the platform, nothing that anybody else could read.
    """
    version = sandbox_of(request).org.version(request.path_params["flow_id"], request.path_params["version_id"])
    return JSONResponse({"configuration": "compiled"} if version.source is not None else dict(version.definition))


async def publish(request: Request) -> Response:
    """POST /api/v2/flows/actions/publish: begin to bring a version live; the latest where none is named."""
    version_id = request.query_params.get("version") or None
    operation = publishing.publish(sandbox_of(request), flow_id_of(request), version_id, by=client_of(request))
    return JSONResponse(operation_body(operation))


def _body(request: Request, flow: OrgFlow) -> dict[str, object]:
    return flow_body(flow, is_locked=sandbox_of(request).faults.has(FaultKind.LOCKED))


def _sorted(request: Request, flows: list[OrgFlow]) -> list[OrgFlow]:
    keys: Mapping[str, Callable[[OrgFlow], str]] = {
        "id": lambda flow: flow.id,
        "name": lambda flow: flow.name.casefold(),
        "type": lambda flow: flow.type,
    }
    by = request.query_params.get("sortBy", "")
    descending = request.query_params.get("sortOrder", "").lower().startswith("desc")
    return sorted(flows, key=keys[by], reverse=descending) if by in keys else flows


def _fits(request: Request, flow: OrgFlow) -> bool:
    kinds, ids, divisions = _given(request, "type"), _given(request, "id"), _given(request, "divisionId")
    return (
        (not kinds or flow.type in {kind.upper() for kind in kinds})
        and (not ids or flow.id in ids)
        and (not divisions or id_of("division", flow.division) in divisions)
        and _is_named(request, flow)
        and _was_published(request, flow)
        and _is_locked(request, flow)
    )


def _is_named(request: Request, flow: OrgFlow) -> bool:
    query = request.query_params
    return (
        _matches(query.get("name"), flow.name)
        and _matches(query.get("description"), flow.description)
        and any(_matches(query.get("nameOrDescription"), text) for text in (flow.name, flow.description))
    )


def _was_published(request: Request, flow: OrgFlow) -> bool:
    query = request.query_params
    after, before = query.get("publishedAfter"), query.get("publishedBefore")
    at = flow.published.published_at if flow.published else None
    wanted_id = query.get("publishVersionId")
    return (
        (not after or (at is not None and at > read_moment(after)))
        and (not before or (at is not None and at < read_moment(before)))
        and (not wanted_id or flow.published_id == wanted_id)
    )


def _is_locked(request: Request, flow: OrgFlow) -> bool:
    user_id, client_id = request.query_params.get("lockedBy"), request.query_params.get("lockedByClientId")
    holder = flow.lock.by if flow.lock else None
    return (not user_id or (holder is not None and holder.is_user and holder.id == user_id)) and (
        not client_id or (holder is not None and not holder.is_user and holder.id == client_id)
    )


def _given(request: Request, name: str) -> set[str]:
    return {one for given in request.query_params.getlist(name) for one in given.split(",")}


def _matches(pattern: str | None, text: str) -> bool:
    return pattern is None or fnmatchcase(text.lower(), pattern.lower().replace("[", "[[]"))
