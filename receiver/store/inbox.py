"""The inbox: what came in during a flood, kept whole and answered, and not recorded as events yet.

To append to one table costs a fifth of what it costs to record an event with its publication, its runs and all their
indexes [measured]. So in a flood deliveries are appended first, and recorded in the order in which they came; each
leaves the inbox in the transaction that records it.

Only the owner of an SQLite file uses it. What waits is also known to the writing connection by a temporary table, which
is an index that no commit has to flush: it lies in memory, and is undone with the transaction that has changed it.
"""

from collections.abc import Callable, Sequence
from itertools import compress
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.schema import CreateTable

from receiver.delivery import Delivery
from receiver.errors import StoreBusyError, StoreError
from receiver.model import Arrival, Event, Recorded
from receiver.store import rows
from receiver.store.prepared import Parameters, PreparedMany, as_table
from receiver.store.recording import record_many
from receiver.store.tables import ASIDE, events, inbox
from receiver.store.types import clean

Keyed = tuple[Delivery, str]
"""A delivery, and the dedupe key that its event has."""

MOST_BYTES: Final = 1024 * 1024
"""From so much of bodies on no more are recorded in one transaction: all else that is written waits for it."""

_waiting = Table(
    "waiting_deliveries",
    MetaData(),
    Column("source", Text, primary_key=True),
    Column("dedupe_key", Text, primary_key=True),
    Column("id", Text, nullable=False),
    schema="temp",
    sqlite_with_rowid=False,
)
"""The first delivery in the inbox of each source and dedupe key."""

_KEY: Final = {"source": events.c.source.type, "dedupe_key": events.c.dedupe_key.type}


def _first_ids(parameters: Sequence[Parameters]) -> Select[*tuple[Any, ...]]:
    """The id of the event that each key has already, or is going to have."""
    given = as_table(parameters, name="given")
    waits, is_recorded = (
        and_(table.c.source == given.c.source, table.c.dedupe_key == given.c.dedupe_key) for table in (_waiting, events)
    )
    identifier = func.coalesce(events.c.id, _waiting.c.id)
    return (
        select(given.c.source, given.c.dedupe_key, identifier.label("id"))
        .select_from(given.outerjoin(_waiting, waits).outerjoin(events, is_recorded))
        .where(identifier.is_not(None))
    )


_FIRST_IDS = PreparedMany(_first_ids, types=_KEY)
_APPEND = PreparedMany(
    lambda parameters: insert(inbox).values(parameters),
    types={column.name: column.type for column in (*rows.DELIVERY, inbox.c.dedupe_key)},
)
_NOTE = PreparedMany(
    lambda parameters: insert(_waiting).values(parameters),
    types=_KEY | {"id": _waiting.c.id.type},
)
_WAITS = inbox.c.fault.is_(None)
_FIRST = select(func.min(inbox.c.number)).where(_WAITS).scalar_subquery()
_OLDEST = (
    select(inbox.c.number, inbox.c.dedupe_key, *rows.DELIVERY)
    .where(_WAITS)
    .order_by(inbox.c.number)
    .limit(bindparam("most"))
)
_REMOVE = delete(inbox).where(inbox.c.number <= bindparam("last"), _WAITS)
_FORGET = delete(_waiting).where(_waiting.c.source == bindparam("of_source"), _waiting.c.dedupe_key == bindparam("key"))
_SET_ASIDE = update(inbox).where(inbox.c.number == _FIRST)
_COUNT = select(func.count()).select_from(inbox).where(_WAITS)
_COUNT_ASIDE = select(func.count()).select_from(inbox).where(ASIDE)
_DELIVERY = select(inbox.c.fault, (inbox.c.number - _FIRST).label("before")).where(inbox.c.id == bindparam("event"))


