"""The sandbox's own endpoints under /sandbox: look inside, misbehave, start afresh."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publisher.sandbox.errors import ApiError
from publisher.sandbox.faults import Fault, fault_body, read_fault
from publisher.sandbox.requests import read_json, sandbox_of
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


async def reset(request: Request) -> Response:
    """POST /sandbox/reset: be as at the start."""
    sandbox_of(request).reset()
    return Response(status_code=204)


def _faults(request: Request) -> list[dict[str, object]]:
    return [fault_body(fault, left) for fault, left in sandbox_of(request).faults.left()]


def _read(data: object) -> list[Fault]:
    try:
        return [read_fault(item) for item in (data if isinstance(data, list) else [data])]
    except ValueError as exc:
        raise ApiError(400, "invalid.value", f"{exc}") from exc
