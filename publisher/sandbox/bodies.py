"""The organization's things as the API shows them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from publisher.genesys.model import secret_digest
from publisher.sandbox.org import OrgFlow, OrgOperation, OrgRegistration, OrgVersion

DIVISION = {"id": "e1d0c8a2-6b35-4f7e-8d94-3a5c7b9f0e12", "name": "Home"}
EDITOR = {"id": "a8f3c6d1-2e4b-47d9-b0c5-6f1e8a7d3924", "name": "Alex Architect"}


def flow_body(flow: OrgFlow, *, is_locked: bool = False) -> dict[str, Any]:
    """A flow."""
    body: dict[str, Any] = {
        "id": flow.id,
        "name": flow.name,
        "description": flow.description,
        "division": DIVISION | {"selfUri": f"/api/v2/authorization/divisions/{DIVISION['id']}"},
        "type": flow.type,
        "active": flow.published is not None,
        "system": False,
        "deleted": False,
        "supportedLanguages": [{"language": "en-us", "isDefault": True}],
        "selfUri": f"/api/v2/flows/{flow.id}",
    }
    for name, version in (("publishedVersion", flow.published), ("checkedInVersion", flow.latest)):
        if version is not None:
            body[name] = version_body(flow, version)
    if flow.operation is not None:
        body["currentOperation"] = operation_body(flow.operation)
    return body | ({"lockedUser": EDITOR} if is_locked else {})


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
        "createdByClient": _client(version.created_by),
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
        "actionName": "PUBLISH",
        "actionStatus": operation.status,
        "client": _client(operation.client),
        "errorDetails": [],
        "errorMessageParams": {},
    }
    failed = {"errorMessage": operation.error, "errorCode": "architect.flow.publish.failed"}
    return body | (failed if operation.error else {})


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


def published_event(
    flow: OrgFlow, version: OrgVersion, *, event_id: str, organization_id: str, client: str, at: datetime
) -> dict[str, Any]:
    """What a registered webhook is told when a version has gone live."""
    return {
        "id": event_id,
        "event": "flow.version.published",
        "timestamp": timestamp(at),
        "organizationId": organization_id,
        "data": {
            "flowId": flow.id,
            "flowName": flow.name,
            "flowType": flow.type,
            "versionId": version.id,
            "versionNumber": version.number,
            "status": "published",
            "publishedBy": {"id": client, "name": client, "type": "client"},
        },
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


def timestamp(at: datetime) -> str:
    """A time as the platform writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _status(flow: OrgFlow, version: OrgVersion) -> str:
    if version.id == flow.published_id:
        return "published"
    return "archived" if version.published_at else "draft"


def _is_final(version: OrgVersion) -> bool:
    return version.compilation.status != "in_progress"


def _client(name: str) -> dict[str, str]:
    return {"id": name, "name": name, "selfUri": f"/api/v2/oauth/clients/{name}"}


def _epoch_ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
