"""What the history tells, read in one go: a list, one event with all that followed, one run with its cause."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from itertools import groupby
from typing import TypeVar

from receiver.errors import CursorError
from receiver.model import (
    Event,
    EventFilter,
    EventRecord,
    Page,
    RunFilter,
    RunRecord,
    Verdict,
)
from receiver.states import is_final
from receiver.store import Database, events_by_id, get_event, get_flow, get_run, list_events, list_flows, list_runs
from receiver.timeline import FlowFilter, FlowRecord, FlowSummary, GoingLive
from receiver.web.queries import QueryError, Window

Record = TypeVar("Record", EventRecord, RunRecord, GoingLive)


@dataclass(frozen=True, kw_only=True, slots=True)
class EventStory:
    """An event and, in full, the runs that it set off."""

    record: EventRecord
    runs: tuple[RunRecord, ...] = ()

    @property
    def is_moving(self) -> bool:
        """Whether something of it has not ended."""
        return not all(is_final(run.run.status) for run in self.runs)

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why a pipeline's rule matched, by the run that it set off."""
        return {verdict.run_id: verdict.reason for verdict in self.record.verdicts if verdict.run_id}

    @property
    def others(self) -> tuple[Verdict, ...]:
        """The verdicts that set off none of the runs."""
        shown = {run.run.id for run in self.runs}
        return tuple(verdict for verdict in self.record.verdicts if verdict.run_id not in shown)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunStory:
    """A run and the event that set it off."""

    record: RunRecord
    event: Event

    @property
    def is_moving(self) -> bool:
        """Whether it has not ended."""
        return not is_final(self.record.run.status)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunList:
    """A part of the list of runs, and the events that set them off, by id."""

    page: Page[RunRecord]
    events: Mapping[str, Event] = field(default_factory=dict)


async def events_page(database: Database, wanted: EventFilter, window: Window) -> Page[EventRecord]:
    """A part of the list of events."""
    try:
        return await database.read(lambda conn: list_events(conn, wanted, cursor=window.cursor, limit=window.limit))
    except CursorError as exc:
        raise QueryError(str(exc), parameter="cursor") from exc


async def event_story(database: Database, event_id: str) -> EventStory:
    """An event with all that followed."""
    return await database.read(lambda conn: _story(get_event(conn, event_id), lambda run_id: get_run(conn, run_id)))


async def runs_page(database: Database, wanted: RunFilter, window: Window) -> RunList:
    """A part of the list of runs."""
    try:
        return await database.read(
            lambda conn: _with_events(
                list_runs(conn, wanted, cursor=window.cursor, limit=window.limit),
                lambda event_ids: events_by_id(conn, event_ids),
            )
        )
    except CursorError as exc:
        raise QueryError(str(exc), parameter="cursor") from exc


async def run_story(database: Database, run_id: str) -> RunStory:
    """A run with its cause."""
    return await database.read(
        lambda conn: _with_cause(get_run(conn, run_id), lambda event_id: get_event(conn, event_id))
    )


async def flows_page(database: Database, wanted: FlowFilter, window: Window) -> Page[FlowSummary]:
    """A part of the list of flows."""
    try:
        return await database.read(lambda conn: list_flows(conn, wanted, cursor=window.cursor, limit=window.limit))
    except CursorError as exc:
        raise QueryError(str(exc), parameter="cursor") from exc


async def flow_story(database: Database, flow_id: str, window: Window) -> FlowRecord:
    """A flow with a part of its timeline."""
    try:
        return await database.read(lambda conn: get_flow(conn, flow_id, cursor=window.cursor, limit=window.limit))
    except CursorError as exc:
        raise QueryError(str(exc), parameter="cursor") from exc


def _story(record: EventRecord, run_of: Callable[[str], RunRecord]) -> EventStory:
    return EventStory(record=record, runs=tuple(run_of(run.id) for run in record.runs))


def _with_events(page: Page[RunRecord], events_of: Callable[[Collection[str]], Mapping[str, Event]]) -> RunList:
    return RunList(page=page, events=events_of({record.run.event_id for record in page.items}))


def _with_cause(record: RunRecord, event_of: Callable[[str], EventRecord]) -> RunStory:
    return RunStory(record=record, event=event_of(record.run.event_id).event)


def by_day(records: Iterable[Record]) -> Sequence[tuple[date, list[Record]]]:
    """The records under the days (UTC) on which they came or went live, in the order that they have."""
    return [(day, list(group)) for day, group in groupby(records, key=_day)]


def _day(record: EventRecord | RunRecord | GoingLive) -> date:
    if isinstance(record, EventRecord):
        moment = record.event.received_at
    elif isinstance(record, RunRecord):
        moment = record.run.created_at
    else:
        moment = record.publication.occurred_at
    return moment.astimezone(UTC).date()
