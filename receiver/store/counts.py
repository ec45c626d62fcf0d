"""How much there is to do, for metrics and readiness."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from receiver.states import RunStatus, StepStatus
from receiver.store.tables import DEAD, OPEN, runs, steps


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many steps and runs stand where somebody should know."""

    due: int
    in_flight: int
    """Leased, or sent with the answer lost."""
    dead_letters: int
    waiting_runs: int


_CLAIMABLE = (
    select(steps.c.status, func.count().label("number")).where(steps.c.due_at.is_not(None)).group_by(steps.c.status)
)
_DEAD = select(func.count()).select_from(steps).where(DEAD)
_WAITING = select(func.count()).select_from(runs).where(OPEN, runs.c.status == bindparam("waiting", RunStatus.WAITING))


def counts(conn: Connection) -> Counts:
    """Count what is due, in flight, dead and waiting; each by an index that holds nothing else."""
    by_status = {row.status: row.number for row in conn.execute(_CLAIMABLE)}
    return Counts(
        due=by_status.get(StepStatus.DUE, 0),
        in_flight=by_status.get(StepStatus.IN_FLIGHT, 0) + by_status.get(StepStatus.UNKNOWN, 0),
        dead_letters=conn.execute(_DEAD).scalar_one(),
        waiting_runs=conn.execute(_WAITING).scalar_one(),
    )
