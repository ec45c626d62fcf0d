"""The documented webhook (docs/webhook.md), which the sandbox and the publisher send, and any other object.

Read tolerantly: snake or camel case, fields flat or under `data`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from receiver.envelopes.content import UNKNOWN_TYPE, Content
from receiver.envelopes.fields import Fields
from receiver.model import FLOW_VERSION_PUBLISHED, Fault, Json, Origin

OURS: Final = "flow."
"""What the types of events about flows begin with."""

TYPE: Final = ("event", "eventType", "event_type", "type")
ID: Final = ("id", "eventId", "event_id")
ORG: Final = ("organizationId", "organization_id", "orgId", "org_id")
FLOW_ID: Final = ("flowId", "flow_id")
FLOW_NAME: Final = ("flowName", "flow_name")
FLOW_TYPE: Final = ("flowType", "flow_type")
VERSION_ID: Final = ("versionId", "version_id")
VERSION_NUMBER: Final = ("versionNumber", "version_number")
ACTOR: Final = ("publishedBy", "published_by", "actor")
OPERATION: Final = ("operationId", "operation_id", "operation")
ENVIRONMENT: Final = ("environment",)
TIME: Final = ("timestamp", "occurredAt", "occurred_at", "publishedAt", "published_at", "time")


def read_contract(body: Mapping[str, Json]) -> Content:
    """What a webhook of the documented contract says; a foreign object says its type, at least."""
    envelope = Fields(body)
    kind = _type(envelope)
    identity = contract_identity(envelope)
    provenance = envelope.mapping("provenance", ("provenance",))
    data = envelope.mapping("data", ("data",))
    return read_flow(
        Fields({**body, **data} if data else body),
        kind=kind,
        origin=Origin.WEBHOOK if provenance is None else Origin.ANNOUNCE,
        identity=identity,
        provenance=provenance,
        faults=envelope.faults,
    )


def contract_identity(envelope: Fields) -> tuple[str, ...] | None:
    """What makes such an event one of a kind: its id."""
    identifier = envelope.id("id", ID)
    return None if identifier is None else (identifier,)


def read_flow(
    fields: Fields,
    *,
    kind: str,
    origin: Origin,
    identity: tuple[str, ...] | None = None,
    provenance: Mapping[str, Json] | None = None,
    faults: Sequence[Fault] = (),
) -> Content:
    """What there is to know of a flow and its version, by the contract's names; `faults` are those of the envelope."""
    flow_id = fields.id("flow_id", FLOW_ID)
    version_id = fields.id("version_id", VERSION_ID)
    if kind == FLOW_VERSION_PUBLISHED:
        fields.require("flow_id", flow_id)
        fields.require("version_id", version_id)
    return Content(
        type=kind,
        origin=origin,
        identity=identity,
        org_id=fields.id("org_id", ORG),
        environment=fields.text("environment", ENVIRONMENT) or _environment(provenance),
        flow_id=flow_id,
        flow_name=fields.text("flow_name", FLOW_NAME),
        flow_type=fields.text("flow_type", FLOW_TYPE),
        version_id=version_id,
        version_number=fields.version_number("version_number", VERSION_NUMBER, version_id=version_id),
        actor=fields.actor("actor", ACTOR),
        operation=fields.id("operation", OPERATION),
        provenance=provenance,
        occurred_at=fields.moment("occurred_at", TIME),
        # What a foreign event means by `version_id` is its own business.
        faults=(*faults, *fields.faults) if kind.startswith(OURS) or kind == UNKNOWN_TYPE else (),
    )


def _environment(provenance: Mapping[str, Json] | None) -> str | None:
    return None if provenance is None else Fields(provenance).text("environment", ENVIRONMENT)


def _type(envelope: Fields) -> str:
    """The first of the names that holds text: elsewhere `event` can be an object beside a `type`."""
    given = [value for value in envelope.values(TYPE) if value != ""]
    texts = [value for value in given if isinstance(value, str)]
    if not texts and given:
        envelope.fault("type", "is not text")
    return (envelope.read_id("type", texts[0]) if texts else None) or UNKNOWN_TYPE
