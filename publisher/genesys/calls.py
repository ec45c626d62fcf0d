"""The calls to Genesys Cloud, each as a request to build and an answer to read; nothing is sent here."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from publisher.genesys.exchange import Needs, Request, Response
from publisher.genesys.exchange import quote as on_one_line
from publisher.genesys.fields import entities, identity, moment, named, part, segment, text, who
from publisher.genesys.model import (
    Flow,
    FlowVersion,
    Operation,
    Registration,
    RegistrationDraft,
    Validation,
    version_number,
)

VIEW = Needs(permissions=("architect:flow:view",), scope="flow:view")
EDIT = Needs(permissions=("architect:flow:edit",), scope="flow:write")
PUBLISH = Needs(permissions=("architect:flow:publish",), scope="flow:write")
UNLOCK = Needs(permissions=("architect:flow:unlock",), scope="flow:write")
WEBHOOKS = Needs(scope="webhook:write")

PAGE_SIZE = 100
WEBHOOKS_PATH = "/api/v2/platform/webhooks"


def get_flow(flow_id: str) -> Request:
    """Ask for a flow as it now is."""
    return Request(method="GET", path=_flow_path(flow_id), doing=f"read flow {named(flow_id)}", needs=VIEW)


def list_flows(
    name: str | None = None,
    *,
    page: int,
    types: Collection[str] = (),
    published_after: datetime | None = None,
) -> Request:
    """Ask for one page of the flows that fit; `*` in a name fits anything."""
    narrowing: dict[str, str | tuple[str, ...] | None] = {
        "name": name,
        "type": tuple(kind.lower() for kind in types),
        "publishedAfter": _written(published_after) if published_after else None,
    }
    query = {key: value for key, value in narrowing.items() if value}
    return Request(
        method="GET",
        path="/api/v2/flows",
        query=query | {"pageNumber": str(page), "pageSize": str(PAGE_SIZE)},
        doing=f"look for the flow named {named(name)}" if name else "list the flows",
        needs=VIEW,
    )


def create_version(flow_id: str, definition: Mapping[str, Any]) -> Request:
    """Push a definition as the next version of a flow."""
    return Request(
        method="POST",
        path=f"{_flow_path(flow_id)}/versions",
        json=dict(definition),
        doing=f"create a version of flow {named(flow_id)}",
        needs=EDIT,
        effect=True,
    )


def get_version(flow_id: str, version_id: str) -> Request:
    """Ask for a version, and how far its validation has come."""
    return Request(
        method="GET",
        path=f"{_flow_path(flow_id)}/versions/{segment(version_id)}",
        doing=f"read version {named(version_id)} of flow {named(flow_id)}",
        needs=VIEW,
    )


def list_versions(flow_id: str, *, page: int) -> Request:
    """Ask for one page of a flow's versions."""
    return Request(
        method="GET",
        path=f"{_flow_path(flow_id)}/versions",
        query={"pageNumber": str(page), "pageSize": str(PAGE_SIZE)},
        doing=f"list the versions of flow {named(flow_id)}",
        needs=VIEW,
    )


def get_configuration(flow_id: str, version_id: str) -> Request:
    """Ask for what a version was made of, in the host's own form."""
    return Request(
        method="GET",
        path=f"{_flow_path(flow_id)}/versions/{segment(version_id)}/configuration",
        doing=f"read what version {named(version_id)} of flow {named(flow_id)} is made of",
        needs=VIEW,
    )


def publish(flow_id: str, version_id: str) -> Request:
    """Ask for a version to go live."""
    return Request(
        method="POST",
        path="/api/v2/flows/actions/publish",
        query={"flow": flow_id, "version": version_id},
        doing=f"publish version {named(version_id)} of flow {named(flow_id)}",
        needs=PUBLISH,
        effect=True,
    )


def update_flow(flow_id: str, changes: Mapping[str, str]) -> Request:
    """Change what a flow is called, or what it says of itself; sent twice it does no more than once."""
    return Request(
        method="PUT",
        path=_flow_path(flow_id),
        json=dict(changes),
        doing=f"change {' and '.join(changes)} of flow {named(flow_id)}",
        needs=EDIT,
    )


def unlock(flow_id: str) -> Request:
    """Take the lock off a flow, whoever holds it. The platform keeps the holder's draft as a version."""
    return Request(
        method="POST",
        path="/api/v2/flows/actions/unlock",
        query={"flow": flow_id},
        doing=f"unlock flow {named(flow_id)}",
        needs=UNLOCK,
        effect=True,
    )


def list_registrations(*, page: int) -> Request:
    """Ask for one page of the registrations."""
    query = {"pageNumber": str(page), "pageSize": str(PAGE_SIZE)}
    return Request(
        method="GET", path=WEBHOOKS_PATH, query=query, doing="list the webhook registrations", needs=WEBHOOKS
    )


def create_registration(draft: RegistrationDraft) -> Request:
    """Register a webhook."""
    return Request(
        method="POST",
        path=WEBHOOKS_PATH,
        json=_registration_body(draft),
        doing=f"register the webhook {named(draft.name)}",
        needs=WEBHOOKS,
        effect=True,
        secrets=(draft.secret,),
    )


