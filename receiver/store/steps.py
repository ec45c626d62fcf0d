"""Steps and attempts: read, saved, claimed with a lease, settled."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from receiver.model import Attempt, Step
from receiver.store import rows
from receiver.store.tables import attempts, steps

_CHANGING = (
    "status",
    "attempts",
    "due_at",
    "lease",
    "deadline_at",
    "reference",
    "url",
    "outputs",
    "message",
    "started_at",
    "ended_at",
)
_KEPT = ("result", "ended_at", "message", "request", "response")

_OF_RUNS = (
    select(*rows.STEP)
    .where(steps.c.run_id.in_(bindparam("runs", expanding=True)))
    .order_by(steps.c.run_id, steps.c.position)
)
_SAVE = update(steps).where(steps.c.id == bindparam("of")).values({name: bindparam(name) for name in _CHANGING})
_SAVE_LEASED = _SAVE.where(steps.c.lease == bindparam("held"))
_ADD_ATTEMPTS = insert(attempts)
_SAVE_ATTEMPT = (
    update(attempts).where(attempts.c.id == bindparam("of")).values({name: bindparam(name) for name in _KEPT})
)


def steps_of(conn: Connection, run_ids: Sequence[str]) -> list[Step]:
    """The steps of some runs, those of one run in their order."""
    return [rows.to_step(row) for row in conn.execute(_OF_RUNS, {"runs": run_ids})]


def save_steps(conn: Connection, moved: Iterable[Step]) -> None:
    """Keep how steps stand now."""
    if values := [_changes(step) for step in moved]:
        conn.execute(_SAVE, values)


def save_leased(conn: Connection, step: Step, *, lease: str | None) -> bool:
    """Keep how a step stands now, if this lease of it still holds."""
    return conn.execute(_SAVE_LEASED, {**_changes(step), "held": lease}).rowcount == 1


def add_attempts(conn: Connection, begun: Iterable[Attempt]) -> None:
    """Write down attempts before any byte is sent."""
    if values := [rows.of_attempt(attempt) for attempt in begun]:
        conn.execute(_ADD_ATTEMPTS, values)


def save_attempts(conn: Connection, ended: Iterable[Attempt]) -> None:
    """Keep how attempts ended."""
    if values := [{"of": attempt.id} | {name: getattr(attempt, name) for name in _KEPT} for attempt in ended]:
        conn.execute(_SAVE_ATTEMPT, values)


def _changes(step: Step) -> dict[str, Any]:
    return {"of": step.id} | {name: getattr(step, name) for name in _CHANGING} | {"outputs": dict(step.outputs)}
