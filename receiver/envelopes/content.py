"""What an envelope says, before it becomes an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from receiver.model import Actor, Fault, Json, Origin

UNKNOWN_TYPE = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """The canonical fields as one envelope gives them. What is absent is None."""

    type: str
    origin: Origin
    identity: tuple[str, ...] | None = None
    """What makes the event one of a kind in its source; None where the sender gave it no id."""
    org_id: str | None = None
    environment: str | None = None
    flow_id: str | None = None
    flow_name: str | None = None
    flow_type: str | None = None
    version_id: str | None = None
    version_number: int | None = None
    actor: Actor | None = None
    operation: str | None = None
    provenance: Mapping[str, Json] | None = None
    occurred_at: datetime | None = None
    faults: tuple[Fault, ...] = ()
