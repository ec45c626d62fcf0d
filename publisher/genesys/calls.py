"""The calls to Genesys Cloud, each as a request to build and an answer to read; nothing is sent here."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote as percent_encode

from publisher.genesys.exchange import Needs, Request, Response
from publisher.genesys.exchange import quote as on_one_line
from publisher.genesys.model import Flow, FlowVersion, Operation, Registration, RegistrationDraft, Validation

VIEW = Needs(permissions=("architect:flow:view",), scope="flow:view")
EDIT = Needs(permissions=("architect:flow:edit",), scope="flow:write")
PUBLISH = Needs(permissions=("architect:flow:publish",), scope="flow:write")
WEBHOOKS = Needs(scope="webhook:write")

PAGE_SIZE = 100
WEBHOOKS_PATH = "/api/v2/platform/webhooks"


def get_flow(flow_id: str) -> Request:
    """Ask for a flow as it now is."""
    return Request(method="GET", path=_flow_path(flow_id), doing=f"read flow {_name(flow_id)}", needs=VIEW)


def list_flows(name: str, *, page: int) -> Request:
    """Ask for one page of the flows whose name fits."""
    query = {"name": name, "pageNumber": str(page), "pageSize": str(PAGE_SIZE)}
    return Request(
        method="GET", path="/api/v2/flows", query=query, doing=f"look for the flow named {_name(name)}", needs=VIEW
    )


def create_version(flow_id: str, definition: Mapping[str, Any]) -> Request:
    """Push a definition as the next version of a flow."""
    return Request(
        method="POST",
        path=f"{_flow_path(flow_id)}/versions",
        json=dict(definition),
        doing=f"create a version of flow {_name(flow_id)}",
        needs=EDIT,
        effect=True,
    )


def get_version(flow_id: str, version_id: str) -> Request:
    """Ask for a version, and how far its validation has come."""
    return Request(
        method="GET",
        path=f"{_flow_path(flow_id)}/versions/{_segment(version_id)}",
        doing=f"read version {_name(version_id)} of flow {_name(flow_id)}",
        needs=VIEW,
    )


def publish(flow_id: str, version_id: str) -> Request:
    """Ask for a version to go live."""
    return Request(
        method="POST",
        path="/api/v2/flows/actions/publish",
        query={"flow": flow_id, "version": version_id},
        doing=f"publish version {_name(version_id)} of flow {_name(flow_id)}",
        needs=PUBLISH,
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
        doing=f"register the webhook {_name(draft.name)}",
        needs=WEBHOOKS,
        effect=True,
        secrets=(draft.secret,),
    )


def update_registration(registration_id: str, draft: RegistrationDraft) -> Request:
    """Make a registration what it should be; sent twice it does no more than once."""
    return Request(
        method="PUT",
        path=f"{WEBHOOKS_PATH}/{_segment(registration_id)}",
        json=_registration_body(draft),
        doing=f"update the webhook registration {_name(registration_id)}",
        needs=WEBHOOKS,
        secrets=(draft.secret,),
    )


def delete_registration(registration_id: str) -> Request:
    """Remove a registration."""
    return Request(
        method="DELETE",
        path=f"{WEBHOOKS_PATH}/{_segment(registration_id)}",
        doing=f"delete the webhook registration {_name(registration_id)}",
        needs=WEBHOOKS,
    )


def read_flow(response: Response) -> Flow:
    """The flow in an answer."""
    return _flow(response.object(), response)


def read_flows(response: Response) -> list[Flow]:
    """The flows on one page of a list."""
    return [_flow(entity, response) for entity in _entities(response)]


def read_version(response: Response) -> FlowVersion:
    """The version in an answer."""
    data = response.object()
    version_id = _id(data, response)
    return FlowVersion(
        id=version_id,
        number=_number(data.get("versionNumber"), version_id),
        status=_text(data, "status"),
        validation=_validation(data.get("validation")),
    )


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
    return [_registration(entity, response) for entity in _entities(response)]


def is_last_page(response: Response, *, page: int) -> bool:
    """Whether no page follows this one."""
    data = response.data()
    if not isinstance(data, dict):
        return True
    count = data.get("pageCount")
    return not isinstance(count, int) or page >= count


def _flow_path(flow_id: str) -> str:
    return f"/api/v2/flows/{_segment(flow_id)}"


def _segment(text: str) -> str:
    """A path segment; dots alone would be taken for a folder."""
    encoded = percent_encode(text, safe="")
    return encoded.replace(".", "%2E") if encoded in {".", ".."} else encoded


def _name(text: str) -> str:
    return repr(on_one_line(text))


def _registration_body(draft: RegistrationDraft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "description": draft.description,
        "type": draft.type,
        "endpointUrl": draft.endpoint_url,
        "events": list(draft.events),
        "secret": draft.secret,
    }


def _entities(response: Response) -> Iterator[Mapping[str, Any]]:
    try:
        data = response.data()
    except ValueError:
        data = response.object()
    entities = data.get("entities") if isinstance(data, dict) else data
    if not isinstance(entities, list) or not all(isinstance(entity, dict) for entity in entities):
        raise response.unreadable("holds no list of entities")
    return iter(entities)


def _flow(data: Mapping[str, Any], response: Response) -> Flow:
    published, operation = data.get("publishedVersion"), data.get("currentOperation")
    return Flow(
        id=_id(data, response),
        name=_text(data, "name"),
        type=_text(data, "type"),
        published_version_id=_text(published, "id") if isinstance(published, dict) else None,
        locked_by=_who(data.get("lockedUser")) or _who(data.get("lockedClient")),
        operation=_operation(operation) if isinstance(operation, dict) else None,
    )


def _operation(data: Mapping[str, Any]) -> Operation:
    return Operation(
        id=_text(data, "id"),
        action=_text(data, "actionName"),
        status=_text(data, "actionStatus"),
        is_complete=data.get("complete") is True,
        error_code=_text(data, "errorCode"),
        error_message=_text(data, "errorMessage"),
    )


def _validation(data: object) -> Validation | None:
    if not isinstance(data, dict):
        return None
    errors = data.get("errors")
    found = errors if isinstance(errors, list) else []
    return Validation(status=_text(data, "status") or "", errors=tuple(_error(error) for error in found))


def _error(data: object) -> str:
    message = data.get("message") if isinstance(data, dict) else data
    return on_one_line(message if message is not None else data)


def _registration(data: Mapping[str, Any], response: Response) -> Registration:
    events = data.get("events")
    return Registration(
        id=_id(data, response),
        name=_text(data, "name"),
        description=_text(data, "description"),
        type=_text(data, "type"),
        endpoint_url=_text(data, "endpointUrl"),
        events=tuple(str(event) for event in events) if isinstance(events, list) else (),
        secret_digest=_text(data, "secretDigest"),
    )


def _id(data: Mapping[str, Any], response: Response) -> str:
    value = data.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise response.unreadable("names no id")
    return str(value)


def _number(value: object, version_id: str) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    whole = version_id.partition(".")[0]
    return int(whole) if whole.isascii() and whole.isdigit() and len(whole) < 16 else None


def _who(data: object) -> str | None:
    return (_text(data, "name") or _text(data, "id")) if isinstance(data, dict) else None


def _text(data: Mapping[str, Any], key: str) -> str | None:
    value = data.get(key)
    return value if isinstance(value, str) else None
