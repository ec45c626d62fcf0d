"""What a flow went through: which versions went live, who put them there, what followed, and which of them are good."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from receiver.model import FLOW_VERSION_PUBLISHING, Actor, Event, Json, Page, Publication, Run
from receiver.silence import AbsenceKind, OpenAbsence
from receiver.states import RunStatus, is_final

FLOW_VERSION_ADOPTED: Final = "flow.version.adopted"
CONTENT_BLOCKED: Final = "flow.content.blocked"
CONTENT_UNBLOCKED: Final = "flow.content.unblocked"
NOTES: Final = (FLOW_VERSION_ADOPTED, CONTENT_BLOCKED, CONTENT_UNBLOCKED)
"""What the publisher tells of a flow beside what goes live."""

ANNOUNCED_WITHIN: Final = timedelta(minutes=10)
"""How long before a version goes live its announcement may have come."""


class Outcome(StrEnum):
    """What became of all runs of a publication together."""

    NONE = "none"
    """It set off no run."""
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """At least one run ended otherwise than well."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GoingLive:
    """One publication, with the events that tell of it and the runs that it set off, the oldest first."""

    publication: Publication
    events: tuple[Event, ...] = ()
    """The announcement before it, where there was one, is among them."""
    runs: tuple[Run, ...] = ()

    @property
    def version_number(self) -> int | None:
        """The number of the version."""
        return next((event.version_number for event in self.events if event.version_number is not None), None)

    @property
    def actor(self) -> Actor | None:
        """Who put it live: a name says more than an id, and what the organization says more than the publisher."""
        told = [event.actor for event in self.events if event.actor is not None]
        return next((actor for actor in told if actor.name), told[0] if told else None)

    @property
    def announced(self) -> Event | None:
        """The event in which the publisher says where it came from; the latest one."""
        return next((event for event in reversed(self.events) if event.provenance is not None), None)

    @property
    def provenance(self) -> Mapping[str, Json] | None:
        """Where it came from, as the publisher says."""
        return self.announced.provenance if self.announced else None

    @property
    def outcome(self) -> Outcome:
        """What became of its runs together."""
        return outcome_of(self.runs)


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowSummary:
    """A flow as lists show it."""

    flow_id: str
    flow_name: str | None = None
    flow_type: str | None = None
    org_id: str | None = None
    environment: str | None = None
    last_event_at: datetime
    live: Publication | None = None
    """What went live last."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowRecord:
    """A flow as the history shows it."""

    summary: FlowSummary
    timeline: Page[GoingLive]
    good: Publication | None = None
    """The newest publication all of whose runs succeeded."""
    adopted: tuple[Event, ...] = ()
    """The newest first."""
    blocked: tuple[Event, ...] = ()
    """What blocks content still, the newest first."""
    absences: tuple[OpenAbsence, ...] = ()
    """What is absent after its announcements, the latest first."""

    def missing(self, lived: GoingLive) -> AbsenceKind | None:
        """What is absent after the announcement that a version went live."""
        told = {event.id for event in lived.events}
        found = (one.absence for one in self.absences if one.absence.subject in told)
        return next((absence.kind for absence in found if absence.kind is AbsenceKind.CONFIRMATION), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowFilter:
    """Which flows a list shows; None means any."""

    flow: str | None = None
    """A flow's id, or a part of its name, upper and lower case alike."""
    environment: str | None = None


def outcome_of(runs: Sequence[Run]) -> Outcome:
    """What became of some runs together; of several of one pipeline the last counts, since it repeats the others."""
    last = {run.pipeline: run.status for run in sorted(runs, key=lambda run: run.id)}
    if not last:
        return Outcome.NONE
    if any(is_final(status) and status is not RunStatus.SUCCEEDED for status in last.values()):
        return Outcome.FAILED
    return Outcome.SUCCEEDED if all(is_final(status) for status in last.values()) else Outcome.RUNNING


def good_of(publications: Iterable[tuple[Publication, Sequence[Run]]]) -> Publication | None:
    """The newest publication all of whose runs succeeded; the newest comes first.

    A version whose last publication with runs did not end well is not good, whatever became of earlier ones.
    """
    bad: set[str] = set()
    for publication, runs in publications:
        outcome = outcome_of(runs)
        if outcome is Outcome.SUCCEEDED and publication.version_id not in bad:
            return publication
        if outcome is not Outcome.NONE:
            bad.add(publication.version_id)
    return None


def still_blocked(notes: Iterable[Event]) -> tuple[Event, ...]:
    """What blocks content still, the newest first; the notes of one flow come oldest first."""
    blocked: dict[str, Event] = {}
    for note in notes:
        content = content_of(note)
        if content is None:
            continue
        if note.type == CONTENT_BLOCKED:
            blocked[content] = note
        elif note.type == CONTENT_UNBLOCKED:
            blocked.pop(content, None)
    return tuple(sorted(blocked.values(), key=lambda note: note.id, reverse=True))


def content_of(note: Event) -> str | None:
    """The hash of the content that an event is about."""
    found = (note.provenance or {}).get("content_hash")
    return found if isinstance(found, str) and found else None


def tells_of(event: Event, publication: Publication) -> bool:
    """Whether an event announced, shortly before, that this publication was to come."""
    told_at = event.occurred_at or event.received_at
    return (
        event.type == FLOW_VERSION_PUBLISHING
        and event.version_id == publication.version_id
        and not event.faults
        and timedelta(0) <= publication.occurred_at - told_at <= ANNOUNCED_WITHIN
    )
