from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from receiver import progress
from receiver.errors import IllegalMoveError
from receiver.model import Attempt, AttemptResult, Condition, GroupPolicy, Json, Run, Settlement, Step
from receiver.states import RunStatus, StepStatus, is_final

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_run(**changes: Json) -> Run:
    run = Run(
        id="run-1",
        pipeline="deploy",
        event_id="event-1",
        cause="event-1",
        group_key="group-1",
        policy=GroupPolicy.LATEST,
        status=RunStatus.RUNNING,
        config_digest="c0ffee",
        created_at=NOON,
    )
    return replace(run, **changes)


def a_step(name: str, *needs: str, **changes: Json) -> Step:
    step = Step(id=f"id-{name}", run_id="run-1", position=0, name=name, target="http", kind="http", needs=needs)
    return replace(step, **changes)


def an_attempt() -> Attempt:
    return Attempt(id="attempt-1", step_id="id-a", number=1, result=AttemptResult.SUCCEEDED, started_at=NOON)


def statuses(found: progress.Progress) -> dict[str, StepStatus]:
    return {step.name: step.status for step in found.steps}


def test_a_run_starts_with_the_steps_that_need_nothing() -> None:
    run = a_run(status=RunStatus.WAITING, reason="waits for run run-0")

    begun = progress.start(run, [a_step("a"), a_step("b", "a"), a_step("c")], now=NOON)

    assert begun.run == replace(run, status=RunStatus.RUNNING, reason=None, started_at=NOON)
    assert statuses(begun) == {"a": StepStatus.DUE, "b": StepStatus.WAITING, "c": StepStatus.DUE}
    assert [step.name for step in begun.moved] == ["a", "c"]


def test_a_run_without_steps_has_succeeded_at_its_start() -> None:
    begun = progress.start(a_run(status=RunStatus.WAITING), [], now=NOON)

    assert begun.run.status is RunStatus.SUCCEEDED
    assert begun.run.ended_at == NOON


def test_the_time_of_a_step_runs_from_when_it_is_due() -> None:
    after = progress.advance(a_run(), [a_step("a", timeout_s=90.0)], now=NOON)

    assert after.moved[0].due_at == NOON
    assert after.moved[0].deadline_at == NOON + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("before", "condition", "expected"),
    [
        pytest.param(StepStatus.SUCCEEDED, Condition.SUCCESS, StepStatus.DUE, id="success() after success"),
        pytest.param(StepStatus.FAILED, Condition.SUCCESS, StepStatus.SKIPPED, id="success() after failure"),
        pytest.param(StepStatus.TIMED_OUT, Condition.SUCCESS, StepStatus.SKIPPED, id="success() after timing out"),
        pytest.param(StepStatus.SKIPPED, Condition.SUCCESS, StepStatus.DUE, id="success() after a skipped one"),
        pytest.param(StepStatus.SUCCEEDED, Condition.FAILURE, StepStatus.SKIPPED, id="failure() after success"),
        pytest.param(StepStatus.FAILED, Condition.FAILURE, StepStatus.DUE, id="failure() after failure"),
        pytest.param(StepStatus.TIMED_OUT, Condition.FAILURE, StepStatus.DUE, id="failure() after timing out"),
        pytest.param(StepStatus.SUCCEEDED, Condition.ALWAYS, StepStatus.DUE, id="always() after success"),
        pytest.param(StepStatus.FAILED, Condition.ALWAYS, StepStatus.DUE, id="always() after failure"),
        pytest.param(StepStatus.CANCELLED, Condition.ALWAYS, StepStatus.DUE, id="always() after cancelling"),
        pytest.param(StepStatus.UNKNOWN, Condition.ALWAYS, StepStatus.WAITING, id="always() while it is unknown"),
    ],
)
def test_a_condition_looks_at_what_the_step_needs(
    before: StepStatus, condition: Condition, expected: StepStatus
) -> None:
    after = progress.advance(a_run(), [a_step("a", status=before), a_step("b", "a", condition=condition)], now=NOON)

    assert statuses(after)["b"] is expected


