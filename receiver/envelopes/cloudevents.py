"""CloudEvents 1.0 in structured mode: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md."""

import re
from collections.abc import Mapping
from typing import Final

from receiver.envelopes.content import UNKNOWN_TYPE, Content
from receiver.envelopes.contract import read_flow
from receiver.envelopes.fields import Fields
from receiver.model import Json, Origin

VENDOR: Final = "com.genesys.cloud."
"""CloudEvents asks for a reversed domain before the type; ours begins behind it."""

_ORG: Final = re.compile(r"/orgs/([^/]+)/flows/?")
_SUBJECT: Final = re.compile(r"([^/]+)/versions/([^/]+)")


def is_cloudevent(body: Mapping[str, Json], *, content_type: str | None) -> bool:
    """Whether a body is a CloudEvent: it says so itself, or its content type does."""
    return "specversion" in body or (content_type or "").lower().startswith("application/cloudevents+json")


def read_cloudevent(body: Mapping[str, Json]) -> Content:
    """What a CloudEvent says; `source` and `id` together make it one of a kind."""
    envelope = Fields(body)
    identifier, source = _id_and_source(envelope)
    kind = envelope.id("type", ("type",))
    version = envelope.text("specversion", ("specversion",))
    for field, value in (("specversion", version), ("id", identifier), ("source", source), ("type", kind)):
        envelope.require(field, value)
    data = body.get("data")
    return read_flow(
        Fields(_told_by_attributes(body) | (data if isinstance(data, dict) else {})),
        kind=(kind or UNKNOWN_TYPE).removeprefix(VENDOR),
        origin=Origin.CLOUDEVENTS,
        identity=_both(identifier, source),
        faults=envelope.faults,
    )


def cloudevent_identity(envelope: Fields) -> tuple[str, ...] | None:
    """What makes such an event one of a kind: its source and its id together."""
    return _both(*_id_and_source(envelope))


def _id_and_source(envelope: Fields) -> tuple[str | None, str | None]:
    return envelope.id("id", ("id",)), envelope.text("source", ("source",))


def _both(identifier: str | None, source: str | None) -> tuple[str, ...] | None:
    return (source, identifier) if source and identifier else None


def _told_by_attributes(body: Mapping[str, Json]) -> dict[str, Json]:
    """What the attributes say by the contract's names."""
    org, subject = _match(_ORG, body.get("source")), _match(_SUBJECT, body.get("subject"))
    return {
        "timestamp": body.get("time"),
        "organizationId": org[1] if org else None,
        "flowId": subject[1] if subject else None,
        "versionId": subject[2] if subject else None,
    }


def _match(pattern: re.Pattern[str], value: Json) -> re.Match[str] | None:
    return pattern.fullmatch(value) if isinstance(value, str) else None
