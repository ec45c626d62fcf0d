"""The sandbox's own endpoints under /sandbox: look inside, misbehave, start afresh."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publisher.genesys.inventory import Kind
from publisher.sandbox import publishing
from publisher.sandbox.bodies import flow_body, id_of, operation_body
from publisher.sandbox.errors import ApiError
from publisher.sandbox.faults import Fault, fault_body, read_fault
from publisher.sandbox.records import ALEX, Actor
from publisher.sandbox.requests import read_json, read_object, sandbox_of
from publisher.sandbox.settings import Thing
from publisher.sandbox.traffic import METRICS, Passage
from publisher.sandbox.webhooks import sending_body


async def overview(request: Request) -> Response:
    """GET /sandbox: what is here."""
    sandbox = sandbox_of(request)
    flows = [{"id": flow.id, "name": flow.name, "publishedVersion": flow.published_id} for flow in sandbox.org.flows()]
    return JSONResponse(
        {
            "organizationId": sandbox.settings.organization_id,
            "flows": flows,
            "webhooks": len(sandbox.org.registrations()),
            "faults": _faults(request),
        }
    )


async def list_faults(request: Request) -> Response:
    """GET /sandbox/faults: every fault that is still to come."""
    return JSONResponse({"faults": _faults(request)})


async def add_faults(request: Request) -> Response:
    """POST /sandbox/faults: misbehave so from now on; takes one fault or a list of them."""
    for fault in _read(await read_json(request)):
        sandbox_of(request).faults.add(fault)
    return JSONResponse({"faults": _faults(request)}, status_code=201)


async def clear_faults(request: Request) -> Response:
    """DELETE /sandbox/faults: behave."""
    sandbox_of(request).faults.clear()
    return Response(status_code=204)


async def list_events(request: Request) -> Response:
    """GET /sandbox/events: what was sent to webhooks, and what became of it."""
    return JSONResponse({"events": [sending_body(sending) for sending in sandbox_of(request).outbox.log()]})


async def list_requests(request: Request) -> Response:
    """GET /sandbox/requests: what the API was asked, and what it answered."""
    return JSONResponse({"requests": [asdict(seen) for seen in sandbox_of(request).seen]})


async def lock_flow(request: Request) -> Response:
    """POST /sandbox/flows/{flow_id}/lock: somebody checks a flow out in Architect, and perhaps saves a draft."""
    data = await read_object(request, absent={})
    sandbox = sandbox_of(request)
    flow = sandbox.org.lock(
        sandbox.org.flow(request.path_params["flow_id"]).id, by=_person(data), draft=data.get("draft") is True
    )
    return JSONResponse(flow_body(flow), status_code=201)


async def publish_by_hand(request: Request) -> Response:
    """POST /sandbox/flows/{flow_id}/publish: somebody changes a flow in Architect, and publishes it."""
    data, sandbox = await read_object(request, absent={}), sandbox_of(request)
    operation = publishing.edit(sandbox, request.path_params["flow_id"], by=_person(data))
    flow = sandbox.org.flow(request.path_params["flow_id"])
    return JSONResponse(operation_body(operation) | {"flow": flow_body(flow)}, status_code=201)


async def add_traffic(request: Request) -> Response:
    """POST /sandbox/flows/{flow_id}/traffic: calls go through a flow now; takes how often each metric counts."""
    data, sandbox = await read_object(request), sandbox_of(request)
    flow = sandbox.org.flow(request.path_params["flow_id"])
    odd = [key for key, count in data.items() if key not in METRICS or type(count) is not int or count < 0]
    if odd:
        raise ApiError(400, "invalid.value", f"{', '.join(odd)}: give whole numbers for {', '.join(METRICS)}.")
    dimensions = {
        "flowId": flow.id,
        "flowName": flow.name,
        "flowType": flow.type,
        "flowVersion": flow.published_id or "",
    }
    sandbox.traffic.add(Passage(at=sandbox.world.clock(), dimensions=dimensions, counts=data))
    return Response(status_code=204)


async def add_thing(request: Request) -> Response:
    """POST /sandbox/things: the organization has one thing more that flows may name."""
    data = await read_object(request)
    try:
        kind = Kind(str(data.get("kind")))
    except ValueError as exc:
        raise ApiError(400, "invalid.value", f"kind is {data.get('kind')!r}; give one of {', '.join(Kind)}.") from exc
    if not isinstance(data.get("name"), str) or not data["name"]:
        raise ApiError(400, "invalid.value", "A thing needs a name.")
    category = data.get("category")
    thing = Thing(kind=kind, name=data["name"], category=category if isinstance(category, str) else None)
    sandbox_of(request).things.append(thing)
    return Response(status_code=204)


async def reset(request: Request) -> Response:
    """POST /sandbox/reset: be as at the start."""
    sandbox_of(request).reset()
    return Response(status_code=204)


def _person(data: Mapping[str, Any]) -> Actor:
    name = data.get("by")
    return Actor(id=id_of("user", name), name=name, is_user=True) if isinstance(name, str) and name else ALEX


def _faults(request: Request) -> list[dict[str, object]]:
    return [fault_body(fault, left) for fault, left in sandbox_of(request).faults.left()]


def _read(data: object) -> list[Fault]:
    try:
        return [read_fault(item) for item in (data if isinstance(data, list) else [data])]
    except ValueError as exc:
        raise ApiError(400, "invalid.value", f"{exc}") from exc
