"""The query APIs: audits, which answer later or at once, and aggregates of the traffic through flows."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publisher.sandbox.bodies import audit_body, listing
from publisher.sandbox.envelopes import timestamp
from publisher.sandbox.errors import ApiError, not_found
from publisher.sandbox.intervals import read_duration, read_interval
from publisher.sandbox.requests import number, read_object, sandbox_of
from publisher.sandbox.traffic import DIMENSIONS, METRICS

SERVICE = "Architect"
ACTIONS = ("Create", "Checkin", "Checkout", "Deactivate", "Delete", "Publish", "Revert", "Save", "Update")
MOST_RESULTS = 500


async def start_audit_query(request: Request) -> Response:
    """POST /api/v2/audits/query: ask for audits; what is found is there at the second look."""
    query = await read_object(request)
    found = _audits(request, query)
    sandbox = sandbox_of(request)
    query_id = sandbox.world.new_id()
    told = {key: query.get(key) for key in ("interval", "serviceName", "filters", "sort")}
    body = {"id": query_id, "startDate": timestamp(sandbox.world.clock()), **told}
    sandbox.audit_queries[query_id] = (body, found)
    return JSONResponse(body | {"state": "Queued"}, status_code=202)


async def get_audit_query(request: Request) -> Response:
    """GET /api/v2/audits/query/{query_id}: how far a query has come."""
    body, _ = _query(request)
    return JSONResponse(body | {"state": "Succeeded"})


async def get_audit_results(request: Request) -> Response:
    """GET /api/v2/audits/query/{query_id}/results: a part of what was found; `cursor` says where it goes on."""
    body, found = _query(request)
    size = min(number(request, "pageSize", default=25), MOST_RESULTS)
    cursor = request.query_params.get("cursor", "0")
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 9):
        raise ApiError(400, "invalid.value", f"cursor is {cursor!r}; it must be one that an answer gave.")
    end = int(cursor) + size
    more = {"cursor": str(end)} if end < len(found) else {}
    return JSONResponse({"id": body["id"], "pageSize": size, "entities": found[int(cursor) : end]} | more)


async def query_audits_now(request: Request) -> Response:
    """POST /api/v2/audits/query/realtime: ask for audits and get a page of them at once."""
    query = await read_object(request)
    page, size = query.get("pageNumber", 1), query.get("pageSize", 25)
    if not all(isinstance(value, int) and 0 < value <= MOST_RESULTS for value in (page, size)):
        raise ApiError(400, "invalid.value", "pageNumber and pageSize must be whole numbers from 1 to 500.")
    found = _audits(request, query)
    return JSONResponse(listing(found, path=request.url.path, query={}, page=page, size=size))


async def get_service_mapping(_: Request) -> Response:
    """GET /api/v2/audits/query/servicemapping: what can be asked for."""
    entities = [{"name": "Flow", "actions": list(ACTIONS)}]
    return JSONResponse({"services": [{"name": SERVICE, "entities": entities}]})


async def aggregate_flows(request: Request) -> Response:
    """POST /api/v2/analytics/flows/aggregates/query: the sums of the traffic through flows."""
    query = await read_object(request)
    since, until = read_interval(query.get("interval"))
    metrics = _known(query.get("metrics") or list(METRICS), METRICS, key="metrics")
    group_by = _known(query.get("groupBy") or [], DIMENSIONS, key="groupBy")
    step = read_duration(query["granularity"]) if query.get("granularity") else None
    sums = sandbox_of(request).traffic.sums(
        since=since, until=until, step=step, group_by=group_by, metrics=metrics, wanted=_wanted(query.get("filter"))
    )
    return JSONResponse({"results": sums})


def _query(request: Request) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    query_id = request.path_params["query_id"]
    queries = sandbox_of(request).audit_queries
    if query_id not in queries:
        raise not_found(f"Audit query {query_id!r}")
    return queries[query_id]


def _audits(request: Request, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    sandbox = sandbox_of(request)
    since, until = read_interval(query.get("interval"))
    wanted = {str(one.get("property")): str(one.get("value")) for one in _objects(query.get("filters"))}
    orders = {str(one.get("sortOrder")).lower() for one in _objects(query.get("sort"))}
    found = [
        audit_body(deed, organization_id=sandbox.settings.organization_id)
        for deed in sandbox.org.deeds()
        if since <= deed.at < until and query.get("serviceName", SERVICE) == SERVICE
    ]
    fitting = [body for body in found if all(_audited(body, key) == value for key, value in wanted.items())]
    return fitting[::-1] if "descending" in orders else fitting


def _audited(body: Mapping[str, Any], key: str) -> object:
    match key:
        case "Action":
            return body["action"]
        case "EntityType":
            return body["entityType"]
        case "EntityId":
            return body["entity"]["id"]
        case "ClientId":
            return body.get("client", {}).get("id")
        case "UserId":
            return body.get("user", {}).get("id")
        case _:
            raise ApiError(400, "invalid.value", f"Audits cannot be filtered by {key!r}.")


def _wanted(data: object) -> dict[str, set[str]]:
    """What a filter of the analytics asks for: each dimension, and the values that it may have."""
    if not isinstance(data, dict):
        return {}
    predicates = [*_objects(data.get("predicates"))]
    for clause in _objects(data.get("clauses")):
        predicates += _objects(clause.get("predicates"))
    wanted: dict[str, set[str]] = {}
    for predicate in predicates:
        wanted.setdefault(str(predicate.get("dimension")), set()).add(str(predicate.get("value")))
    return wanted


def _known(values: object, allowed: tuple[str, ...], *, key: str) -> list[str]:
    names = [str(value) for value in values] if isinstance(values, list) else []
    odd = [name for name in names if name not in allowed]
    if odd or not isinstance(values, list):
        raise ApiError(400, "invalid.value", f"{key} holds {odd or values!r}; the sandbox knows {', '.join(allowed)}.")
    return names


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