def test_a_failure_further_up_still_counts() -> None:
    steps = [
        a_step("smoke", status=StepStatus.FAILED),
        a_step("deploy", "smoke"),
        a_step("announce", "deploy"),
        a_step("undo", "deploy", condition=Condition.FAILURE),
    ]

    after = progress.advance(a_run(), steps, now=NOON)

    assert statuses(after) == {
        "smoke": StepStatus.FAILED,
        "deploy": StepStatus.SKIPPED,
        "announce": StepStatus.SKIPPED,
        "undo": StepStatus.DUE,
    }


def test_a_run_ends_with_its_last_step() -> None:
    steps = [a_step("a", status=StepStatus.SUCCEEDED), a_step("b", "a", status=StepStatus.SUCCEEDED)]

    after = progress.advance(a_run(), steps, now=NOON)

    assert after.run == a_run(status=RunStatus.SUCCEEDED, ended_at=NOON)


def test_a_run_with_a_failed_step_has_failed_and_says_why() -> None:
    steps = [a_step("a", status=StepStatus.FAILED, message="404 from ci.test"), a_step("b", "a")]

    after = progress.advance(a_run(), steps, now=NOON)

    assert after.run.status is RunStatus.FAILED
    assert after.run.reason == "step 'a' failed: 404 from ci.test"


def test_a_run_whose_steps_were_cancelled_was_cancelled() -> None:
    after = progress.advance(a_run(), [a_step("a", status=StepStatus.CANCELLED)], now=NOON)

    assert after.run.status is RunStatus.CANCELLED


def test_a_run_that_is_over_moves_nothing() -> None:
    after = progress.advance(a_run(status=RunStatus.CANCELLED), [a_step("a")], now=NOON)

    assert after.moved == ()


def test_a_step_is_never_tried_again_after_its_deadline() -> None:
    deadline = NOON + timedelta(seconds=10)
    step = a_step("a", status=StepStatus.IN_FLIGHT, deadline_at=deadline)
    retry = Settlement(status=StepStatus.DUE, attempt=an_attempt(), due_at=NOON + timedelta(hours=1))

    assert progress.settled(step, retry, now=NOON).due_at == deadline


def test_a_step_handed_back_has_used_up_no_attempt() -> None:
    step = a_step("a", status=StepStatus.IN_FLIGHT, attempts=3)
    handed_back = Settlement(status=StepStatus.DUE, attempt=an_attempt(), counts=False)

    assert progress.settled(step, handed_back, now=NOON).attempts == 2


def test_a_look_that_tells_nothing_new_leaves_a_step_unknown() -> None:
    step = a_step("a", status=StepStatus.UNKNOWN, lease="token")
    later = NOON + timedelta(seconds=5)

    after = progress.settled(step, Settlement(status=StepStatus.UNKNOWN, attempt=an_attempt(), due_at=later), now=NOON)

    assert (after.status, after.due_at, after.lease) == (StepStatus.UNKNOWN, later, None)


def test_final_is_final() -> None:
    with pytest.raises(IllegalMoveError, match="cannot go from 'succeeded' to 'failed'"):
        progress.settled(
            a_step("a", status=StepStatus.SUCCEEDED),
            Settlement(status=StepStatus.FAILED, attempt=an_attempt()),
            now=NOON,
        )


@pytest.mark.parametrize("status", [status for status in StepStatus if is_final(status)])
def test_a_final_step_holds_no_lease_and_is_never_due(status: StepStatus) -> None:
    started = a_step("a", status=StepStatus.UNKNOWN, lease="token", due_at=NOON)
    moved = {
        StepStatus.SUCCEEDED: lambda: progress.settled(
            started, Settlement(status=StepStatus.SUCCEEDED, attempt=an_attempt()), now=NOON
        ),
        StepStatus.FAILED: lambda: progress.settled(
            started, Settlement(status=StepStatus.FAILED, attempt=an_attempt()), now=NOON
        ),
        StepStatus.TIMED_OUT: lambda: progress.timed_out(started, now=NOON),
        StepStatus.SKIPPED: lambda: progress.skipped(a_step("a"), now=NOON),
        StepStatus.CANCELLED: lambda: progress.cancelled(started, "not wanted", now=NOON),
    }[status]()

    assert (moved.status, moved.due_at, moved.lease, moved.ended_at) == (status, None, None, NOON)