def open_inbox(conn: Connection) -> None:
    """Know what waits in it, and give what was set aside another chance."""
    conn.execute(CreateTable(_waiting))
    left = select(inbox.c.source, inbox.c.dedupe_key, inbox.c.id).order_by(inbox.c.number)
    conn.execute(insert(_waiting).prefix_with("OR IGNORE").from_select(["source", "dedupe_key", "id"], left))
    conn.execute(update(inbox).values(fault=None).where(ASIDE))


def append_deliveries(conn: Connection, given: Sequence[Keyed]) -> list[Recorded]:
    """Keep deliveries at the end of the inbox, with those that came before: they are counted when they are recorded."""
    keyed = [(delivery, clean(key)) for delivery, key in given]  # as it is found again
    first = {_key(row): row["id"] for row in _FIRST_IDS.rows(conn, [_named(*one) for one in keyed])}
    told = [first.setdefault((delivery.source, key), delivery.id) for delivery, key in keyed]
    is_new = [delivery.id == event_id for (delivery, _), event_id in zip(keyed, told, strict=True)]
    _APPEND.change(conn, [rows.of_delivery(delivery, dedupe_key=key) for delivery, key in keyed])
    _NOTE.change(conn, [_named(*one) | {"id": one[0].id} for one in compress(keyed, is_new)])
    return [Recorded(event_id=event_id, duplicate=not new) for event_id, new in zip(told, is_new, strict=True)]


def record_oldest(
    conn: Connection, *, most: int, arrival_of: Callable[[Delivery], Arrival], new_id: Callable[[], str]
) -> list[tuple[Event, Recorded]]:
    """Record some of the oldest deliveries as the events that they are; none where none waits."""
    found = _oldest(conn, most)
    if not found:
        return []
    arrivals = [arrival_of(rows.to_delivery(row)) for row in found]
    recorded = record_many(conn, arrivals, new_id=new_id)
    conn.execute(_REMOVE, {"last": found[-1]["number"]})
    conn.execute(_FORGET, [{"of_source": row["source"], "key": row["dedupe_key"]} for row in found])
    return [(arrival.event, one) for arrival, one in zip(arrivals, recorded, strict=True)]


def set_oldest_aside(conn: Connection, fault: str) -> None:
    """Leave the oldest delivery where it is, with the fault that keeps it from being recorded; others pass it."""
    conn.execute(_SET_ASIDE.values(fault=fault))


def count_waiting(conn: Connection) -> int:
    """How many deliveries wait to be recorded; it reads them all."""
    return int(conn.execute(_COUNT).scalar_one())


def count_aside(conn: Connection) -> int:
    """How many deliveries could not be recorded, and were set aside."""
    return int(conn.execute(_COUNT_ASIDE).scalar_one())


def count_unrecorded(conn: Connection) -> int:
    """How many deliveries are no events yet, whatever the reason; it reads them all."""
    return count_waiting(conn) + count_aside(conn)


def check_not_waiting(conn: Connection, event_id: str) -> None:
    """Tell of an event that is not recorded yet why it is not; others are passed over."""
    found = conn.execute(_DELIVERY, {"event": event_id}).one_or_none()
    if found is None:
        return
    if found.fault is not None:
        raise StoreError(
            f"Event {event_id!r} has come in, and could not be recorded: {found.fault}. It is kept, and tried again at "
            "the next start."
        )
    raise StoreBusyError(f"Event {event_id!r} has come in, and is recorded once {found.before} others are; ask again.")


def _oldest(conn: Connection, most: int) -> list[rows.Found]:
    found, size = list[rows.Found](), 0
    with conn.execute(_OLDEST, {"most": most}) as result:
        for row in result.mappings():
            found.append(row)
            size += len(row["body"])
            if size >= MOST_BYTES:
                break
    return found


def _named(delivery: Delivery, key: str) -> rows.Values:
    return {"source": delivery.source, "dedupe_key": key}


def _key(row: rows.Found) -> tuple[str, str]:
    return row["source"], row["dedupe_key"]
