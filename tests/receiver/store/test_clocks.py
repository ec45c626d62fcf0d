"""Steps that became due at a time which has yet to come: the clock was set back since, or ahead then.

A server has a clock of its own, so now is now.
"""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from receiver import store
from receiver.clock import utc_now
from receiver.model import Claim, Step
from receiver.states import StepStatus
from tests.receiver.store.connecting import POSTGRESQL_ONLY
from tests.receiver.store.makers import a_plan, a_run, a_settlement, a_step, an_event

AHEAD = timedelta(days=3)
LEEWAY = timedelta(minutes=10)
"""Of tests that take their time: small beside days."""
HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    """The present time."""
    return utc_now()


def publish(conn: Connection, *, now: datetime) -> str:
    """Record an event whose one step is due at once, for an hour; the run's id."""
    run = a_run(a_step(timeout_s=HOUR.total_seconds()))
    return store.record(conn, an_event(), a_plan(run), now=now).run_ids[0]


def claim(conn: Connection, *, now: datetime) -> Claim:
    [claimed] = store.claim_due(conn, limit=1, now=now, lease_s=60, new_lease="a lease")
    return claimed


def try_again(conn: Connection, *, now: datetime, wait: timedelta) -> None:
    """Let the step be tried, and due again after a wait."""
    claimed = claim(conn, now=now)
    store.settle(conn, claimed, a_settlement(claimed, StepStatus.DUE, due_at=now + wait), now=now)


def step_of(conn: Connection, run_id: str) -> Step:
    return store.get_run(conn, run_id).steps[0]


def times(conn: Connection, run_id: str, now: datetime) -> tuple[timedelta, timedelta]:
    """How long a step waits from now on, and until its time is over."""
    step = step_of(conn, run_id)
    assert step.due_at is not None
    assert step.deadline_at is not None
    return step.due_at - now, step.deadline_at - now


def test_what_became_due_in_the_future_is_due_now_and_has_all_its_time(conn: Connection, now: datetime) -> None:
    run_id = publish(conn, now=now + AHEAD)

    ahead = store.begin_anew(conn, now=now)

    assert AHEAD - LEEWAY < ahead <= AHEAD
    wait, left = times(conn, run_id, now)
    assert timedelta(0) <= wait < LEEWAY
    assert HOUR <= left < HOUR + LEEWAY


def test_a_retry_waits_as_long_as_it_was_told_to(conn: Connection, now: datetime) -> None:
    run_id = publish(conn, now=now + AHEAD)
    try_again(conn, now=now + AHEAD, wait=HOUR / 2)

    store.begin_anew(conn, now=now)

    wait, _ = times(conn, run_id, now)
    assert HOUR / 2 - LEEWAY < wait < HOUR / 2 + LEEWAY


def test_what_was_tried_for_long_waits_no_longer_than_it_was_told_to(conn: Connection, now: datetime) -> None:
    run_id = publish(conn, now=now + AHEAD)
    try_again(conn, now=now + AHEAD + HOUR / 2, wait=timedelta(seconds=2))

    store.begin_anew(conn, now=now)

    wait, left = times(conn, run_id, now)
    assert wait < LEEWAY
    assert HOUR / 2 - LEEWAY < left < HOUR / 2 + LEEWAY


def test_the_next_start_moves_nothing_more(conn: Connection, now: datetime) -> None:
    run_id = publish(conn, now=now + AHEAD)
    try_again(conn, now=now + AHEAD, wait=HOUR / 2)
    store.begin_anew(conn, now=now)
    before = times(conn, run_id, now)

    ahead = store.begin_anew(conn, now=now + timedelta(seconds=30))

    assert (ahead, times(conn, run_id, now)) == (timedelta(0), before)


def test_clocks_that_differ_by_little_move_nothing(conn: Connection, now: datetime) -> None:
    run_id = publish(conn, now=now + timedelta(seconds=45))
    before = times(conn, run_id, now)

    ahead = store.begin_anew(conn, now=now)

    assert (ahead, times(conn, run_id, now)) == (timedelta(0), before)


def test_a_long_wait_that_began_in_the_past_is_left_as_it_is(conn: Connection, now: datetime) -> None:
    run_id = publish(conn, now=now - HOUR / 2)
    try_again(conn, now=now - HOUR / 2, wait=HOUR * 0.9)
    before = times(conn, run_id, now)

    ahead = store.begin_anew(conn, now=now)

    assert (ahead, times(conn, run_id, now)) == (timedelta(0), before)


@pytest.mark.parametrize(*POSTGRESQL_ONLY, indirect=True)
def test_a_node_whose_own_clock_is_behind_moves_nothing(conn: Connection, now: datetime) -> None:
    run_id = publish(conn, now=now)
    try_again(conn, now=now, wait=HOUR / 2)
    before = times(conn, run_id, now)

    ahead = store.begin_anew(conn, now=now - AHEAD)

    assert (ahead, times(conn, run_id, now)) == (timedelta(0), before)


def test_who_holds_a_step_keeps_it_for_its_lease(conn: Connection, now: datetime) -> None:
    run_id = publish(conn, now=now + AHEAD)
    held = claim(conn, now=now + AHEAD)

    store.begin_anew(conn, now=now)

    wait, _ = times(conn, run_id, now)
    assert timedelta(seconds=60) <= wait < timedelta(seconds=60) + LEEWAY
    assert store.settle(conn, held, a_settlement(held), now=now) is not None
    assert step_of(conn, run_id).status is StepStatus.SUCCEEDED
