"""The words of the receiver: event, publication, verdict, run, step, attempt.

Everything here is a frozen value. Times are aware UTC; ids are UUIDv7 strings, so they sort by time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from receiver.silence import AbsenceKind
from receiver.states import RunStatus, StepStatus

FLOW_VERSION_PUBLISHED = "flow.version.published"
FLOW_VERSION_PUBLISHING = "flow.version.publishing"

Item = TypeVar("Item")

Json = Any
"""A value as `json.loads` returns it."""


class Origin(StrEnum):
    """The way by which an event came in."""

    WEBHOOK = "webhook"
    EVENTBRIDGE = "eventbridge"
    CLOUDEVENTS = "cloudevents"
    POLL = "poll"
    ANNOUNCE = "announce"


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who published: a user or an OAuth client."""

    id: str | None = None
    name: str | None = None
    type: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """A field of an authenticated event that could not be read."""

    field: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """What came in: authenticated, recorded once, never changed. A field that is absent is None."""

    id: str
    source: str
    dedupe_key: str
    type: str
    origin: Origin = Origin.WEBHOOK
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
    received_at: datetime
    faults: tuple[Fault, ...] = ()
    body: bytes = b""
    body_digest: str = ""
    """SHA-256 of the body written canonically, in hex: what tells a repeat from a conflict."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The headers of the allow-list, names in lower case."""
    secret: str | None = None
    """The name (never the value) of the secret that let it in."""

    @property
    def tells_of_publication(self) -> bool:
        """Whether a flow and a version went live by this event."""
        return (
            self.type == FLOW_VERSION_PUBLISHED
            and self.flow_id is not None
            and self.version_id is not None
            and not self.faults
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """One going-live of a version of a flow; several events may tell of it."""

    id: str
    flow_id: str
    number: int
    """Counts from 1 within the flow: the order in which versions went live."""
    version_id: str
    occurred_at: datetime
    first_event_id: str


class VerdictKind(StrEnum):
    """What a pipeline's rule said of an event."""

    MATCHED = "matched"
    NOT_MATCHED = "not_matched"
    SAME_PUBLICATION = "same_publication"
    BASELINE = "baseline"
    """It was live before its source was first asked, so nothing has just happened."""
    FAULTY = "faulty"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a pipeline's rule said of an event, and why."""

    pipeline: str
    kind: VerdictKind
    reason: str
    run_id: str | None = None


class GroupPolicy(StrEnum):
    """What a waiting run does while another of its group is running."""

    LATEST = "latest"
    QUEUE = "queue"
    PARALLEL = "parallel"


class Condition(StrEnum):
    """What must have become of the needed steps before a step is due (`if:` in the config)."""

    SUCCESS = "success()"
    FAILURE = "failure()"
    ALWAYS = "always()"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewStep:
    """A step as a pipeline plans it."""

    name: str
    """The step's id in the config, unique within its pipeline."""
    target: str
    kind: str
    needs: tuple[str, ...] = ()
    condition: Condition = Condition.SUCCESS
    timeout_s: float = 3600.0
    definition: Mapping[str, Json] = field(default_factory=dict)
    """The step's part of the config: templates and secret names, unevaluated."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRun:
    """A run as a pipeline plans it, before it is known whether its publication is new."""

    id: str
    pipeline: str
    group_key: str
    """`latest` and `queue`: what may have one running run at a time; `parallel`: the run's own id."""
    policy: GroupPolicy
    steps: Sequence[NewStep]
    config_digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Every pipeline's verdict on an event, and the runs of those that matched."""

    verdicts: tuple[Verdict, ...] = ()
    runs: tuple[NewRun, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One pipeline set off by one cause."""

    id: str
    pipeline: str
    event_id: str
    cause: str
    """The publication's id, else the event's: one run for each pipeline and cause."""
    publication_number: int | None = None
    group_key: str
    policy: GroupPolicy
    status: RunStatus
    reason: str | None = None
    """Why it waits, was superseded, or failed."""
    config_digest: str
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One downstream call of a run. Its id is its correlation id and its Idempotency-Key."""

    id: str
    run_id: str
    position: int
    name: str
    target: str
    kind: str
    needs: tuple[str, ...] = ()
    condition: Condition = Condition.SUCCESS
    definition: Mapping[str, Json] = field(default_factory=dict)
    status: StepStatus = StepStatus.WAITING
    attempts: int = 0
    due_at: datetime | None = None
    lease: str | None = None
    timeout_s: float = 3600.0
    deadline_at: datetime | None = None
    reference: str | None = None
    """What the downstream system calls it, once it has said so."""
    url: str | None = None
    outputs: Mapping[str, Json] = field(default_factory=dict)
    message: str | None = None
    """How it ended, or why it is tried again, for people."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    dismissed_at: datetime | None = None

    @property
    def is_dead_letter(self) -> bool:
        """Whether it failed and nobody has dismissed it."""
        return self.status in {StepStatus.FAILED, StepStatus.TIMED_OUT} and self.dismissed_at is None


class AttemptResult(StrEnum):
    """How one try of a step ended."""

    IN_FLIGHT = "in_flight"
    SUCCEEDED = "succeeded"
    STARTED = "started"
    RETRY = "retry"
    FAILED = "failed"
    UNKNOWN = "unknown"
    HANDED_BACK = "handed_back"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One try of a step: request and response, both kept, cut and redacted."""

    id: str
    step_id: str
    number: int
    result: AttemptResult
    started_at: datetime
    ended_at: datetime | None = None
    message: str | None = None
    request: Mapping[str, Json] | None = None
    """`{"method", "url", "headers", "body"}`, with `[secret NAME]` in place of secrets."""
    response: Mapping[str, Json] | None = None
    """`{"status", "headers", "body", "cut"}`, or None where no answer came."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A step leased to this process, with all that its request is made from."""

    step: Step
    """As it is now: `in_flight` (with an attempt written), or `unknown` (its lease ran out: the answer was lost)."""
    attempt: Attempt
    run: Run
    event: Event
    siblings: Mapping[str, Step]
    """The other steps of the run, by name: templates read their outputs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settlement:
    """What became of a claimed step: the step's next status, and the attempt as it is kept."""

    status: StepStatus
    attempt: Attempt
    due_at: datetime | None = None
    """When it is tried again (status `due`)."""
    message: str | None = None
    reference: str | None = None
    url: str | None = None
    outputs: Mapping[str, Json] = field(default_factory=dict)
    counts: bool = True
    """Whether the attempt uses up one of the policy's (a step handed back before its first byte does not)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """An event that has come in, what it sets off, and when that is recorded."""

    event: Event
    plan: Plan
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What the store answers for an event: the row that stands for it, new or not."""

    event_id: str
    duplicate: bool = False
    conflict: bool = False
    publication: Publication | None = None
    run_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PollState:
    """How far a poll has come, and when it is to be made again."""

    source: str
    due_at: datetime
    is_under_way: bool = False
    """Whether a node is asking: nobody else does until `due_at`."""
    has_baseline: bool = False
    """Whether what was live at the first poll has been recorded."""
    cursor_at: datetime | None = None
    """The latest publication that was found: it is asked for what is later, with some overlap."""
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    """When it last went well."""
    failures: int = 0
    """How often it has failed since."""
    fault: str | None = None
    """Why it failed last, None where it did not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRecord:
    """An event as the history shows it."""

    event: Event
    verdicts: tuple[Verdict, ...] = ()
    publication: Publication | None = None
    duplicates: int = 0
    """How often the same came again."""
    conflicts: int = 0
    """How often other content came under the same id."""
    runs: tuple[Run, ...] = ()
    missing: AbsenceKind | None = None
    """Of an announcement: what should have followed and has not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRecord:
    """A run as the history shows it."""

    run: Run
    steps: tuple[Step, ...] = ()
    attempts: Mapping[str, Sequence[Attempt]] = field(default_factory=dict)
    """By step id, first attempt first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventFilter:
    """Which events a list shows; None means any."""

    type: str | None = None
    source: str | None = None
    flow: str | None = None
    """A flow's id, or a part of its name, upper and lower case alike."""
    faulty: bool | None = None
    secret: str | None = None
    """The name of the secret that let them in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFilter:
    """Which runs a list shows; None means any."""

    pipeline: str | None = None
    status: RunStatus | None = None
    flow: str | None = None
    event_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[Item]):
    """A part of a list, newest first; `next_cursor` asks for the rest, None where it ends."""

    items: tuple[Item, ...]
    next_cursor: str | None = None
