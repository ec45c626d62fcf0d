"""The locks API: checkout, checkin, revert, unlock and deactivate; and a flow's history."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publisher.sandbox import publishing
from publisher.sandbox.bodies import flow_body, history_body, operation_body
from publisher.sandbox.envelopes import timestamp
from publisher.sandbox.errors import ApiError, not_found
from publisher.sandbox.records import OrgFlow, OrgOperation
from publisher.sandbox.requests import client_of, read_page, sandbox_of


async def check_out(request: Request) -> Response:
    """POST /api/v2/flows/actions/checkout: take the lock; 409 where somebody else has it."""
    return _flow(publishing.check_out(sandbox_of(request), flow_id_of(request), by=client_of(request)))


async def check_in(request: Request) -> Response:
    """POST /api/v2/flows/actions/checkin: give the lock back, and make the draft a version."""
    operation = publishing.check_in(sandbox_of(request), flow_id_of(request), by=client_of(request))
    return JSONResponse(operation_body(operation))


async def revert(request: Request) -> Response:
    """POST /api/v2/flows/actions/revert: give the lock back, and throw the draft away."""
    return _flow(publishing.revert(sandbox_of(request), flow_id_of(request), by=client_of(request)))


async def unlock(request: Request) -> Response:
    """POST /api/v2/flows/actions/unlock: take the lock from whoever has it; the draft is kept as a version."""
    return _flow(publishing.unlock(sandbox_of(request), flow_id_of(request), by=client_of(request)))


async def deactivate(request: Request) -> Response:
    """POST /api/v2/flows/actions/deactivate: take the live version off."""
    return _flow(publishing.deactivate(sandbox_of(request), flow_id_of(request), by=client_of(request)))


async def begin_history(request: Request) -> Response:
    """POST /api/v2/flows/{flow_id}/history: gather a flow's history."""
    sandbox = sandbox_of(request)
    flow = sandbox.org.flow(request.path_params["flow_id"])
    history_id = sandbox.world.new_id()
    sandbox.histories[history_id] = (flow.id, sandbox.world.clock())
    operation = OrgOperation(id=history_id, version_id="", by=client_of(request), action="HISTORY")
    return JSONResponse(operation_body(operation))


async def get_history(request: Request) -> Response:
    """GET /api/v2/flows/{flow_id}/history/{history_id}: one page of what was done with a flow."""
    sandbox, history_id = sandbox_of(request), request.path_params["history_id"]
    flow_id, gathered_at = sandbox.histories.get(history_id, ("", None))
    if flow_id != request.path_params["flow_id"] or gathered_at is None:
        raise not_found(f"History {history_id!r}")
    page, size = read_page(request)
    wanted = {one.upper() for given in request.query_params.getlist("action") for one in given.split(",")}
    deeds = [one for one in sandbox.org.deeds() if one.flow_id == flow_id and (not wanted or one.action in wanted)]
    latest_first = request.query_params.get("sortOrder", "desc").lower().startswith("desc")
    ordered = deeds[::-1] if latest_first else deeds
    return JSONResponse(
        {
            "id": history_id,
            "complete": True,
            "actionName": "HISTORY",
            "actionStatus": "SUCCESS",
            "started": timestamp(gathered_at),
            "completed": timestamp(gathered_at),
            "entities": [history_body(deed) for deed in ordered[(page - 1) * size : page * size]],
            "pageSize": size,
            "pageNumber": page,
            "total": len(ordered),
            "pageCount": max(1, -(-len(ordered) // size)),
        }
    )


def flow_id_of(request: Request) -> str:
    """The flow that an action is about."""
    flow_id = request.query_params.get("flow")
    if not flow_id:
        raise ApiError(400, "invalid.value", "The query parameter 'flow' is missing.")
    return flow_id


def _flow(flow: OrgFlow) -> Response:
    return JSONResponse(flow_body(flow))
