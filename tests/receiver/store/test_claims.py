from dataclasses import replace

import pytest
from sqlalchemy import Connection

from receiver import store
from receiver.errors import IllegalMoveError
from receiver.model import Attempt, AttemptResult, Claim, NewRun, Step
from receiver.states import RunStatus, StepStatus
from receiver.store.claims import ANSWER_LOST
from tests.receiver.store.connecting import SQLITE_ONLY
from tests.receiver.store.makers import NOON, a_plan, a_run, a_settlement, a_step, after, an_event, ended


def publish(conn: Connection, *steps: str, **changes: float) -> NewRun:
    """Let a version go live that sets off a run of steps, all due at once."""
    run = a_run(*(a_step(name, **changes) for name in steps or ("deploy",)))
    store.record(conn, an_event(), a_plan(run), now=NOON)
    return run


def claim(conn: Connection, *, seconds: float = 1.0, limit: int = 10, lease: str = "lease-1") -> list[Claim]:
    return store.claim_due(conn, limit=limit, now=after(seconds), lease_s=60, new_lease=lease)


def only_step(conn: Connection, run: NewRun) -> Step:
    return store.get_run(conn, run.id).steps[0]


def attempts_of(conn: Connection, run: NewRun) -> list[Attempt]:
    found = store.get_run(conn, run.id)
    return list(found.attempts.get(found.steps[0].id, ()))


def test_a_claim_carries_all_that_a_request_is_made_from(conn: Connection) -> None:
    event = an_event()
    run = a_run(a_step("smoke"), a_step("deploy"))
    store.record(conn, event, a_plan(run), now=NOON)

    claims = claim(conn)

    assert [claimed.step.name for claimed in claims] == ["smoke", "deploy"]
    assert claims[0].event == event
    assert claims[0].run == store.get_run(conn, run.id).run
    assert list(claims[0].siblings) == ["deploy"]
    assert claims[0].step == store.get_run(conn, run.id).steps[0]


def test_the_attempt_is_written_before_anything_is_sent(conn: Connection) -> None:
    run = publish(conn)

    claimed = claim(conn)[0]

    assert attempts_of(conn, run) == [claimed.attempt]
    assert (claimed.attempt.number, claimed.attempt.result) == (1, AttemptResult.IN_FLIGHT)
    assert (claimed.step.status, claimed.step.attempts, claimed.step.lease) == (StepStatus.IN_FLIGHT, 1, "lease-1")


def test_what_is_claimed_cannot_be_claimed_again(conn: Connection) -> None:
    publish(conn, "one", "two", "three")

    first, second, third = claim(conn, limit=2), claim(conn, limit=2), claim(conn, limit=2)

    assert [len(first), len(second), len(third)] == [2, 1, 0]


def test_nothing_is_due_before_its_time(conn: Connection) -> None:
    publish(conn)

    assert claim(conn, seconds=-1) == []
    assert store.next_due_at(conn) == NOON


def test_a_settled_step_ends_its_run(conn: Connection) -> None:
    run = publish(conn)
    claimed = claim(conn)[0]

    held = store.settle(conn, claimed, a_settlement(claimed, reference="17", url="http://ci.test/17"), now=after(2))

    found = store.get_run(conn, run.id)
    assert held
    assert (found.run.status, found.run.ended_at) == (RunStatus.SUCCEEDED, after(2))
    assert (found.steps[0].reference, found.steps[0].url) == ("17", "http://ci.test/17")
    assert attempts_of(conn, run) == [ended(claimed.attempt, AttemptResult.SUCCEEDED)]
    assert store.next_due_at(conn) is None


def test_a_step_to_be_tried_again_is_due_then_with_another_attempt(conn: Connection) -> None:
    run = publish(conn)
    first = claim(conn)[0]
    store.settle(conn, first, a_settlement(first, StepStatus.DUE, due_at=after(30), message="503"), now=after(2))

    early, second = claim(conn, seconds=29), claim(conn, seconds=30)[0]

    assert early == []
    assert (second.attempt.number, second.step.attempts, second.step.message) == (2, 2, "503")
    assert second.step.id == first.step.id
    assert [attempt.result for attempt in attempts_of(conn, run)] == [AttemptResult.RETRY, AttemptResult.IN_FLIGHT]


def test_a_step_handed_back_keeps_its_attempts_in_order(conn: Connection) -> None:
    publish(conn)
    first = claim(conn)[0]
    store.settle(conn, first, a_settlement(first, StepStatus.DUE, counts=False), now=after(2))

    second = claim(conn, seconds=3)[0]

    assert (second.attempt.number, second.step.attempts) == (2, 1)


def test_an_answer_lost_with_its_lease_makes_the_step_unknown(conn: Connection) -> None:
    run = publish(conn)
    first = claim(conn)[0]

    early, again = claim(conn, seconds=60, lease="lease-2"), claim(conn, seconds=61, lease="lease-2")[0]

    assert early == []
    assert (again.step.status, again.step.lease, again.step.attempts) == (StepStatus.UNKNOWN, "lease-2", 1)
    assert (again.attempt.id, again.attempt.result) == (first.attempt.id, AttemptResult.UNKNOWN)
    assert attempts_of(conn, run) == [again.attempt]


