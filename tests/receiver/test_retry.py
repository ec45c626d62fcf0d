"""What becomes of a step once an attempt has ended."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.model import AttemptResult, Step
from receiver.outcomes import Outcome, is_passing
from receiver.retry import RETRY_AFTER_CAP_S, Decision, RetryPolicy, after, retry_after_s
from receiver.states import StepStatus

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class NoChance(Random):
    """Adds no jitter."""

    def random(self) -> float:
        return 0.0


def a_step(*, status: StepStatus = StepStatus.IN_FLIGHT, started_at: datetime = NOON) -> Step:
    return Step(
        id="s-1",
        run_id="r-1",
        position=0,
        name="deploy",
        target="http",
        kind="http",
        status=status,
        started_at=started_at,
    )


def decided(
    outcome: Outcome,
    *,
    step: Step | None = None,
    attempts: int = 1,
    policy: RetryPolicy | None = None,
    resends: bool = True,
) -> Decision:
    return after(
        outcome,
        step=step or a_step(),
        attempts=attempts,
        policy=policy or RetryPolicy(),
        resends=resends,
        now=NOON,
        rng=NoChance(),
    )


def test_what_is_done_is_done() -> None:
    decision = decided(Outcome.succeeded("The target answered 201 Created"))

    assert decision == Decision(StepStatus.SUCCEEDED, AttemptResult.SUCCEEDED, "The target answered 201 Created.")


def test_what_is_taken_is_waited_for() -> None:
    assert decided(Outcome.started("Queued")).status is StepStatus.STARTED


def test_what_is_taken_is_looked_at_when_its_kind_says_so() -> None:
    decision = decided(Outcome.started("Queued", look_after_s=5), step=a_step(status=StepStatus.STARTED))

    assert (decision.status, decision.due_at) == (StepStatus.STARTED, NOON + timedelta(seconds=5))


@pytest.mark.parametrize(
    "outcome", [Outcome.of_status(503), Outcome.lost("No answer"), Outcome.not_found("Gone")], ids=lambda o: o.kind
)
def test_a_look_that_fails_is_made_again(outcome: Outcome) -> None:
    decision = decided(outcome, step=a_step(status=StepStatus.STARTED), attempts=5)

    assert decision.status is StepStatus.STARTED
    assert decision.due_at is not None


def test_a_permanent_refusal_is_not_tried_again() -> None:
    decision = decided(Outcome.of_status(404))

    assert (decision.status, decision.result) == (StepStatus.FAILED, AttemptResult.FAILED)
    assert decision.message == "The target answered 404 Not Found. Asking again would not change that."


def test_a_passing_fault_is_tried_again_after_the_delay() -> None:
    decision = decided(Outcome.of_status(503), policy=RetryPolicy(delay_s=3))

    assert (decision.status, decision.result) == (StepStatus.DUE, AttemptResult.RETRY)
    assert decision.due_at == NOON + timedelta(seconds=3)


def test_the_last_attempt_makes_a_dead_letter_that_says_so() -> None:
    decision = decided(Outcome.of_status(503), attempts=5, policy=RetryPolicy(max_attempts=5))

    assert (decision.status, decision.result) == (StepStatus.FAILED, AttemptResult.FAILED)
    assert decision.message == "The target answered 503 Service Unavailable. Given up after 5 attempts."


def test_nothing_is_tried_later_than_give_up_after_allows() -> None:
    step = a_step(started_at=NOON - timedelta(seconds=59))

    decision = decided(Outcome.of_status(503), step=step, policy=RetryPolicy(delay_s=2, give_up_after_s=60))

    assert decision.status is StepStatus.FAILED
    assert "give_up_after" in decision.message


def test_a_lost_answer_leaves_the_step_unknown() -> None:
    decision = decided(Outcome.lost("The connection broke before the answer was complete"))

    assert (decision.status, decision.result) == (StepStatus.UNKNOWN, AttemptResult.UNKNOWN)
    assert decision.due_at == NOON + timedelta(seconds=1)


def test_a_lost_answer_of_the_last_attempt_fails_where_nothing_can_be_found() -> None:
    decision = decided(Outcome.lost("No answer"), attempts=5)

    assert (decision.status, decision.result) == (StepStatus.FAILED, AttemptResult.UNKNOWN)


def test_a_lost_answer_of_the_last_attempt_is_looked_for_where_it_can_be_found() -> None:
    assert decided(Outcome.lost("No answer"), attempts=5, resends=False).status is StepStatus.UNKNOWN


def test_what_is_not_found_is_sent_again_at_once_where_that_is_safe() -> None:
    decision = decided(Outcome.not_found("The answer was lost"), step=a_step(status=StepStatus.UNKNOWN))

    assert (decision.status, decision.due_at) == (StepStatus.DUE, NOON)


def test_what_is_not_found_waits_for_a_person_where_sending_twice_is_not_safe() -> None:
    step = a_step(status=StepStatus.UNKNOWN)

    decision = decided(Outcome.not_found("The answer was lost"), step=step, resends=False)

    assert decision.status is StepStatus.HELD


def test_what_is_not_found_after_the_last_attempt_fails() -> None:
    decision = decided(Outcome.not_found("The answer was lost"), step=a_step(status=StepStatus.UNKNOWN), attempts=5)

    assert decision.status is StepStatus.FAILED


@pytest.mark.parametrize(
    "outcome",
    [Outcome.of_status(503), Outcome.lost("No answer"), Outcome.handed_back("Stopping")],
    ids=["passing", "lost", "handed back"],
)
def test_a_search_that_fails_is_made_again(outcome: Outcome) -> None:
    assert decided(outcome, step=a_step(status=StepStatus.UNKNOWN), attempts=5).status is StepStatus.UNKNOWN


def test_a_step_handed_back_uses_up_no_attempt() -> None:
    decision = decided(Outcome.handed_back("The worker stops"), attempts=5)

    assert (decision.status, decision.result) == (StepStatus.DUE, AttemptResult.HANDED_BACK)
    assert (decision.due_at, decision.counts) == (NOON, False)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("0", 0.0),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120.0),
        ("Sun, 01 Mar 2026 12:02:00 -0000", 120.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("1000000000", RETRY_AFTER_CAP_S),
        ("9" * 5000, RETRY_AFTER_CAP_S),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("Sun, 99 Mar 2026 12:02:00 GMT", None),
        ("", None),
        (None, None),
    ],
    ids=repr,
)
def test_retry_after_is_read_or_ignored(text: str | None, seconds: float | None) -> None:
    assert retry_after_s(text, now=NOON) == seconds


@given(text=st.text(max_size=60))
def test_no_retry_after_can_do_harm(text: str) -> None:
    asked = retry_after_s(text, now=NOON)

    assert asked is None or asked >= 0


@given(
    attempts=st.integers(0, 10_000),
    delay_s=st.floats(0, 1e5),
    max_delay_s=st.floats(0, 1e5),
    asked_s=st.none() | st.floats(0, 1e12),
    seed=st.integers(),
)
def test_a_delay_never_leaves_its_bounds(
    attempts: int, delay_s: float, max_delay_s: float, asked_s: float | None, seed: int
) -> None:
    policy = RetryPolicy(delay_s=delay_s, max_delay_s=max_delay_s)
    asked = min(asked_s or 0.0, RETRY_AFTER_CAP_S)

    delay = policy.delay(attempts, asked_s=asked_s, rng=Random(seed))  # noqa: S311 - jitter, no secret

    least = timedelta(seconds=max(policy.backoff_s(attempts), asked))
    assert least <= delay <= timedelta(seconds=max(max_delay_s, asked))


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (20, 60.0)], ids=["1", "2", "3", "4", "20"]
)
def test_delays_double_up_to_the_longest(attempts: int, seconds: float) -> None:
    assert RetryPolicy(delay_s=1, max_delay_s=60).backoff_s(attempts) == seconds


def test_a_target_that_asks_for_time_gets_it() -> None:
    outcome = Outcome.failed("The target answered 429 Too Many Requests", retry_after="600")

    decision = decided(outcome, policy=RetryPolicy(max_delay_s=10))

    assert decision.due_at == NOON + timedelta(seconds=600)


def test_a_policy_is_read_from_a_step() -> None:
    definition = {"retry": {"attempts": 3, "delay_s": 0.5, "max_delay_s": 4, "give_up_after_s": 60}}

    assert RetryPolicy.from_definition(definition) == RetryPolicy(
        max_attempts=3, delay_s=0.5, max_delay_s=4, give_up_after_s=60
    )


@pytest.mark.parametrize("definition", [{}, {"retry": None}, {"retry": {}}], ids=repr)
def test_a_step_without_a_policy_has_the_default(definition: dict[str, object]) -> None:
    assert RetryPolicy.from_definition(definition) == RetryPolicy(
        max_attempts=5, delay_s=1, max_delay_s=3600, give_up_after_s=86400
    )


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_some_statuses_pass(status: int) -> None:
    assert is_passing(status)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 409, 410, 422, 600])
def test_other_statuses_are_final(status: int) -> None:
    assert not is_passing(status)
