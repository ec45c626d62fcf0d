"""What else an organization has: itself, things by name, who holds a lock, and what the client may do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from publisher.genesys.calls import PAGE_SIZE
from publisher.genesys.exchange import Needs, Request, Response
from publisher.genesys.fields import entities, identity, moment, named, part, parts, segment, text
from publisher.genesys.model import Found, Organization

NIL = "00000000-0000-0000-0000-000000000000"
"""An id that nothing has: asking for it shows only whether one may ask."""


class Kind(StrEnum):
    """What a flow may name, and the organization may lack."""

    QUEUE = "queue"
    PROMPT = "prompt"
    DATA_ACTION = "data_action"
    DATA_TABLE = "data_table"
    SCHEDULE = "schedule"
    SCHEDULE_GROUP = "schedule_group"
    EMERGENCY_GROUP = "emergency_group"
    FLOW = "flow"
    SKILL = "skill"
    LANGUAGE = "language"
    WRAPUP_CODE = "wrapup_code"
    DIVISION = "division"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """Where the things of a kind are listed, what it takes to see them, and what parts those of one name."""

    path: str
    permission: str
    category: str = ""


SHELVES: Mapping[Kind, Shelf] = {
    Kind.QUEUE: Shelf(path="/api/v2/routing/queues", permission="routing:queue:view"),
    Kind.PROMPT: Shelf(path="/api/v2/architect/prompts", permission="architect:userPrompt:view"),
    Kind.DATA_ACTION: Shelf(
        path="/api/v2/integrations/actions", permission="integrations:action:view", category="category"
    ),
    Kind.DATA_TABLE: Shelf(path="/api/v2/flows/datatables", permission="architect:datatable:view"),
    Kind.SCHEDULE: Shelf(path="/api/v2/architect/schedules", permission="routing:schedule:view"),
    Kind.SCHEDULE_GROUP: Shelf(path="/api/v2/architect/schedulegroups", permission="routing:scheduleGroup:view"),
    Kind.EMERGENCY_GROUP: Shelf(path="/api/v2/architect/emergencygroups", permission="routing:emergencyGroup:view"),
    Kind.FLOW: Shelf(path="/api/v2/flows", permission="architect:flow:view", category="type"),
    Kind.SKILL: Shelf(path="/api/v2/routing/skills", permission="routing:skill:view"),
    Kind.LANGUAGE: Shelf(path="/api/v2/routing/languages", permission="routing:language:view"),
    Kind.WRAPUP_CODE: Shelf(path="/api/v2/routing/wrapupcodes", permission="routing:wrapupCode:view"),
    Kind.DIVISION: Shelf(path="/api/v2/authorization/divisions", permission="authorization:division:view"),
}

PROBES: Mapping[str, str] = {
    "architect:job:view": f"/api/v2/flows/jobs/{NIL}",
    "architect:jobExport:view": f"/api/v2/flows/export/jobs/{NIL}",
    "audits:audit:view": "/api/v2/audits/query/servicemapping",
    **{shelf.permission: shelf.path for shelf in SHELVES.values()},
}
"""For each permission that can be tried without doing anything, what to ask for."""


def get_organization() -> Request:
    """Ask which organization this is."""
    return Request(method="GET", path="/api/v2/organizations/me", doing="read the organization")


def get_grants() -> Request:
    """Ask for the roles of the client that asks."""
    return Request(method="GET", path="/api/v2/authorization/subjects/me", doing="read the client's roles")


def probe(permission: str) -> Request:
    """Ask for something harmless that takes this permission."""
    if permission not in PROBES:
        raise ValueError(f"{permission!r} cannot be tried without an effect")
    is_list = PROBES[permission] in {shelf.path for shelf in SHELVES.values()}
    return Request(
        method="GET",
        path=PROBES[permission],
        query={"pageSize": "1"} if is_list else {},
        doing=f"try the permission {permission}",
        needs=Needs(permissions=(permission,)),
    )


def list_named(kind: Kind, name: str, *, page: int) -> Request:
    """Ask for one page of the things of a kind whose name fits."""
    shelf = SHELVES[kind]
    return Request(
        method="GET",
        path=shelf.path,
        query={"name": name, "pageNumber": str(page), "pageSize": str(PAGE_SIZE)},
        doing=f"look for the {kind.value.replace('_', ' ')} {named(name)}",
        needs=Needs(permissions=(shelf.permission,), scope="flow:view"),
    )


def list_all(kind: Kind, *, page: int) -> Request:
    """Ask for one page of all things of a kind."""
    shelf = SHELVES[kind]
    return Request(
        method="GET",
        path=shelf.path,
        query={"pageNumber": str(page), "pageSize": str(PAGE_SIZE)},
        doing=f"list every {kind.value.replace('_', ' ')}",
        needs=Needs(permissions=(shelf.permission,), scope="flow:view"),
    )


def begin_history(flow_id: str) -> Request:
    """Ask for a flow's history to be gathered; that changes nothing."""
    return Request(
        method="POST",
        path=f"/api/v2/flows/{segment(flow_id)}/history",
        doing=f"gather the history of flow {named(flow_id)}",
        needs=Needs(permissions=("architect:flow:view",), scope="flow:view"),
    )


def get_checkouts(flow_id: str, history_id: str) -> Request:
    """Ask a gathered history who checked the flow out, the latest first."""
    return Request(
        method="GET",
        path=f"/api/v2/flows/{segment(flow_id)}/history/{segment(history_id)}",
        query={"action": "checkout", "sortBy": "timestamp", "sortOrder": "desc", "pageSize": "25"},
        doing=f"read the history of flow {named(flow_id)}",
        needs=Needs(permissions=("architect:flow:view",), scope="flow:view"),
    )


def read_organization(response: Response) -> Organization:
    """The organization in an answer."""
    data = response.object()
    return Organization(id=identity(data, response), name=text(data, "name"))


def read_found(kind: Kind, response: Response) -> list[Found]:
    """The things on one page of a list."""
    category = SHELVES[kind].category
    return [
        Found(
            id=identity(entity, response),
            name=text(entity, "name") or "",
            category=text(entity, category) if category else None,
        )
        for entity in entities(response)
    ]


def read_permissions(response: Response) -> frozenset[str]:
    """Every permission that the client's roles hold, as `domain:entity:action`; any part may be `*`."""
    return frozenset(_permissions(response))


def read_checkout(response: Response, *, holder_id: str | None) -> datetime | None:
    """When whoever holds the lock last checked the flow out."""
    times = [
        moment(entry, "timestamp")
        for entry in entities(response)
        if (text(entry, "action") or "").upper() == "CHECKOUT" and holder_id in {None, *_actors(entry)}
    ]
    return max((at for at in times if at), default=None)


def holds(permissions: frozenset[str], wanted: str) -> bool:
    """Whether a permission is among these, `*` standing for anything."""
    parts_wanted = wanted.split(":")
    return any(
        all(have in {"*", want} for have, want in zip(held.split(":"), parts_wanted, strict=False))
        for held in permissions
    )


def _actors(entry: Mapping[str, object]) -> set[str | None]:
    return {text(part(entry, "user"), "id"), text(part(entry, "client"), "id")}


def _permissions(response: Response) -> Iterator[str]:
    for grant in parts(response.object(), "grants"):
        for policy in parts(part(grant, "role"), "policies"):
            actions = policy.get("actions")
            for action in actions if isinstance(actions, list) else []:
                yield f"{text(policy, 'domain') or '*'}:{text(policy, 'entityName') or '*'}:{action}"
