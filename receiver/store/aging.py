"""What is old: bodies that are emptied, events that go with all that followed, and how much is kept.

What is wanted is looked for while reading and done in small writes, each of which looks again at what must not go:
a run that has not ended, with its event; what tells of the publication that is live; what still blocks a flow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, tuple_, update

from receiver.states import RunStatus, is_final
from receiver.store.tables import attempts, events, publications, runs, steps
from receiver.timeline import NOTES

_UNFINISHED: Final = [status for status in RunStatus if not is_final(status)]
_SEEN_AT: Final = bindparam("seen_at", type_=events.c.received_at.type)

_has_unfinished = select(runs.c.id).where(runs.c.event_id == events.c.id, runs.c.status.in_(_UNFINISHED)).exists()
_newest = publications.alias()
_tells_of_live = (
    select(publications.c.id)
    .where(publications.c.id == events.c.publication_id)
    .where(
        publications.c.number
        == select(func.max(_newest.c.number)).where(_newest.c.flow_id == publications.c.flow_id).scalar_subquery()
    )
    .exists()
)
_MAY_GO: Final = (~_has_unfinished, ~_tells_of_live, events.c.type.not_in(NOTES))
_IS_OLD: Final = events.c.received_at < bindparam("before")
_IN_ORDER: Final = (events.c.received_at, events.c.id)

_REMOVABLE = select(events.c.id).where(_IS_OLD, *_MAY_GO).order_by(*_IN_ORDER).limit(bindparam("limit"))
_last = select(publications.c.flow_id, func.max(publications.c.number).label("number")).group_by("flow_id").subquery()
_LIVE = select(publications.c.id).join(
    _last, and_(publications.c.flow_id == _last.c.flow_id, publications.c.number == _last.c.number)
)
# The same conditions as above, put so that they are looked up once for all events, and not once for each.
_COUNT = (
    select(func.count())
    .select_from(events)
    .where(_IS_OLD, events.c.type.not_in(NOTES))
    .where(events.c.id.not_in(select(runs.c.event_id).where(runs.c.status.in_(_UNFINISHED))))
    .where(or_(events.c.publication_id.is_(None), events.c.publication_id.not_in(_LIVE)))
)
_WITH_BODIES = (
    select(events.c.id, events.c.received_at, (func.length(events.c.body) > 0).label("has_body"))
    .where(_IS_OLD, tuple_(*_IN_ORDER) > tuple_(_SEEN_AT, bindparam("seen_id")))
    .order_by(*_IN_ORDER)
    .limit(bindparam("limit"))
)
_STAY = select(events.c.id).where(events.c.id.in_(bindparam("ids", expanding=True)))
_EMPTY = update(events).where(events.c.id.in_(bindparam("ids", expanding=True)), ~_has_unfinished)
_RUNS = select(runs.c.id).where(runs.c.event_id.in_(bindparam("ids", expanding=True)))
_STEPS = select(steps.c.id).where(steps.c.run_id.in_(_RUNS))
_ATTEMPTS = select(attempts.c.id, attempts.c.request, attempts.c.response).where(attempts.c.step_id.in_(_STEPS))
_REMOVE = (
    delete(attempts).where(attempts.c.step_id.in_(_STEPS)),
    delete(steps).where(steps.c.run_id.in_(_RUNS)),
    delete(runs).where(runs.c.event_id.in_(bindparam("ids", expanding=True))),
    delete(events).where(events.c.id.in_(bindparam("ids", expanding=True))),
)
"""In this order: each refers to the next."""
_BARE = (
    update(attempts)
    .where(attempts.c.id == bindparam("of"))
    .values(request=bindparam("request"), response=bindparam("response"))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """How far the old bodies have been seen to."""

    received_at: datetime
    id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OldBodies:
    """Some events past their bodies' time: those that still have one, and how far that is."""

    ids: tuple[str, ...]
    mark: Mark


def removable_events(conn: Connection, *, before: datetime, limit: int) -> list[str]:
    """The oldest events from before that time that may go, by id."""
    return list(conn.execute(_REMOVABLE, {"before": before, "limit": limit}).scalars())


def count_removable(conn: Connection, *, before: datetime) -> int:
    """How many events from before that time may go."""
    return int(conn.execute(_COUNT, {"before": before}).scalar_one())


def remove_events(conn: Connection, ids: Sequence[str]) -> int:
    """Remove events with all that followed from them, except those that may not go after all; how many went."""
    going = list(conn.execute(_STAY.where(*_MAY_GO), {"ids": ids}).scalars())
    if going:
        for statement in _REMOVE:
            conn.execute(statement, {"ids": going})
    return len(going)


def old_bodies(conn: Connection, *, before: datetime, after: Mark, limit: int) -> OldBodies | None:
    """The next events from before that time whose bodies are to go, of so many that are looked at; None at the end."""
    terms = {"before": before, "seen_at": after.received_at, "seen_id": after.id, "limit": limit}
    found = conn.execute(_WITH_BODIES, terms).all()
    if not found:
        return None
    mark = Mark(received_at=found[-1].received_at, id=found[-1].id)
    return OldBodies(ids=tuple(row.id for row in found if row.has_body), mark=mark)


def empty_bodies(conn: Connection, ids: Sequence[str]) -> int:
    """Empty the bodies of events, and of what was sent and answered for them, unless a run is unfinished."""
    going = list(conn.execute(_STAY.where(~_has_unfinished), {"ids": ids}).scalars())
    if not going:
        return 0
    conn.execute(_EMPTY.values(body=b""), {"ids": going})
    for row in conn.execute(_ATTEMPTS, {"ids": going}).all():
        bare = {"request": _without_body(row.request), "response": _without_body(row.response)}
        if bare != {"request": row.request, "response": row.response}:
            conn.execute(_BARE, {"of": row.id, **bare})
    return len(going)


def _without_body(part: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return {**part, "body": None} if part and part.get("body") else part
