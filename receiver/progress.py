"""What becomes of a run once one of its steps has moved: which steps are due or skipped, and how the run ends.

Pure. The store applies what `advance` says, in the transaction that settles the step.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from receiver.model import Condition, Json, Run, Settlement, Step
from receiver.states import RunStatus, StepStatus, check_move, is_final

FAILURES = frozenset({StepStatus.FAILED, StepStatus.TIMED_OUT, StepStatus.CANCELLED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """A run and its steps as they stand now, and which of the steps have moved."""

    run: Run
    steps: tuple[Step, ...]
    moved: tuple[Step, ...] = ()


def start(run: Run, steps: Sequence[Step], *, now: datetime) -> Progress:
    """Let a waiting run begin: its first steps are due; one without steps has succeeded."""
    running = _run_to(run, RunStatus.RUNNING, reason=None, started_at=now)
    return advance(running, steps, now=now)


def advance(run: Run, steps: Sequence[Step], *, now: datetime) -> Progress:
    """Move the waiting steps that can move, and end the run with its last step."""
    if run.status is not RunStatus.RUNNING:
        return Progress(run=run, steps=tuple(steps))
    by_name = {step.name: step for step in steps}
    moved: dict[str, Step] = {}
    while round_ := list(_movable(by_name, now=now)):  # a skipped step may let others move
        moved |= {step.name: step for step in round_}
        by_name |= {step.name: step for step in round_}
    return Progress(
        run=_ended(run, tuple(by_name.values()), now=now),
        steps=tuple(by_name.values()),
        moved=tuple(moved.values()),
    )


def _movable(by_name: Mapping[str, Step], *, now: datetime) -> Iterator[Step]:
    for step in by_name.values():
        if step.status is not StepStatus.WAITING:
            continue
        if all(is_final(by_name[name].status) for name in step.needs):
            yield due(step, now=now) if _is_wanted(step, by_name) else skipped(step, now=now)


def _is_wanted(step: Step, by_name: Mapping[str, Step]) -> bool:
    has_failed = any(by_name[name].status in FAILURES for name in _needed(step, by_name))
    return {
        Condition.SUCCESS: not has_failed,
        Condition.FAILURE: has_failed,
        Condition.ALWAYS: True,
    }[step.condition]


def _needed(step: Step, by_name: Mapping[str, Step]) -> set[str]:
    """The names of all that a step needs, directly or through others."""
    found: set[str] = set()
    ahead = list(step.needs)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead.extend(by_name[name].needs)
    return found


def _ended(run: Run, steps: Sequence[Step], *, now: datetime) -> Run:
    if not all(is_final(step.status) for step in steps):
        return run
    failed = [step for step in steps if step.status in FAILURES]
    if not failed:
        return _run_to(run, RunStatus.SUCCEEDED, ended_at=now)
    reason = "; ".join(_complaint(step) for step in failed)
    if all(step.status is StepStatus.CANCELLED for step in failed):
        return _run_to(run, RunStatus.CANCELLED, ended_at=now, reason=reason)
    return _run_to(run, RunStatus.FAILED, ended_at=now, reason=reason)


def _complaint(step: Step) -> str:
    how = {StepStatus.FAILED: "failed", StepStatus.TIMED_OUT: "timed out"}.get(step.status, "was cancelled")
    return f"step {step.name!r} {how}: {step.message}" if step.message else f"step {step.name!r} {how}"


def superseded(run: Run, by: Run, *, now: datetime) -> Run:
    """A waiting run that a newer one has made pointless."""
    return _run_to(run, RunStatus.SUPERSEDED, reason=f"superseded by run {by.id}", ended_at=now)


def due(step: Step, *, now: datetime) -> Step:
    """A step whose turn has come; from now on its time runs."""
    deadline = now + timedelta(seconds=step.timeout_s)
    return _step_to(step, StepStatus.DUE, due_at=now, deadline_at=deadline)


def skipped(step: Step, *, now: datetime) -> Step:
    """A step whose condition does not hold."""
    message = "no step before it failed" if step.condition is Condition.FAILURE else "a step before it failed"
    return _step_to(step, StepStatus.SKIPPED, message=message, ended_at=now)


def cancelled(step: Step, message: str, *, now: datetime) -> Step:
    """A step that shall not happen any more."""
    return _step_to(step, StepStatus.CANCELLED, message=message, due_at=None, lease=None, ended_at=now)


def in_flight(step: Step, *, now: datetime) -> Step:
    """A due step whose next attempt begins."""
    return _step_to(step, StepStatus.IN_FLIGHT, attempts=step.attempts + 1, started_at=step.started_at or now)


def unknown(step: Step) -> Step:
    """A step in flight whose lease is over: its answer was lost."""
    return step if step.status is StepStatus.UNKNOWN else _step_to(step, StepStatus.UNKNOWN)


def timed_out(step: Step, *, now: datetime) -> Step:
    """A step that was not done by its deadline."""
    before = unknown(step) if step.status is StepStatus.IN_FLIGHT else step
    message = f"It was not done within {step.timeout_s:g} s." + (f" {step.message}" if step.message else "")
    return _step_to(before, StepStatus.TIMED_OUT, message=message, due_at=None, lease=None, ended_at=now)


def settled(step: Step, settlement: Settlement, *, now: datetime) -> Step:
    """A claimed step as a settlement leaves it: without its lease, and never due after its deadline."""
    return replace(
        step if _stays(step, settlement.status) else _step_to(step, settlement.status),
        attempts=step.attempts if settlement.counts else step.attempts - 1,
        due_at=_next_look(step, settlement, now=now),
        lease=None,
        reference=settlement.reference or step.reference,
        url=settlement.url or step.url,
        outputs=settlement.outputs or step.outputs,
        message=settlement.message,
        ended_at=now if is_final(settlement.status) else None,
    )


def _stays(step: Step, status: StepStatus) -> bool:
    """Whether a look at a step has told nothing new."""
    return step.status is status and status in {StepStatus.UNKNOWN, StepStatus.STARTED}


def _next_look(step: Step, settlement: Settlement, *, now: datetime) -> datetime | None:
    if is_final(settlement.status) or settlement.status is StepStatus.HELD:
        return None
    if settlement.status is StepStatus.STARTED and settlement.due_at is None:
        return step.deadline_at  # nobody polls it: an outcome that never comes ends there
    at = settlement.due_at or now
    return at if step.deadline_at is None else min(at, step.deadline_at)


def _step_to(step: Step, status: StepStatus, **changes: Json) -> Step:
    check_move(step.status, status)
    return replace(step, status=status, **changes)


def _run_to(run: Run, status: RunStatus, **changes: Json) -> Run:
    check_move(run.status, status)
    return replace(run, status=status, **changes)
