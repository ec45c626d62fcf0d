"""What a sandbox is like from the start."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from publisher.genesys.inventory import Kind
from publisher.graph import KNOWN_TYPES
from publisher.sandbox.envelopes import EventStyle
from publisher.sandbox.faults import Fault

ORGANIZATION_ID = "7c1f8e0a-52d4-4b0e-9a53-1d6f2c8b4e90"
FLOW_ID = "0b6e1c52-7d3f-4a1e-9c58-2f4a6d8e1b30"
ORGANIZATION_NAME = "Sandbox"
FLOW_NAME = "Automated IVR Flow v2"


class WebhookApi(StrEnum):
    """How much the host knows of webhook registrations."""

    FULL = "full"
    CREATE_ONLY = "create-only"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedFlow:
    """A flow that is there from the start, with so many versions; the last of them is live where it is published."""

    id: str
    name: str
    type: str = "INBOUNDCALL"
    versions: int = 1
    is_published: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """What a flow may name: a queue, a prompt, …; data actions have a category."""

    kind: Kind
    name: str
    category: str | None = None


THINGS = (
    Thing(kind=Kind.QUEUE, name="Sales"),
    Thing(kind=Kind.QUEUE, name="Support"),
    Thing(kind=Kind.PROMPT, name="Welcome"),
    Thing(kind=Kind.DATA_ACTION, name="Get Customer", category="CRM"),
    Thing(kind=Kind.DATA_TABLE, name="Branches"),
    Thing(kind=Kind.SCHEDULE, name="Weekdays"),
    Thing(kind=Kind.SCHEDULE_GROUP, name="Business Hours"),
    Thing(kind=Kind.EMERGENCY_GROUP, name="Evacuation"),
    Thing(kind=Kind.SKILL, name="Billing"),
    Thing(kind=Kind.LANGUAGE, name="English"),
    Thing(kind=Kind.WRAPUP_CODE, name="Resolved"),
    Thing(kind=Kind.DIVISION, name="Home"),
)

SEEDS = (
    SeedFlow(id=FLOW_ID, name=FLOW_NAME),
    SeedFlow(id="5d9a4f17-63c2-4f0b-8e21-b7c09d3a5e44", name="Opening Hours", versions=3),
    SeedFlow(id="c2e7b8d0-1f46-4c9d-a3b5-90e4f1a7d628", name="Complaints", is_published=False),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxSettings:
    """What a sandbox is like. Any credentials but empty ones do, unless some are named.

    `denied` are permissions, such as `architect:job:create`, that no client has.
    """

    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    token_life_s: int = 3600
    validation_polls: int = 1
    publish_s: float = 0.0
    job_polls: int = 1
    job_s: float = 0.0
    rate_per_minute: int = 3000
    denied: Collection[str] = ()
    node_types: Collection[str] = KNOWN_TYPES
    webhook_api: WebhookApi = WebhookApi.FULL
    event_style: EventStyle = EventStyle.WEBHOOK
    event_attempts: int = 5
    event_delay_s: float = 0.5
    event_timeout_s: float = 5.0
    flows: tuple[SeedFlow, ...] = SEEDS
    things: tuple[Thing, ...] = THINGS
    organization_id: str = ORGANIZATION_ID
    organization_name: str = ORGANIZATION_NAME
    faults: tuple[Fault, ...] = ()
