"""Claiming due steps with a lease, and settling them.

A lease is a `due_at` in the future with a token: whoever dies holding one loses it by the passing of time.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select, update

from receiver import clock, progress
from receiver.model import Attempt, AttemptResult, Claim, GroupPolicy, Run, Settlement, Step
from receiver.states import StepStatus, is_final
from receiver.store import rows, runs
from receiver.store.dialect import has_one_owner
from receiver.store.steps import add_attempts, save_attempts, save_leased, save_steps, steps_of_all
from receiver.store.tables import attempts, events, steps
from receiver.store.tables import runs as runs_table

ANSWER_LOST = "The process that sent it ended, or its lease was over, before the answer was kept."

# By itself and first: as a plain subquery it could be run once for each row, and lock more than its limit.
_DUE = (
    select(steps.c.id)
    .where(steps.c.due_at <= bindparam("now"), steps.c.target.not_in(bindparam("except_targets", expanding=True)))
    .order_by(steps.c.due_at, steps.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("claimable")
)
_CLAIM = (
    update(steps)
    .where(steps.c.id.in_(select(_DUE.c.id)))
    .values(lease=bindparam("new_lease"), due_at=bindparam("until"))
    .returning(*rows.STEP)
)
_EXTEND = (
    update(steps)
    .where(steps.c.id == bindparam("of"), steps.c.lease == bindparam("held"))
    .values(due_at=bindparam("until"))
)
_END_LEASES = (
    update(steps).where(steps.c.lease.is_not(None), steps.c.due_at > bindparam("now")).values(due_at=bindparam("now"))
)
_NEXT_DUE = select(func.min(steps.c.due_at)).where(steps.c.due_at.is_not(None))
_others = attempts.alias()
_LAST_NUMBER = select(func.max(_others.c.number)).where(_others.c.step_id == attempts.c.step_id).scalar_subquery()
_LAST_ATTEMPTS = select(*rows.ATTEMPT).where(
    attempts.c.step_id.in_(bindparam("steps", expanding=True)), attempts.c.number == _LAST_NUMBER
)
_NOTED = select(attempts.c.result, attempts.c.message).where(attempts.c.id == bindparam("of"))
_RUNS = select(*rows.RUN).where(runs_table.c.id.in_(bindparam("runs", expanding=True)))
_EVENTS = select(*rows.EVENT).where(events.c.id.in_(bindparam("events", expanding=True)))


def claim_due(
    conn: Connection,
    *,
    limit: int,
    now: datetime,
    lease_s: float,
    new_lease: str,
    except_targets: Collection[str] = (),
    new_id: Callable[[], str] = clock.new_id,
) -> list[Claim]:
    """Lease up to `limit` steps whose time has come: due ones to be sent, those with a lost answer to be found.

    A step past its deadline is timed out instead; those of `except_targets` stay where they are.
    """
    terms = {"now": now, "limit": limit, "new_lease": new_lease, "until": now + timedelta(seconds=lease_s)}
    terms["except_targets"] = list(except_targets)
    found = [rows.to_step(row) for row in conn.execute(_CLAIM, terms).mappings()]
    if not found:
        return []
    last = _last_attempts(conn, found)
    _lose_answers(conn, found, last, now=now)
    late = [step for step in found if _is_late(step, now)]
    leased = [_taken(step, now=now) for step in found if not _is_late(step, now)]
    begun = {
        step.id: _next_attempt(step, last.get(step.id), now=now, new_id=new_id) for step in leased if _begins(step)
    }
    save_steps(conn, leased)
    add_attempts(conn, begun.values())
    _time_out(conn, late, now=now)
    return _claims(conn, leased, last | begun)


def settle(conn: Connection, claim: Claim, settlement: Settlement, *, now: datetime) -> Run | None:
    """Keep what became of a claimed step; the run as it is then.

    None when the step's lease is no longer held: then only the answer is kept, with the attempt.
    """
    # The run first: two that end sibling steps at once would else each miss the other's end, and what needs both
    # would wait for ever.
    run = runs.locked(conn, claim.run.id)
    after = progress.settled(claim.step, settlement, now=now)
    if not save_leased(conn, after, lease=claim.step.lease):
        save_attempts(conn, [_late(conn, settlement.attempt)])
        return None
    save_attempts(conn, [settlement.attempt])
    return runs.advance(conn, run, now=now) if is_final(after.status) else run


def settling_locks(claim: Claim) -> tuple[str, ...]:
    """The names that settling a claim locks."""
    group = () if claim.run.policy is GroupPolicy.PARALLEL else (runs.lock_of_group(claim.run.group_key),)
    return (runs.lock_of(claim.run.id), *group)


def extend_lease(conn: Connection, claim: Claim, *, until: datetime) -> bool:
    """Hold a claimed step for longer; False when its lease is no longer held."""
    terms = {"of": claim.step.id, "held": claim.step.lease, "until": until}
    return conn.execute(_EXTEND, terms).rowcount == 1


def end_leases(conn: Connection, *, now: datetime) -> int:
    """End every lease, so that what an earlier process left is claimed now; how many.

    Only where a database has one owner at a time: elsewhere the holder may be alive.
    """
    if not has_one_owner(conn):
        return 0
    return conn.execute(_END_LEASES, {"now": now}).rowcount


def next_due_at(conn: Connection) -> datetime | None:
    """When the next step can be claimed; None when none waits for its time."""
    found: datetime | None = conn.execute(_NEXT_DUE).scalar_one()
    return found


def _late(conn: Connection, answered: Attempt) -> Attempt:
    """An attempt whose answer came after its lease: it stays the one for which the step was asked for again."""
    [noted] = conn.execute(_NOTED, {"of": answered.id}).all()
    if noted.result is not AttemptResult.UNKNOWN or noted.message == answered.message:
        return answered
    return replace(answered, result=noted.result, message=f"{noted.message} It came later: {answered.message or ''}")


def _is_late(step: Step, now: datetime) -> bool:
    return step.deadline_at is not None and step.deadline_at <= now


def _taken(step: Step, *, now: datetime) -> Step:
    """A leased step as it is to be worked on."""
    if step.status is StepStatus.DUE:
        return progress.in_flight(step, now=now)
    return progress.unknown(step) if step.status is StepStatus.IN_FLIGHT else step


def _begins(step: Step) -> bool:
    """Whether a step, leased just now, begins an attempt: one with a lost answer is `unknown` by now."""
    return step.status is StepStatus.IN_FLIGHT


def _next_attempt(step: Step, last: Attempt | None, *, now: datetime, new_id: Callable[[], str]) -> Attempt:
    return Attempt(
        id=new_id(),
        step_id=step.id,
        number=1 if last is None else last.number + 1,
        result=AttemptResult.IN_FLIGHT,
        started_at=now,
    )


def _last_attempts(conn: Connection, found: Iterable[Step]) -> dict[str, Attempt]:
    """The last attempt of each step that has been tried."""
    tried = [step.id for step in found if step.started_at is not None]
    if not tried:
        return {}
    return {row["step_id"]: rows.to_attempt(row) for row in conn.execute(_LAST_ATTEMPTS, {"steps": tried}).mappings()}


def _lose_answers(conn: Connection, found: Iterable[Step], last: dict[str, Attempt], *, now: datetime) -> None:
    """Mark the attempts of steps that were still in flight when their lease ended."""
    lost = {
        step.id: replace(last[step.id], result=AttemptResult.UNKNOWN, ended_at=now, message=ANSWER_LOST)
        for step in found
        if step.status is StepStatus.IN_FLIGHT
    }
    save_attempts(conn, lost.values())
    last.update(lost)


def _time_out(conn: Connection, late: Iterable[Step], *, now: datetime) -> None:
    for step in late:
        run = runs.locked(conn, step.run_id)
        save_steps(conn, [progress.timed_out(step, now=now)])
        runs.advance(conn, run, now=now)


def _claims(conn: Connection, leased: Sequence[Step], tries: dict[str, Attempt]) -> list[Claim]:
    """The leased steps with all that their requests are made from, oldest step first."""
    if not leased:
        return []
    run_ids = sorted({step.run_id for step in leased})
    found = {run.id: run for run in map(rows.to_run, conn.execute(_RUNS, {"runs": run_ids}).mappings())}
    wanted = sorted({run.event_id for run in found.values()})
    told = {event.id: event for event in map(rows.to_event, conn.execute(_EVENTS, {"events": wanted}).mappings())}
    together = steps_of_all(conn, run_ids)
    return [
        Claim(
            step=step,
            attempt=tries[step.id],
            run=found[step.run_id],
            event=told[found[step.run_id].event_id],
            siblings={other.name: other for other in together[step.run_id] if other.id != step.id},
        )
        for step in sorted(leased, key=lambda leased_step: leased_step.id)
    ]
