"""Where runs and steps stand, and what may follow what: two tables and the one function that guards them."""

from collections.abc import Mapping
from enum import StrEnum

from receiver.errors import IllegalMoveError


class RunStatus(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    HELD = "held"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class StepStatus(StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    HELD = "held"
    DUE = "due"
    IN_FLIGHT = "in_flight"
    UNKNOWN = "unknown"
    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


_RUN, _STEP = RunStatus, StepStatus
NEXT_RUN: Mapping[RunStatus, frozenset[RunStatus]] = {
    _RUN.WAITING: frozenset({_RUN.RUNNING, _RUN.SUPERSEDED, _RUN.CANCELLED, _RUN.HELD}),
    _RUN.HELD: frozenset({_RUN.WAITING, _RUN.CANCELLED}),
    _RUN.RUNNING: frozenset({_RUN.SUCCEEDED, _RUN.FAILED, _RUN.CANCELLED}),
    _RUN.SUCCEEDED: frozenset(),  # final is final: a replay is a new run
    _RUN.FAILED: frozenset(),
    _RUN.CANCELLED: frozenset(),
    _RUN.SUPERSEDED: frozenset(),
}
NEXT_STEP: Mapping[StepStatus, frozenset[StepStatus]] = {
    _STEP.WAITING: frozenset({_STEP.DUE, _STEP.HELD, _STEP.SKIPPED, _STEP.CANCELLED}),
    _STEP.HELD: frozenset({_STEP.DUE, _STEP.FAILED, _STEP.CANCELLED}),
    _STEP.DUE: frozenset({_STEP.IN_FLIGHT, _STEP.TIMED_OUT, _STEP.CANCELLED}),
    _STEP.IN_FLIGHT: frozenset(
        {_STEP.SUCCEEDED, _STEP.STARTED, _STEP.DUE, _STEP.FAILED, _STEP.UNKNOWN, _STEP.CANCELLED}
    ),
    _STEP.UNKNOWN: frozenset(
        {_STEP.STARTED, _STEP.SUCCEEDED, _STEP.FAILED, _STEP.DUE, _STEP.HELD, _STEP.TIMED_OUT, _STEP.CANCELLED}
    ),
    _STEP.STARTED: frozenset({_STEP.SUCCEEDED, _STEP.FAILED, _STEP.TIMED_OUT, _STEP.CANCELLED}),
    _STEP.SUCCEEDED: frozenset(),
    _STEP.FAILED: frozenset(),
    _STEP.TIMED_OUT: frozenset(),
    _STEP.SKIPPED: frozenset(),
    _STEP.CANCELLED: frozenset(),
}


def is_final(status: RunStatus | StepStatus) -> bool:
    """Whether nothing can follow."""
    return not (NEXT_RUN[status] if isinstance(status, RunStatus) else NEXT_STEP[status])


def check_move(now: RunStatus | StepStatus, wanted: RunStatus | StepStatus) -> None:
    """Guard every change of state: what may follow what stands in `NEXT_RUN` and `NEXT_STEP` alone."""
    allowed: frozenset[RunStatus] | frozenset[StepStatus]
    allowed = NEXT_RUN[now] if isinstance(now, RunStatus) else NEXT_STEP[now]
    if type(now) is not type(wanted) or wanted not in allowed:
        raise IllegalMoveError(f"A {type(now).__name__} cannot go from {now.value!r} to {wanted.value!r}.")
