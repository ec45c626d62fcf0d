"""The organization's things as the API shows them."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from publisher.genesys.model import secret_digest
from publisher.sandbox.envelopes import timestamp
from publisher.sandbox.records import ALEX, Actor, Deed, OrgFlow, OrgLock, OrgOperation, OrgRegistration, OrgVersion

NAMES = uuid.UUID("e1d0c8a2-6b35-4f7e-8d94-3a5c7b9f0e12")


def id_of(kind: str, name: str) -> str:
    """The id of a thing that is known by its name alone."""
    return str(uuid.uuid5(NAMES, f"{kind}/{name}"))


def flow_body(flow: OrgFlow, *, is_locked: bool = False) -> dict[str, Any]:
    """A flow. Where it is to look locked, Alex Architect holds the lock."""
    division_id = id_of("division", flow.division)
    body: dict[str, Any] = {
        "id": flow.id,
        "name": flow.name,
        "description": flow.description,
        "division": {
            "id": division_id,
            "name": flow.division,
            "selfUri": f"/api/v2/authorization/divisions/{division_id}",
        },
        "type": flow.type,
        "active": flow.published is not None,
        "system": False,
        "deleted": flow.is_deleted,
        "supportedLanguages": [{"language": "en-us", "isDefault": True}],
        "selfUri": f"/api/v2/flows/{flow.id}",
    }
    for name, version in (("publishedVersion", flow.published), ("checkedInVersion", flow.latest)):
        if version is not None:
            body[name] = version_body(flow, version)
    if flow.operation is not None:
        body["currentOperation"] = operation_body(flow.operation)
    if flow.published is not None and flow.published_by is not None and flow.published_by.is_user:
        body["publishedBy"] = _actor(flow.published_by)
    return body | _lock(flow, is_locked=is_locked)


def version_body(flow: OrgFlow, version: OrgVersion) -> dict[str, Any]:
    """A version, with the platform's fields and those of the graph contract: number, status, validation."""
    made_ms = _epoch_ms(version.created_at)
    body: dict[str, Any] = {
        "id": version.id,
        "name": version.id,
        "versionNumber": version.number,
        "status": _status(flow, version),
        "validation": {
            "status": version.compilation.status,
            "errors": [{"message": text} for text in version.compilation.errors if _is_final(version)],
        },
        "commitVersion": version.id,
        "configurationVersion": version.id,
        "type": "PUBLISH" if version.published_at else "CHECKIN",
        "secure": False,
        "debug": False,
        **by_body(version.created_by, user="createdBy", client="createdByClient"),
        "dateCreated": made_ms,
        "dateCheckedIn": made_ms,
        "dateSaved": made_ms,
        "compatibleFlowTypes": [flow.type],
        "supportedLanguages": [{"language": "en-us", "isDefault": True}],
        "selfUri": f"/api/v2/flows/{flow.id}/versions/{version.id}",
    }
    return body | ({"datePublished": timestamp(version.published_at)} if version.published_at else {})


def operation_body(operation: OrgOperation) -> dict[str, Any]:
    """An operation."""
    body: dict[str, Any] = {
        "id": operation.id,
        "complete": operation.is_complete,
        "actionName": operation.action,
        "actionStatus": operation.status,
        **by_body(operation.by),
        "errorDetails": [],
        "errorMessageParams": {},
    }
    failed = {"errorMessage": operation.error, "errorCode": "architect.flow.publish.failed"}
    return body | (failed if operation.error else {})


def history_body(deed: Deed) -> dict[str, Any]:
    """One entry of a flow's history."""
    body = {"action": deed.action, "resource": deed.flow_name, "timestamp": timestamp(deed.at), **by_body(deed.by)}
    return body | ({"version": deed.version_id} if deed.version_id else {})


def audit_body(deed: Deed, *, organization_id: str) -> dict[str, Any]:
    """One entry of the audits, whose fields are not named as in the events of the same."""
    said = f"{deed.by.name}: {deed.action.capitalize()} of flow {deed.flow_name}"
    return {
        "id": deed.id,
        "userHomeOrgId": organization_id,
        **by_body(deed.by),
        "remoteIp": [],
        "serviceName": "Architect",
        "level": "USER",
        "eventDate": timestamp(deed.at),
        "message": {"message": said, "messageWithParams": said, "messageParams": {}},
        "action": deed.action.capitalize(),
        "entity": {"id": deed.flow_id, "name": deed.flow_name, "selfUri": f"/api/v2/flows/{deed.flow_id}"},
        "entityType": "Flow",
        "status": "SUCCESS" if deed.has_succeeded else "FAILURE",
        "transactionInitiator": True,
        "propertyChanges": [],
        "context": {"version": deed.version_id} if deed.version_id else {},
    }


def by_body(actor: Actor, *, user: str = "user", client: str = "client") -> dict[str, Any]:
    """Who did something, under the key for persons or the one for clients."""
    return {user if actor.is_user else client: _actor(actor)}


def registration_body(registration: OrgRegistration) -> dict[str, Any]:
    """A registration. Its secret is never shown; the digest lets who knows the secret tell whether it is this one."""
    return {
        "id": registration.id,
        "name": registration.name,
        "description": registration.description,
        "type": registration.type,
        "endpointUrl": registration.endpoint_url,
        "events": list(registration.events),
        "secretDigest": secret_digest(registration.id, registration.secret),
        "selfUri": f"/api/v2/platform/webhooks/{registration.id}",
    }


def listing(
    entities: Sequence[Mapping[str, Any]], *, path: str, query: Mapping[str, str], page: int, size: int
) -> dict[str, Any]:
    """One page of a list."""
    count = max(1, -(-len(entities) // size))

    def uri(number: int) -> str:
        return f"{path}?{urlencode(dict(query) | {'pageNumber': str(number), 'pageSize': str(size)})}"

    body: dict[str, Any] = {
        "entities": list(entities[(page - 1) * size : page * size]),
        "pageSize": size,
        "pageNumber": page,
        "total": len(entities),
        "pageCount": count,
        "selfUri": uri(page),
        "firstUri": uri(1),
        "lastUri": uri(count),
    }
    return body | ({"nextUri": uri(page + 1)} if page < count else {})


def _status(flow: OrgFlow, version: OrgVersion) -> str:
    if version.id == flow.published_id:
        return "published"
    return "archived" if version.published_at else "draft"


def _is_final(version: OrgVersion) -> bool:
    return version.compilation.status != "in_progress"


def _lock(flow: OrgFlow, *, is_locked: bool) -> dict[str, Any]:
    if flow.lock is None:
        return {"lockedUser": _actor(ALEX)} if is_locked else {}
    return {**by_body(flow.lock.by, user="lockedUser", client="lockedClient"), **_draft(flow, flow.lock)}


def _draft(flow: OrgFlow, lock: OrgLock) -> dict[str, Any]:
    if lock.draft_saved_at is None:
        return {}
    saved_id = f"saved_version_{id_of('draft', flow.id)}"
    return {"savedVersion": {"id": saved_id, "type": "SAVE", "dateSaved": _epoch_ms(lock.draft_saved_at)}}


def _actor(actor: Actor) -> dict[str, str]:
    path = "users" if actor.is_user else "oauth/clients"
    return {"id": actor.id, "name": actor.name, "selfUri": f"/api/v2/{path}/{actor.id}"}


def _epoch_ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
