"""The organization itself, the client's roles, and the things that flows name."""

from collections import defaultdict
from fnmatch import fnmatchcase

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from publisher.genesys.inventory import SHELVES, Kind
from publisher.sandbox.bodies import id_of, listing
from publisher.sandbox.requests import client_of, narrowing, read_page, sandbox_of

SHELF_PATHS = {shelf.path: kind for kind, shelf in SHELVES.items() if kind is not Kind.FLOW}


async def get_organization(request: Request) -> Response:
    """GET /api/v2/organizations/me: the organization."""
    settings = sandbox_of(request).settings
    return JSONResponse(
        {
            "id": settings.organization_id,
            "name": settings.organization_name,
            "defaultLanguage": "en-US",
            "state": "active",
            "selfUri": f"/api/v2/organizations/{settings.organization_id}",
        }
    )


async def get_grants(request: Request) -> Response:
    """GET /api/v2/authorization/subjects/me: the roles of the client that asks."""
    client = client_of(request)
    division = {"id": id_of("division", "Home"), "name": "Home"}
    role = {"id": id_of("role", "flow-relay"), "name": "flow-relay", "policies": _policies(request)}
    grants = [{"subjectId": client.id, "division": division, "role": role}]
    return JSONResponse({"id": client.id, "name": client.name, "grants": grants, "version": 1})


async def list_things(request: Request) -> Response:
    """GET of a list of things, such as /api/v2/routing/queues: one page of those that fit the name."""
    kind = SHELF_PATHS[request.url.path]
    page, size = read_page(request)
    pattern = request.query_params.get("name", "*").lower().replace("[", "[[]")
    found = [
        {"id": id_of(kind.value, thing.name), "name": thing.name, "selfUri": f"{request.url.path}/{thing.name}"}
        | ({"category": thing.category} if thing.category else {})
        for thing in sandbox_of(request).things
        if thing.kind is kind and fnmatchcase(thing.name.lower(), pattern)
    ]
    return JSONResponse(listing(found, path=request.url.path, query=narrowing(request), page=page, size=size))


def _policies(request: Request) -> list[dict[str, object]]:
    settings = sandbox_of(request).settings
    actions: dict[tuple[str, str], list[str]] = defaultdict(list)
    for permission in sorted(request.app.state.permissions - set(settings.denied)):
        domain, entity, action = permission.split(":")
        actions[domain, entity].append(action)
    return [
        {"domain": domain, "entityName": entity, "actions": allowed} for (domain, entity), allowed in actions.items()
    ]