def update_registration(registration_id: str, draft: RegistrationDraft) -> Request:
    """Make a registration what it should be; sent twice it does no more than once."""
    return Request(
        method="PUT",
        path=f"{WEBHOOKS_PATH}/{segment(registration_id)}",
        json=_registration_body(draft),
        doing=f"update the webhook registration {named(registration_id)}",
        needs=WEBHOOKS,
        secrets=(draft.secret,),
    )


def delete_registration(registration_id: str) -> Request:
    """Remove a registration."""
    return Request(
        method="DELETE",
        path=f"{WEBHOOKS_PATH}/{segment(registration_id)}",
        doing=f"delete the webhook registration {named(registration_id)}",
        needs=WEBHOOKS,
    )


def read_flow(response: Response) -> Flow:
    """The flow in an answer."""
    return _flow(response.object(), response)


def read_flows(response: Response) -> list[Flow]:
    """The flows on one page of a list."""
    return [_flow(entity, response) for entity in entities(response)]


def read_version(response: Response) -> FlowVersion:
    """The version in an answer."""
    return _version(response.object(), response)


def read_versions(response: Response) -> list[FlowVersion]:
    """The versions on one page of a list."""
    return [_version(entity, response) for entity in entities(response)]


def read_definition(response: Response) -> Mapping[str, Any] | None:
    """The definition of nodes in an answer; None where it holds another form."""
    data = response.object()
    return data if isinstance(data.get("nodes"), list) else None


def read_operation(response: Response) -> Operation:
    """The operation in an answer."""
    return _operation(response.object())


def read_registration(response: Response, draft: RegistrationDraft) -> Registration:
    """The registration in an answer; some hosts say no more than that it was taken."""
    if response.body.strip():
        return _registration(response.object(), response)
    return Registration(
        id="",
        name=draft.name,
        description=draft.description,
        type=draft.type,
        endpoint_url=draft.endpoint_url,
        events=draft.events,
    )


def read_registrations(response: Response) -> list[Registration]:
    """The registrations on one page of a list, or in a bare array."""
    return [_registration(entity, response) for entity in entities(response)]


def is_last_page(response: Response, *, page: int) -> bool:
    """Whether no page follows this one."""
    data = response.data()
    if not isinstance(data, dict):
        return True
    count = data.get("pageCount")
    return not isinstance(count, int) or page >= count


def _flow_path(flow_id: str) -> str:
    return f"/api/v2/flows/{segment(flow_id)}"


def _registration_body(draft: RegistrationDraft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "description": draft.description,
        "type": draft.type,
        "endpointUrl": draft.endpoint_url,
        "events": list(draft.events),
        "secret": draft.secret,
    }


def _flow(data: Mapping[str, Any], response: Response) -> Flow:
    published, operation = part(data, "publishedVersion"), data.get("currentOperation")
    locked = part(data, "lockedUser") or part(data, "lockedClient")
    return Flow(
        id=identity(data, response),
        name=text(data, "name"),
        type=text(data, "type"),
        description=text(data, "description"),
        division=text(part(data, "division"), "name"),
        published_version_id=text(published, "id"),
        published_at=moment(published, "datePublished"),
        published_by=who(data, "publishedBy") or who(published, "createdBy", "createdByClient"),
        checked_in_version_id=text(part(data, "checkedInVersion"), "id"),
        draft_saved_at=moment(part(data, "savedVersion"), "dateSaved") if locked else None,
        locked_by=who(data, "lockedUser", "lockedClient"),
        locked_by_id=text(locked, "id"),
        operation=_operation(operation) if isinstance(operation, dict) else None,
    )


def _version(data: Mapping[str, Any], response: Response) -> FlowVersion:
    version_id = identity(data, response)
    return FlowVersion(
        id=version_id,
        number=_whole(data.get("versionNumber"), version_id),
        status=text(data, "status"),
        type=text(data, "type"),
        date_created=moment(data, "dateCreated"),
        date_published=moment(data, "datePublished"),
        created_by=who(data, "createdBy", "createdByClient"),
        validation=_validation(data.get("validation")),
    )


def _operation(data: Mapping[str, Any]) -> Operation:
    return Operation(
        id=text(data, "id"),
        action=text(data, "actionName"),
        status=text(data, "actionStatus"),
        is_complete=data.get("complete") is True,
        error_code=text(data, "errorCode"),
        error_message=text(data, "errorMessage"),
    )


def _validation(data: object) -> Validation | None:
    if not isinstance(data, dict):
        return None
    errors = data.get("errors")
    found = errors if isinstance(errors, list) else []
    return Validation(status=text(data, "status") or "", errors=tuple(_error(error) for error in found))


def _error(data: object) -> str:
    message = data.get("message") if isinstance(data, dict) else data
    return on_one_line(message if message is not None else data)


def _registration(data: Mapping[str, Any], response: Response) -> Registration:
    events = data.get("events")
    return Registration(
        id=identity(data, response),
        name=text(data, "name"),
        description=text(data, "description"),
        type=text(data, "type"),
        endpoint_url=text(data, "endpointUrl"),
        events=tuple(str(event) for event in events) if isinstance(events, list) else (),
        secret_digest=text(data, "secretDigest"),
    )


def _whole(value: object, version_id: str) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else version_number(version_id)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