def test_an_unknown_step_can_be_sent_again_under_the_same_id(conn: Connection) -> None:
    publish(conn)
    first = claim(conn)[0]
    lost = claim(conn, seconds=61, lease="lease-2")[0]
    store.settle(conn, lost, replace(a_settlement(lost, StepStatus.DUE), attempt=lost.attempt), now=after(62))

    again = claim(conn, seconds=62, lease="lease-3")[0]

    assert (again.step.id, again.step.status, again.attempt.number) == (first.step.id, StepStatus.IN_FLIGHT, 2)


def test_a_late_answer_keeps_its_attempt_and_changes_nothing_else(conn: Connection) -> None:
    run = publish(conn)
    first = claim(conn)[0]
    claim(conn, seconds=61, lease="lease-2")
    before = only_step(conn, run)

    answered = replace(ended(first.attempt, AttemptResult.SUCCEEDED), message="It was done.")
    held = store.settle(conn, first, replace(a_settlement(first), attempt=answered), now=after(62))

    assert not held
    assert only_step(conn, run) == before
    told = f"{ANSWER_LOST} It came later: It was done."
    assert attempts_of(conn, run) == [replace(answered, result=AttemptResult.UNKNOWN, message=told)]


def test_a_late_answer_stays_the_one_for_which_the_step_was_sent_again(conn: Connection) -> None:
    run = publish(conn)
    first = claim(conn)[0]
    lost = claim(conn, seconds=61, lease="lease-2")[0]
    store.settle(conn, lost, replace(a_settlement(lost, StepStatus.DUE), attempt=lost.attempt), now=after(62))
    again = claim(conn, seconds=62, lease="lease-3")[0]
    store.settle(conn, again, a_settlement(again), now=after(63))

    store.settle(conn, first, a_settlement(first), now=after(64))

    results = [attempt.result for attempt in attempts_of(conn, run)]
    assert results == [AttemptResult.UNKNOWN, AttemptResult.SUCCEEDED]


def test_an_answer_that_comes_twice_counts_once(conn: Connection) -> None:
    publish(conn)
    claimed = claim(conn)[0]
    store.settle(conn, claimed, a_settlement(claimed), now=after(2))

    assert not store.settle(conn, claimed, a_settlement(claimed, StepStatus.FAILED), now=after(3))


def test_a_move_that_the_table_does_not_allow_is_refused(conn: Connection) -> None:
    publish(conn)
    claimed = claim(conn)[0]

    with pytest.raises(IllegalMoveError, match="from 'in_flight' to 'skipped'"):
        store.settle(conn, claimed, a_settlement(claimed, StepStatus.SKIPPED), now=after(2))


def test_a_due_step_past_its_deadline_times_out_and_ends_its_run(conn: Connection) -> None:
    run = publish(conn, timeout_s=30.0)

    claims = claim(conn, seconds=30)

    found = store.get_run(conn, run.id)
    assert claims == []
    assert found.steps[0].status is StepStatus.TIMED_OUT
    assert found.run.status is RunStatus.FAILED
    assert found.run.reason == "step 'deploy' timed out: It was not done within 30 s."
    assert store.counts(conn).dead_letters == 1


def test_a_step_with_a_lost_answer_times_out_with_its_attempt_unknown(conn: Connection) -> None:
    run = publish(conn, timeout_s=30.0)
    claim(conn)

    claims = claim(conn, seconds=61, lease="lease-2")

    assert claims == []
    assert only_step(conn, run).status is StepStatus.TIMED_OUT
    assert [attempt.result for attempt in attempts_of(conn, run)] == [AttemptResult.UNKNOWN]


def test_a_started_step_times_out_where_no_outcome_comes(conn: Connection) -> None:
    run = publish(conn, timeout_s=30.0)
    claimed = claim(conn)[0]
    store.settle(conn, claimed, a_settlement(claimed, StepStatus.STARTED), now=after(2))

    early, late = claim(conn, seconds=29), claim(conn, seconds=30)

    assert (early, late) == ([], [])
    assert only_step(conn, run).status is StepStatus.TIMED_OUT


def test_steps_that_end_one_after_the_other_let_in_what_needs_both(conn: Connection) -> None:
    run = a_run(a_step("one"), a_step("two"), a_step("both", needs=("one", "two")))
    store.record(conn, an_event(), a_plan(run), now=NOON)
    one, two = claim(conn)

    store.settle(conn, one, a_settlement(one), now=after(2))
    store.settle(conn, two, a_settlement(two), now=after(3))

    assert store.get_run(conn, run.id).steps[2].status is StepStatus.DUE


def test_a_busy_target_is_passed_over(conn: Connection) -> None:
    publish(conn)

    claims = store.claim_due(conn, limit=10, now=after(1), lease_s=60, new_lease="lease", except_targets=["http"])

    assert claims == []


@pytest.mark.parametrize(*SQLITE_ONLY, indirect=True)
def test_leases_of_an_earlier_process_can_be_ended(conn: Connection) -> None:
    publish(conn)
    claim(conn)

    ended_leases = store.end_leases(conn, now=after(2))

    assert ended_leases == 1
    assert claim(conn, seconds=2, lease="lease-2")[0].step.status is StepStatus.UNKNOWN


def test_what_is_due_in_flight_and_dead_is_counted(conn: Connection) -> None:
    publish(conn, "one", "two", "three", "four")
    failed, *_ = claim(conn, limit=2)
    store.settle(conn, failed, a_settlement(failed, StepStatus.FAILED), now=after(2))

    assert store.counts(conn) == store.Counts(due=2, in_flight=1, dead_letters=1, waiting_runs=0)
