"""What a listener is told, in each form: the webhook contract, and the EventBridge envelopes of flows and audits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from publisher.sandbox.records import Actor, Deed, OrgFlow, OrgOperation, OrgVersion

PUBLISHED = "flow.version.published"
FLOW_TOPIC = "v2.flows.{id}"
AUDIT_TOPIC = "v2.audits.entitytype.{id}.entityid.{id}"


class EventStyle(StrEnum):
    """The form in which somebody who asks for `flow.version.published` is told."""

    WEBHOOK = "webhook"
    EVENTBRIDGE = "eventbridge"
    AUDIT = "audit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """What every envelope says of where it comes from."""

    organization_id: str
    new_id: Callable[[], str]


def published_event(sender: Sender, flow: OrgFlow, version: OrgVersion, *, by: Actor, at: datetime) -> dict[str, Any]:
    """The webhook contract's word that a version has gone live."""
    return {
        "id": sender.new_id(),
        "event": PUBLISHED,
        "timestamp": timestamp(at),
        "organizationId": sender.organization_id,
        "data": {
            "flowId": flow.id,
            "flowName": flow.name,
            "flowType": flow.type,
            "versionId": version.id,
            "versionNumber": version.number,
            "status": "published",
            "publishedBy": {"id": by.id, "name": by.name, "type": "user" if by.is_user else "client"},
        },
    }


def flow_envelope(sender: Sender, flow: OrgFlow, operation: OrgOperation, *, at: datetime) -> dict[str, Any]:
    """EventBridge's envelope of the topic `v2.flows.{id}`: the flow in short, and what is being done with it."""
    who = {"id": operation.by.id, "name": operation.by.name}
    told: dict[str, Any] = {
        "id": operation.id,
        "complete": operation.is_complete,
        "user" if operation.by.is_user else "client": who,
        "actionName": operation.action,
        "actionStatus": operation.status,
    }
    if operation.error:
        told |= {"errorMessage": operation.error, "errorCode": "architect.flow.publish.failed"}
    body: dict[str, Any] = {
        "id": flow.id,
        "name": flow.name,
        "description": flow.description,
        "deleted": flow.is_deleted,
        "currentOperation": told,
    }
    for key, version in (("checkedInVersion", flow.latest), ("publishedVersion", flow.published)):
        body |= {key: {"id": version.id}} if version else {}
    return _envelope(sender, FLOW_TOPIC, f"v2.flows.{flow.id}", body, at=at)


def audit_envelope(sender: Sender, deed: Deed) -> dict[str, Any]:
    """EventBridge's envelope of an audit: who did what with which flow. It names no version."""
    who: dict[str, Any] = {"clientId": {"id": deed.by.id}}
    if deed.by.is_user:
        who = {"userId": deed.by.id, "username": {"id": deed.by.id, "name": deed.by.name}, "userDisplay": deed.by.name}
    action = deed.action.capitalize()
    said = f"{deed.by.name}: {action} of flow {deed.flow_name}"
    body = {
        "id": deed.id,
        **who,
        "userHomeOrgId": sender.organization_id,
        "serviceName": "Architect",
        "level": "USER",
        "eventTime": timestamp(deed.at),
        "message": {"message": said, "messageWithParams": said, "messageParams": {}},
        "action": action,
        "entityType": "Flow",
        "entity": {"id": deed.flow_id, "name": deed.flow_name, "selfUri": f"/api/v2/flows/{deed.flow_id}"},
        "propertyChanges": [],
        "context": {},
    }
    return _envelope(sender, AUDIT_TOPIC, f"v2.audits.entitytype.Flow.entityid.{deed.flow_id}", body, at=deed.at)


def timestamp(at: datetime) -> str:
    """A time as the platform writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _envelope(sender: Sender, kind: str, topic: str, body: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    return {
        "version": "0",
        "id": sender.new_id(),
        "detail-type": kind,
        "source": f"aws.partner/genesys.com/cloud/{sender.organization_id}/sandbox",
        "account": "111122223333",
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "us-east-1",
        "resources": [],
        "detail": {
            "topicName": topic,
            "version": "2",
            "eventBody": body,
            "metadata": {"CorrelationId": sender.new_id()},
            "timestamp": timestamp(at),
        },
    }
