"""Leases that are ended, extended, and not given."""

import pytest
from sqlalchemy import Connection

from receiver import store
from receiver.model import Claim
from receiver.states import StepStatus
from tests.receiver.store.connecting import POSTGRESQL_ONLY, SQLITE_ONLY
from tests.receiver.store.makers import NOON, a_plan, a_run, a_step, after, an_event


def publish(conn: Connection, *, target: str = "http") -> None:
    run = a_run(a_step(target=target), group_key=f"deploy to {target}", pipeline=f"deploy to {target}")
    store.record(conn, an_event(flow_id=target), a_plan(run), now=NOON)


def claim(conn: Connection, *, seconds: float = 1.0, except_targets: tuple[str, ...] = ()) -> list[Claim]:
    return store.claim_due(
        conn, limit=10, now=after(seconds), lease_s=60, new_lease=f"lease-{seconds}", except_targets=except_targets
    )


@pytest.mark.parametrize(*SQLITE_ONLY, indirect=True)
def test_what_an_earlier_owner_held_is_claimed_at_once(conn: Connection) -> None:
    publish(conn)
    claim(conn)

    ended = store.end_leases(conn, now=after(2))

    assert ended == 1
    assert [claimed.step.status for claimed in claim(conn, seconds=3)] == [StepStatus.UNKNOWN]


@pytest.mark.parametrize(*POSTGRESQL_ONLY, indirect=True)
def test_what_another_process_holds_is_left_to_it(conn: Connection) -> None:
    publish(conn)
    claim(conn)

    assert store.end_leases(conn, now=after(2)) == 0
    assert claim(conn, seconds=3) == []


def test_what_nobody_held_is_left_as_it_is(conn: Connection) -> None:
    publish(conn)

    assert store.end_leases(conn, now=after(2)) == 0


def test_a_lease_can_be_extended(conn: Connection) -> None:
    publish(conn)
    claimed = claim(conn)[0]

    is_held = store.extend_lease(conn, claimed, until=after(300))

    assert is_held
    assert claim(conn, seconds=299) == []


def test_a_lost_lease_cannot_be_extended(conn: Connection) -> None:
    publish(conn)
    claimed = claim(conn)[0]
    claim(conn, seconds=100)

    assert not store.extend_lease(conn, claimed, until=after(300))


def test_the_steps_of_a_busy_target_are_passed_over(conn: Connection) -> None:
    publish(conn, target="slow")
    publish(conn, target="fast")

    passed_over = claim(conn, except_targets=("slow",))

    assert [claimed.step.target for claimed in passed_over] == ["fast"]
    assert [claimed.step.target for claimed in claim(conn, seconds=2)] == ["slow"]
