"""A clock that was set back: what is due must follow it, or what waits a second waits an hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select, update

from receiver.clock import Clock
from receiver.store.dialect import has_one_owner
from receiver.store.tables import attempts, steps
from receiver.store.types import UtcTime

APART: Final = timedelta(minutes=1)
"""How much the clocks of machines may differ without anything being made of it."""

_CLAIMABLE = select(steps.c.id, steps.c.due_at, steps.c.deadline_at).where(steps.c.due_at.is_not(None))
_TRIED_AT = (
    select(func.max(func.coalesce(attempts.c.ended_at, attempts.c.started_at)))
    .where(attempts.c.step_id == steps.c.id)
    .scalar_subquery()
)
_WAITING = select(
    steps.c.id, steps.c.due_at, steps.c.deadline_at, steps.c.timeout_s, _TRIED_AT.label("tried_at")
).where(steps.c.due_at > bindparam("now"), steps.c.deadline_at > bindparam("now"))
_SERVER_TIME = select(func.clock_timestamp(type_=UtcTime()))
# Not of a step that somebody has claimed meanwhile: it has a lease of its own by now.
_MOVE = (
    update(steps)
    .where(steps.c.id == bindparam("of"), steps.c.due_at == bindparam("was"))
    .values(due_at=bindparam("due"), deadline_at=bindparam("deadline"))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Times:
    """When a step that waits is due, and until when."""

    id: str
    due_at: datetime
    deadline_at: datetime
    timeout_s: float
    tried_at: datetime | None
    """The last time that an attempt at it is known to have gone on."""

    @property
    def became_due_at(self) -> datetime:
        """When its turn came, which its deadline tells."""
        return self.deadline_at - timedelta(seconds=self.timeout_s)

    def from_now_on(self, now: datetime) -> dict[str, Any]:
        """Its times as if the last that was written of it, which is in the future, were now."""
        by = max((self.tried_at or self.became_due_at) - now, timedelta(0))
        deadline = min(self.deadline_at - by, now + timedelta(seconds=self.timeout_s))
        return {"of": self.id, "was": self.due_at, "due": self.due_at - by, "deadline": deadline}


def time_ahead(conn: Connection, clock: Clock) -> timedelta:
    """How far a clock is ahead of the server's, less than nothing where it is behind; what asking takes counts not."""
    before = clock()
    of_server = conn.execute(_SERVER_TIME).scalar_one()
    after = clock()
    return max(before - of_server, timedelta(0)) + min(after - of_server, timedelta(0))


def follow_clock(conn: Connection, *, now: datetime, back: timedelta) -> None:
    """Let what is due follow a clock that was set back just now by so much.

    Only of a database with one owner is that known of every time that is kept: elsewhere other clocks count, too.
    """
    if not has_one_owner(conn):
        begin_anew(conn, now=now)
        return
    found = conn.execute(_CLAIMABLE).all()
    _move(
        conn,
        [
            {"of": step_id, "was": due_at, "due": due_at - back, "deadline": deadline_at and deadline_at - back}
            for step_id, due_at, deadline_at in found
        ],
    )


def begin_anew(conn: Connection, *, now: datetime) -> timedelta:
    """Let steps that became due at a time which has yet to come wait from now on; how far ahead that time was.

    Their deadlines are moved, too, so nothing is moved twice; and nothing is done early, as the time that has really
    passed since then counts as none.
    """
    present = now if has_one_owner(conn) else max(now, conn.execute(_SERVER_TIME).scalar_one())
    waiting = [_Times(**row) for row in conn.execute(_WAITING, {"now": present}).mappings()]
    ahead = [one for one in waiting if one.became_due_at - present > APART]
    _move(conn, [one.from_now_on(present) for one in ahead])
    return max((one.became_due_at - present for one in ahead), default=timedelta(0))


def _move(conn: Connection, moved: Sequence[Mapping[str, Any]]) -> None:
    if moved:
        conn.execute(_MOVE, moved)
