"""How far each poll has come, and whose turn it is: one node at a time asks."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, or_, select, update

from receiver.model import PollState
from receiver.store import rows
from receiver.store.dialect import has_one_owner, insert_if_new
from receiver.store.tables import events, polls

LONGEST_REST = timedelta(hours=1)
"""A poll that is due later than this is due now: the clock has been put back."""

_AT_ONCE = 500
"""A statement holds only so many values."""

_ADD = insert_if_new(polls, "source")
_STATE = rows.columns_of(polls, PollState)
_KNOWN = select(events.c.dedupe_key).where(
    events.c.source == bindparam("from"), events.c.dedupe_key.in_(bindparam("keys", expanding=True))
)


def poll_states(conn: Connection) -> dict[str, PollState]:
    """Every poll that was ever made, by its source."""
    return {row["source"]: PollState(**row) for row in conn.execute(select(*_STATE)).mappings()}


def take_turn(conn: Connection, source: str, *, now: datetime, until: datetime) -> PollState | None:
    """The state of a poll that is due, which nobody else takes until then; None where it is not due."""
    conn.execute(_ADD[conn.dialect.name], asdict(PollState(source=source, due_at=now)))
    taken = conn.execute(
        update(polls)
        .where(polls.c.source == source, or_(polls.c.due_at <= now, polls.c.due_at > now + LONGEST_REST))
        .values(due_at=until, asked_at=now, is_under_way=True)
        .returning(*_STATE)
    )
    row = taken.mappings().first()
    return None if row is None else PollState(**row)


def end_turn(conn: Connection, state: PollState) -> None:
    """Keep how a poll has gone, unless another was begun meanwhile."""
    mine = (polls.c.source == state.source, polls.c.asked_at == state.asked_at)
    conn.execute(update(polls).where(*mine).values(**asdict(replace(state, is_under_way=False))))


def free_turns(conn: Connection, *, now: datetime) -> None:
    """Let polls that an earlier process did not end be made now, where it can only have been an earlier one."""
    if has_one_owner(conn):
        conn.execute(update(polls).where(polls.c.is_under_way).values(due_at=now))


def known_keys(conn: Connection, source: str, keys: Sequence[str]) -> frozenset[str]:
    """Those of the keys under which the source has an event already."""
    parts = (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))
    return frozenset(key for part in parts for key in conn.execute(_KNOWN, {"from": source, "keys": part}).scalars())


def first_found_at(conn: Connection, source: str, flow_id: str) -> datetime | None:
    """When the first version went live that the source has found of a flow."""
    found = select(func.min(events.c.occurred_at)).where(events.c.flow_id == flow_id, events.c.source == source)
    return conn.execute(found).scalar()
