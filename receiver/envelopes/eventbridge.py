"""Events of Genesys Cloud as Amazon EventBridge hands them on, and as the Notification API words them.

The topic `v2.flows.{id}` tells of the operations on a flow, the audit topics of who changed what.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from receiver.envelopes.content import UNKNOWN_TYPE, Content
from receiver.envelopes.contract import read_flow
from receiver.envelopes.fields import Fields
from receiver.model import FLOW_VERSION_PUBLISHED, Json, Origin

FLOWS: Final = "v2.flows."
AUDITS: Final = "v2.audits."
NOTE: Final = "flow.operation."
"""What the types of notes begin with: an operation is under way, or was let go of; nothing has come of it yet."""

SUCCEEDED: Final[Mapping[str, str]] = {
    "PUBLISH": FLOW_VERSION_PUBLISHED,
    "CHECKIN": "flow.version.checked_in",
    "SAVE": "flow.version.saved",
    "REVERT": "flow.version.reverted",
    "CHECKOUT": "flow.checked_out",
    "CREATE": "flow.created",
    "DEACTIVATE": "flow.deactivated",
    "DELETE": "flow.deleted",
}
"""The type of an operation that has succeeded; of any other, `flow.` and its name."""
PUBLISH_FAILED: Final = "flow.version.publish_failed"
AUDITED: Final = "flow.audited"

_PARTNER: Final = re.compile(r"aws\.partner/genesys\.com/cloud/([^/]+)/")
_NO_WORD: Final = re.compile(r"[^a-z0-9]+")


def is_eventbridge(body: Mapping[str, Json]) -> bool:
    """Whether a body is such an envelope, or the part of one that an EventBridge rule can send alone."""
    return ("detail-type" in body and isinstance(body.get("detail"), dict)) or (
        "topicName" in body and isinstance(body.get("eventBody"), dict)
    )


def read_eventbridge(body: Mapping[str, Json]) -> Content:
    """What such an event says."""
    whole = body.get("detail") if "detail-type" in body else None
    detail = whole if isinstance(whole, dict) else body
    envelope = Fields(body)
    identity = envelope.id("id", ("id",)) if detail is not body else None
    topic = _text(detail.get("topicName")) or _text(body.get("detail-type")) or ""
    event_body = detail.get("eventBody")
    facts = {"organizationId": _org(body), "timestamp": detail.get("timestamp") or body.get("time")}
    kind = _kind(topic, event_body if isinstance(event_body, dict) else None)
    if isinstance(event_body, dict):
        facts |= _audit_facts(event_body) if topic.startswith(AUDITS) else _flow_facts(event_body)
    return read_flow(
        Fields(facts),
        kind=envelope.read_id("type", kind) or UNKNOWN_TYPE,
        origin=Origin.EVENTBRIDGE,
        identity=None if identity is None else (identity,),
        faults=envelope.faults,
    )


def _kind(topic: str, event_body: Mapping[str, Json] | None) -> str:
    if event_body is not None and topic.startswith(FLOWS):
        return _operation_kind(_object(event_body.get("currentOperation")))
    if event_body is not None and topic.startswith(AUDITS):
        entity = _word(event_body.get("entityType")) or "flow"
        return f"{entity}.audited"
    return topic


def _operation_kind(operation: Mapping[str, Json]) -> str:
    """The type of an event about an operation: only a complete one counts as done."""
    action, status = _text(operation.get("actionName")) or "", _word(operation.get("actionStatus"))
    if status == "failure":
        return PUBLISH_FAILED if action == "PUBLISH" else f"flow.{_word(action) or 'operation'}_failed"
    if status != "success" or operation.get("complete") is False:
        return f"{NOTE}{'pending' if status.startswith(('pending', 'success')) else status or 'noted'}"
    return SUCCEEDED.get(action) or f"flow.{_word(action) or 'changed'}"


def _flow_facts(event_body: Mapping[str, Json]) -> dict[str, Any]:
    operation = _object(event_body.get("currentOperation"))
    user, client = operation.get("user"), operation.get("client")
    return {
        "flowId": event_body.get("id"),
        "flowName": event_body.get("name"),
        "versionId": _object(event_body.get("publishedVersion")).get("id"),
        "operationId": operation.get("id"),
        "publishedBy": _typed(user, "user") or _typed(client, "client"),
    }


def _audit_facts(event_body: Mapping[str, Json]) -> dict[str, Any]:
    entity = _object(event_body.get("entity"))
    user = event_body.get("username") or ({"id": event_body["userId"]} if event_body.get("userId") else None)
    return {
        "flowId": entity.get("id"),
        "flowName": entity.get("name"),
        "publishedBy": _typed(user, "user") or _typed(event_body.get("clientId"), "client"),
    } | ({"timestamp": event_body["eventTime"]} if event_body.get("eventTime") else {})


def _typed(actor: Json, kind: str) -> Json:
    return {**actor, "type": kind} if isinstance(actor, dict) else None


def _org(body: Mapping[str, Json]) -> str | None:
    match = _PARTNER.match(_text(body.get("source")) or "")
    return match[1] if match else None


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _word(value: Json) -> str:
    """A name of theirs as a part of a type of ours."""
    return _NO_WORD.sub("_", (_text(value) or "").lower()).strip("_")
