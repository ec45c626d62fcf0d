"""Steps and attempts: read, saved, claimed with a lease, settled."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from receiver.model import Attempt, Step
from receiver.store import rows
from receiver.store.prepared import Prepared, PreparedMany
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

_ADD = PreparedMany(
    lambda parameters: insert(steps).values(parameters), types={column.name: column.type for column in steps.columns}
)
_OF_RUN = Prepared(select(*rows.STEP).where(steps.c.run_id == bindparam("run")).order_by(steps.c.position))
_OF_RUNS = (
    select(*rows.STEP)
    .where(steps.c.run_id.in_(bindparam("runs", expanding=True)))
    .order_by(steps.c.run_id, steps.c.position)
)
_CHANGE = update(steps).where(steps.c.id == bindparam("of")).values({name: bindparam(name) for name in _CHANGING})
_SAVE = Prepared(_CHANGE)
_SAVE_LEASED = Prepared(_CHANGE.where(steps.c.lease == bindparam("held")))
_ADD_ATTEMPT = Prepared(insert(attempts), columns=attempts.columns.keys())
_SAVE_ATTEMPT = Prepared(
    update(attempts).where(attempts.c.id == bindparam("of")).values({name: bindparam(name) for name in _KEPT})
)


def add_steps(conn: Connection, planned: Iterable[Step]) -> None:
    """Add the steps of new runs."""
    _ADD.change(conn, [rows.of_step(step) for step in planned])


def steps_of(conn: Connection, run_id: str) -> list[Step]:
    """The steps of a run, in their order."""
    return [rows.to_step(row) for row in _OF_RUN.rows(conn, {"run": run_id})]


def steps_of_all(conn: Connection, run_ids: Sequence[str]) -> dict[str, list[Step]]:
    """The steps of some runs, by run."""
    found: dict[str, list[Step]] = {run_id: [] for run_id in run_ids}
    for row in conn.execute(_OF_RUNS, {"runs": run_ids}).mappings():
        found[row["run_id"]].append(rows.to_step(row))
    return found


def save_steps(conn: Connection, moved: Iterable[Step]) -> None:
    """Keep how steps stand now."""
    for step in moved:
        _SAVE.change(conn, _changes(step))


def save_leased(conn: Connection, step: Step, *, lease: str | None) -> bool:
    """Keep how a step stands now, if this lease of it still holds."""
    return _SAVE_LEASED.change(conn, {**_changes(step), "held": lease}) == 1


def add_attempts(conn: Connection, begun: Iterable[Attempt]) -> None:
    """Write down attempts before any byte is sent."""
    for attempt in begun:
        _ADD_ATTEMPT.change(conn, rows.of_attempt(attempt))


def save_attempts(conn: Connection, ended: Iterable[Attempt]) -> None:
    """Keep how attempts ended."""
    for attempt in ended:
        _SAVE_ATTEMPT.change(conn, {"of": attempt.id} | {name: getattr(attempt, name) for name in _KEPT})


def _changes(step: Step) -> dict[str, Any]:
    return {"of": step.id} | {name: getattr(step, name) for name in _CHANGING} | {"outputs": dict(step.outputs)}
