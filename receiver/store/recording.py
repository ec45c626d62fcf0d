"""Recording events: each with its publication, its runs and their steps; many of them in one transaction."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, select, update

from receiver import clock
from receiver.model import Arrival, Event, GroupPolicy, Plan, Publication, Recorded, Verdict, VerdictKind
from receiver.store import publications, rows, runs
from receiver.store.dialect import insert_if_new, lock_all
from receiver.store.prepared import Prepared, PreparedMany
from receiver.store.tables import events

_ADD = PreparedMany(
    lambda parameters: insert_if_new(events, "source", "dedupe_key", values=parameters),
    types={column.name: column.type for column in events.columns},
)
_KNOWN = PreparedMany(
    lambda parameters: select(events.c.id).where(events.c.id.in_([row["id"] for row in parameters])),
    types={"id": events.c.id.type},
)
_IS_SAME = events.c.body_digest == bindparam("digest")
_COUNT = Prepared(
    update(events)
    .where(events.c.source == bindparam("from_source"), events.c.dedupe_key == bindparam("key"))
    .values(
        duplicates=events.c.duplicates + case((_IS_SAME, 1), else_=0),
        conflicts=events.c.conflicts + case((_IS_SAME, 0), else_=1),
    )
    .returning(events.c.id, events.c.body_digest)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """An event about to be kept, and what is known of its publication."""

    arrival: Arrival
    told: Publication | None
    """The known publication that it tells of once more."""
    publication_id: str | None
    """That one's, or that of the publication that it makes."""

    @property
    def event(self) -> Event:
        """The event itself."""
        return self.arrival.event

    def row(self) -> rows.Values:
        """Its row."""
        verdicts = self.arrival.plan.verdicts
        return rows.of_event(
            self.event,
            verdicts=_as_joined(verdicts, self.told) if self.told else verdicts,
            publication_id=self.publication_id,
        )


def record(
    conn: Connection, event: Event, plan: Plan, *, now: datetime, new_id: Callable[[], str] = clock.new_id
) -> Recorded:
    """Keep an event and what it sets off: nothing, when it came before or tells of a publication that is known."""
    return record_many(conn, [Arrival(event=event, plan=plan, at=now)], new_id=new_id)[0]


def record_many(
    conn: Connection, arrivals: Sequence[Arrival], *, new_id: Callable[[], str] = clock.new_id
) -> list[Recorded]:
    """Keep events as if each were recorded after the one before it, in few statements."""
    waves = list(_waves(arrivals))
    lock_all(conn, (name for arrival in arrivals for name in concerns(arrival)))
    return [recorded for wave in waves for recorded in _record(conn, wave, new_id=new_id)]


def concerns(arrival: Arrival) -> list[str]:
    """What an event has to do with, and locks: what is recorded of another that shares one of these depends on it."""
    event = arrival.event
    flows = [f"flow {event.flow_id}"] if event.tells_of_publication else []
    groups = [runs.lock_of_group(run.group_key) for run in arrival.plan.runs if run.policy is not GroupPolicy.PARALLEL]
    return [f"event {event.source} {event.dedupe_key}", *flows, *groups]


def _waves(arrivals: Sequence[Arrival]) -> Iterator[list[Arrival]]:
    """Parts of a line, in its order, within which no event has to do with another: those can be kept at once."""
    wave: list[Arrival] = []
    taken: set[str] = set()
    for arrival in arrivals:
        names = concerns(arrival)
        if not taken.isdisjoint(names):
            yield wave
            wave, taken = [], set()
        wave.append(arrival)
        taken.update(names)
    if wave:
        yield wave


def _record(conn: Connection, wave: Sequence[Arrival], *, new_id: Callable[[], str]) -> list[Recorded]:
    entries = _entries(conn, wave, new_id=new_id)
    new = _add(conn, entries)
    first = [entry for entry in entries if entry.event.id in new and entry.told is None]
    made = publications.add(conn, [(entry.event, entry.publication_id) for entry in first if entry.publication_id])
    runs.add_all(
        conn,
        [
            runs.planned(
                run, event=entry.event, publication=made.get(entry.event.id), now=entry.arrival.at, new_id=new_id
            )
            for entry in first
            for run in entry.arrival.plan.runs
        ],
    )
    return [
        _kept(conn, entry, made.get(entry.event.id)) if entry.event.id in new else _count(conn, entry.event)
        for entry in entries
    ]


def _entries(conn: Connection, wave: Sequence[Arrival], *, new_id: Callable[[], str]) -> list[_Entry]:
    told = publications.joined(conn, [arrival.event for arrival in wave if arrival.event.tells_of_publication])
    entries = []
    for arrival in wave:
        known = told.get(arrival.event.id)
        making_id = new_id() if known is None and arrival.event.tells_of_publication else None
        entries.append(_Entry(arrival=arrival, told=known, publication_id=known.id if known else making_id))
    return entries


def _add(conn: Connection, entries: Sequence[_Entry]) -> Collection[str]:
    """Add the events that did not come before; their ids."""
    ids = [entry.event.id for entry in entries]
    if _ADD.change(conn, [entry.row() for entry in entries]) == len(ids):
        return ids
    return {row["id"] for row in _KNOWN.rows(conn, [{"id": identifier} for identifier in ids])}


def _kept(conn: Connection, entry: _Entry, made: Publication | None) -> Recorded:
    if entry.told is not None:
        publications.name_operation(conn, entry.told, entry.event.operation)
        return Recorded(event_id=entry.event.id, publication=entry.told)
    run_ids = tuple(run.id for run in entry.arrival.plan.runs)
    return Recorded(event_id=entry.event.id, publication=made, run_ids=run_ids)


def _as_joined(verdicts: tuple[Verdict, ...], told: Publication) -> tuple[Verdict, ...]:
    """The verdicts on an event whose publication has already set off what it sets off."""
    reason = f"same publication as event {told.first_event_id}"
    return tuple(
        replace(verdict, kind=VerdictKind.SAME_PUBLICATION, reason=reason, run_id=None)
        if verdict.kind is VerdictKind.MATCHED
        else verdict
        for verdict in verdicts
    )


def _count(conn: Connection, event: Event) -> Recorded:
    """Count an event that came before: as a duplicate, or as a conflict when its content differs."""
    wanted = {"from_source": event.source, "key": event.dedupe_key, "digest": event.body_digest}
    first = _COUNT.rows(conn, wanted)[0]
    return Recorded(event_id=first["id"], duplicate=True, conflict=first["body_digest"] != event.body_digest)
