"""Events for a file, the oldest first, and events that come from one."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, tuple_

from receiver import clock
from receiver.errors import CursorError
from receiver.model import Arrival, EventRecord, Page, Recorded
from receiver.store import rows
from receiver.store.history import cursor_of, events_by_id, place_of, publications_by_id
from receiver.store.recording import record_many
from receiver.store.tables import events

MOST_BYTES: Final = 4 * 1024 * 1024
"""How much of bodies one part of a list holds, whatever its limit; a single larger body is given alone."""

_AT: Final = events.c.received_at
_FROM: Final = bindparam("from_at", type_=_AT.type), bindparam("from_id", type_=events.c.id.type)
_NEXT = (
    select(events.c.id, _AT, func.length(events.c.body).label("size"))
    .where(tuple_(_AT, events.c.id) > tuple_(*_FROM), bindparam("until", type_=_AT.type) > _AT)
    .order_by(_AT, events.c.id)
    .limit(bindparam("limit"))
)
_EVENTS = (
    select(*rows.EVENT, *rows.EVENT_MORE)
    .where(events.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_AT, events.c.id)
)
_BEGINNING: Final = datetime(1, 1, 2, tzinfo=UTC)
_END: Final = datetime(9999, 12, 30, tzinfo=UTC)


def export_events(
    conn: Connection, *, since: datetime | None, until: datetime | None, cursor: str | None, limit: int
) -> Page[EventRecord]:
    """A part of the events that came in from `since` on and before `until`, the oldest first, with their bodies."""
    at, last = (since or _BEGINNING, "") if cursor is None else _place(cursor)
    terms = {"from_at": at, "from_id": last, "until": until or _END, "limit": limit + 1}
    found = conn.execute(_NEXT, terms).all()
    total, count = 0, 0
    for row in found[:limit]:
        total += row.size
        if count and total > MOST_BYTES:
            break
        count += 1
    shown = found[:count]
    more = cursor_of(f"{shown[-1].received_at.isoformat()} {shown[-1].id}") if len(found) > count else None
    return Page(items=_records(conn, [row.id for row in shown]), next_cursor=more)


def record_unless_there(
    conn: Connection, arrivals: Sequence[Arrival], *, new_id: Callable[[], str] = clock.new_id
) -> list[Recorded | None]:
    """Keep events, in their order; None, and nothing is counted, for one that is there already, this very event."""
    there = set(events_by_id(conn, {arrival.event.id for arrival in arrivals}))
    new: list[Arrival] = []
    for arrival in arrivals:
        if arrival.event.id not in there:
            there.add(arrival.event.id)
            new.append(arrival)
    recorded = iter(record_many(conn, new, new_id=new_id))
    kept = {id(arrival) for arrival in new}
    return [next(recorded) if id(arrival) in kept else None for arrival in arrivals]


def _records(conn: Connection, ids: list[str]) -> tuple[EventRecord, ...]:
    found = conn.execute(_EVENTS, {"ids": ids}).mappings().all()
    told = publications_by_id(conn, [row["publication_id"] for row in found if row["publication_id"]])
    return tuple(
        EventRecord(
            event=rows.to_event(row),
            verdicts=rows.to_verdicts(row),
            publication=told.get(row["publication_id"]),
            duplicates=row["duplicates"],
            conflicts=row["conflicts"],
        )
        for row in found
    )


def _place(cursor: str) -> tuple[datetime, str]:
    """The time and the id that a part of the list ended with."""
    at, _, last = place_of(cursor).partition(" ")
    try:
        return datetime.fromisoformat(at), last
    except ValueError as exc:
        raise CursorError(f"The cursor {cursor[:40]!r} is none of this list's; ask again without it.") from exc
