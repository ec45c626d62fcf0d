"""Events of Genesys Cloud as Amazon EventBridge hands them on, and as the Notification API words them.

The topic `v2.flows.{id}` tells of the operations on a flow, the audit topics of who changed what. An operation shows no
former name, so a rename comes as `flow.updated`; an audit of it shows both names.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from receiver.envelopes.audits import RENAMED, audit_facts, audit_kind
from receiver.envelopes.content import UNKNOWN_TYPE, Content
from receiver.envelopes.contract import read_flow
from receiver.envelopes.fields import Fields, as_actor, as_object, as_text, as_word
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
    "VALIDATE": "flow.version.validated",
    "DEBUG": "flow.version.debugged",
    "CHECKOUT": "flow.checked_out",
    "CREATE": "flow.created",
    "UPDATE": "flow.updated",
    "RENAME": RENAMED,
    "STATE_CHANGE": "flow.state_changed",
    "DEACTIVATE": "flow.deactivated",
    "DELETE": "flow.deleted",
}
"""The type of an operation that has succeeded; of any other, `flow.` and its name."""
PUBLISH_FAILED: Final = "flow.version.publish_failed"

_VERSION_OF: Final[Mapping[str, str]] = {
    "PUBLISH": "publishedVersion",
    "CHECKIN": "checkedInVersion",
    "SAVE": "savedVersion",
}
"""Where the version stands that an operation made so. Before its success, the former one stands there."""

_PARTNER: Final = re.compile(r"aws\.partner/genesys\.com/cloud/([^/]+)/")


def is_eventbridge(body: Mapping[str, Json]) -> bool:
    """Whether a body is such an envelope, or the part of one that an EventBridge rule can send alone."""
    return _is_whole(body) or ("topicName" in body and isinstance(body.get("eventBody"), dict))


def read_eventbridge(body: Mapping[str, Json]) -> Content:
    """What such an event says."""
    detail = body["detail"] if _is_whole(body) else body
    envelope = Fields(body)
    identity = eventbridge_identity(envelope, body)
    topic = as_text(detail.get("topicName")) or as_text(body.get("detail-type")) or ""
    event_body = detail.get("eventBody")
    facts = {"organizationId": _org(body), "timestamp": detail.get("timestamp") or body.get("time")}
    kind: str = topic
    if isinstance(event_body, dict) and topic.startswith(AUDITS):
        kind, facts = audit_kind(event_body), facts | audit_facts(event_body)
    elif isinstance(event_body, dict) and topic.startswith(FLOWS):
        kind, facts = _operation_kind(as_object(event_body.get("currentOperation"))), facts | _flow_facts(event_body)
    return read_flow(
        Fields(facts),
        kind=envelope.read_id("type", kind) or UNKNOWN_TYPE,
        origin=Origin.EVENTBRIDGE,
        identity=identity,
        faults=envelope.faults,
    )


def eventbridge_identity(envelope: Fields, body: Mapping[str, Json]) -> tuple[str, ...] | None:
    """What makes such an event one of a kind: the id of the envelope; a part of one has none."""
    identifier = envelope.id("id", ("id",)) if _is_whole(body) else None
    return None if identifier is None else (identifier,)


def _is_whole(body: Mapping[str, Json]) -> bool:
    return "detail-type" in body and isinstance(body.get("detail"), dict)


def _operation_kind(operation: Mapping[str, Json]) -> str:
    """The type of an event about an operation: only a complete one counts as done."""
    action, status = as_text(operation.get("actionName")) or "", as_word(operation.get("actionStatus"))
    if status == "failure":
        return PUBLISH_FAILED if action == "PUBLISH" else f"flow.{as_word(action) or 'operation'}_failed"
    if not _is_done(operation):
        return f"{NOTE}{'pending' if status.startswith(('pending', 'success')) else status or 'noted'}"
    return SUCCEEDED.get(action) or f"flow.{as_word(action) or 'changed'}"


def _is_done(operation: Mapping[str, Json]) -> bool:
    return as_word(operation.get("actionStatus")) == "success" and operation.get("complete") is not False


def _flow_facts(event_body: Mapping[str, Json]) -> dict[str, Any]:
    operation = as_object(event_body.get("currentOperation"))
    made = _VERSION_OF.get(as_text(operation.get("actionName")) or "") if _is_done(operation) else None
    user, client = operation.get("user"), operation.get("client")
    return {
        "flowId": event_body.get("id"),
        "flowName": event_body.get("name"),
        "versionId": as_object(event_body.get(made)).get("id") if made else None,
        "operationId": operation.get("id"),
        "publishedBy": as_actor(user, "user") or as_actor(client, "client"),
    }


def _org(body: Mapping[str, Json]) -> str | None:
    match = _PARTNER.match(as_text(body.get("source")) or "")
    return match[1] if match else None
