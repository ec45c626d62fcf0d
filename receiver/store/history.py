"""Reading what happened: lists, newest first, and single events and runs with all that belongs to them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, Text, bindparam, or_, select, type_coerce

from receiver.errors import CursorError, NotFoundError
from receiver.model import Attempt, Event, EventFilter, EventRecord, Page, Publication, Run, RunFilter, RunRecord
from receiver.store import rows
from receiver.store.absences import missing_after
from receiver.store.inbox import check_not_waiting
from receiver.store.steps import steps_of, steps_of_all
from receiver.store.tables import attempts, events, publications, runs, steps

Record = TypeVar("Record")
Listing = Select[tuple[Any, ...]]

_EVENTS = select(*rows.EVENT_WITHOUT_BODY, *rows.EVENT_MORE)
_EVENT = select(*rows.EVENT, *rows.EVENT_MORE).where(events.c.id == bindparam("event"))
_RUN = select(*rows.RUN).where(runs.c.id == bindparam("run"))
_EVENTS_BY_ID = _EVENTS.where(events.c.id.in_(bindparam("ids", expanding=True)))
_PUBLICATIONS = select(*rows.PUBLICATION).where(publications.c.id.in_(bindparam("ids", expanding=True)))
_RUNS_OF = (
    select(*rows.RUN)
    .where(
        or_(
            runs.c.event_id.in_(bindparam("events", expanding=True)),
            runs.c.cause.in_(bindparam("publications", expanding=True)),
        )
    )
    .order_by(runs.c.id)
)
_ATTEMPTS = (
    select(*rows.ATTEMPT)
    .join(steps, steps.c.id == attempts.c.step_id)
    .where(steps.c.run_id == bindparam("run"))
    .order_by(attempts.c.step_id, attempts.c.number)
)


def list_events(conn: Connection, wanted: EventFilter, *, cursor: str | None, limit: int) -> Page[EventRecord]:
    """Events, newest first, with their runs; their bodies are left out."""
    query = _EVENTS.where(*_event_conditions(wanted))
    found = _part(conn, query, events, cursor=cursor, limit=limit)
    return _page(_records(conn, found[:limit]), found, limit=limit)


def get_event(conn: Connection, event_id: str) -> EventRecord:
    """One event with its body, its publication and its runs."""
    row = conn.execute(_EVENT, {"event": event_id}).mappings().first()
    if row is None:
        check_not_waiting(conn, event_id)
        raise NotFoundError(f"There is no event {event_id!r}.")
    return _records(conn, [row])[0]


def events_by_id(conn: Connection, event_ids: Collection[str]) -> dict[str, Event]:
    """The events of these ids; their bodies are left out."""
    if not event_ids:
        return {}
    found = conn.execute(_EVENTS_BY_ID, {"ids": list(event_ids)}).mappings()
    return {row["id"]: rows.to_event(row) for row in found}


def list_runs(conn: Connection, wanted: RunFilter, *, cursor: str | None, limit: int) -> Page[RunRecord]:
    """Runs, newest first, with their steps; the attempts are left out."""
    query = select(*rows.RUN).where(*_run_conditions(wanted))
    if wanted.flow is not None:
        query = query.join(events, events.c.id == runs.c.event_id).where(_is_of_flow(wanted.flow))
    found = _part(conn, query, runs, cursor=cursor, limit=limit)
    by_run = steps_of_all(conn, [row["id"] for row in found[:limit]])
    items = [RunRecord(run=rows.to_run(row), steps=tuple(by_run[row["id"]])) for row in found[:limit]]
    return _page(items, found, limit=limit)


def get_run(conn: Connection, run_id: str) -> RunRecord:
    """One run with its steps and all their attempts."""
    row = conn.execute(_RUN, {"run": run_id}).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no run {run_id!r}.")
    by_step: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in map(rows.to_attempt, conn.execute(_ATTEMPTS, {"run": run_id}).mappings()):
        by_step[attempt.step_id].append(attempt)
    return RunRecord(run=rows.to_run(row), steps=tuple(steps_of(conn, run_id)), attempts=dict(by_step))


def _event_conditions(wanted: EventFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.type is not None:
        conditions.append(events.c.type == wanted.type)
    if wanted.source is not None:
        conditions.append(events.c.source == wanted.source)
    if wanted.flow is not None:
        conditions.append(_is_of_flow(wanted.flow))
    if wanted.secret is not None:
        conditions.append(events.c.secret == wanted.secret)
    if wanted.faulty is not None:
        faults = type_coerce(events.c.faults, Text)
        conditions.append(faults != "[]" if wanted.faulty else faults == "[]")
    return conditions


def _run_conditions(wanted: RunFilter) -> list[ColumnElement[bool]]:
    named = {"pipeline": wanted.pipeline, "status": wanted.status, "event_id": wanted.event_id}
    return [runs.c[name] == value for name, value in named.items() if value is not None]


def _is_of_flow(flow: str) -> ColumnElement[bool]:
    """Whether an event names this flow: by its id, or by a part of its name."""
    return or_(events.c.flow_id == flow, events.c.flow_name_folded.contains(flow.casefold(), autoescape=True))


def _part(conn: Connection, query: Listing, table: Table, *, cursor: str | None, limit: int) -> Sequence[RowMapping]:
    """The rows after the cursor, and one more where there is one."""
    if cursor is not None:
        query = query.where(table.c.id < place_of(cursor))
    return conn.execute(query.order_by(table.c.id.desc()).limit(limit + 1)).mappings().all()


def _page(items: Sequence[Record], found: Sequence[RowMapping], *, limit: int) -> Page[Record]:
    has_more = len(found) > limit
    return Page(items=tuple(items), next_cursor=cursor_of(found[limit - 1]["id"]) if has_more else None)


def cursor_of(last: str) -> str:
    """What asks for the rest of a list, after the item in this place."""
    return urlsafe_b64encode(last.encode()).decode().rstrip("=")


def place_of(cursor: str) -> str:
    """The place that a cursor names."""
    try:
        place = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        place = ""
    if not place or not place.isprintable():
        raise CursorError(f"The cursor {cursor[:40]!r} is none of this list's; ask again without it.")
    return place


def _records(conn: Connection, found: Sequence[RowMapping]) -> list[EventRecord]:
    told = publications_by_id(conn, [row["publication_id"] for row in found if row["publication_id"] is not None])
    event_ids = [row["id"] for row in found]
    followed, missing = runs_of(conn, event_ids, list(told)), missing_after(conn, event_ids)
    return [
        EventRecord(
            event=rows.to_event(row),
            verdicts=rows.to_verdicts(row),
            publication=told.get(row["publication_id"]),
            duplicates=row["duplicates"],
            conflicts=row["conflicts"],
            missing=missing.get(row["id"]),
            runs=tuple(run for run in followed if row["id"] == run.event_id or row["publication_id"] == run.cause),
        )
        for row in found
    ]


def publications_by_id(conn: Connection, ids: Sequence[str]) -> dict[str, Publication]:
    """The publications of these ids."""
    if not ids:
        return {}
    return {row["id"]: rows.to_publication(row) for row in conn.execute(_PUBLICATIONS, {"ids": ids}).mappings()}


def runs_of(conn: Connection, event_ids: Sequence[str], publication_ids: Sequence[str]) -> list[Run]:
    """What events set off, and what others that tell of the same publications did."""
    if not event_ids:
        return []
    wanted = {"events": event_ids, "publications": publication_ids}
    return [rows.to_run(row) for row in conn.execute(_RUNS_OF, wanted).mappings()]
