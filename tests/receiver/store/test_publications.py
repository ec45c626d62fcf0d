from datetime import timedelta

import pytest
from sqlalchemy import Connection

from receiver import store
from receiver.model import Event, Recorded
from tests.receiver.store.makers import NOON, a_plan, after, an_event

MINUTE = 60.0


def number_of(recorded: Recorded) -> int:
    assert recorded.publication is not None
    return recorded.publication.number


def recorded(conn: Connection, *events: Event) -> list[int]:
    """The numbers of the publications that the events tell of."""
    return [number_of(store.record(conn, event, a_plan(), now=NOON)) for event in events]


@pytest.mark.parametrize(
    ("seconds", "numbers"),
    [
        pytest.param(0.0, [1, 1], id="at once"),
        pytest.param(10 * MINUTE, [1, 1], id="ten minutes later"),
        pytest.param(-10 * MINUTE, [1, 1], id="ten minutes earlier"),
        pytest.param(10 * MINUTE + 1, [1, 2], id="later than that"),
        pytest.param(-10 * MINUTE - 1, [1, 2], id="earlier than that"),
    ],
)
def test_events_of_one_version_join_within_ten_minutes(conn: Connection, seconds: float, numbers: list[int]) -> None:
    assert recorded(conn, an_event(), an_event(occurred_at=after(seconds))) == numbers


def test_another_version_is_another_publication(conn: Connection) -> None:
    assert recorded(conn, an_event(), an_event(version_id="4.0")) == [1, 2]


def test_another_flow_counts_for_itself(conn: Connection) -> None:
    assert recorded(conn, an_event(), an_event(flow_id="another")) == [1, 1]


def test_a_rollback_is_a_publication_of_its_own(conn: Connection) -> None:
    numbers = recorded(
        conn,
        an_event(version_id="3.0"),
        an_event(version_id="4.0", occurred_at=after(60)),
        an_event(version_id="3.0", occurred_at=after(120)),
    )

    assert numbers == [1, 2, 3]


def test_a_late_event_joins_its_publication_although_another_came_since(conn: Connection) -> None:
    numbers = recorded(
        conn,
        an_event(version_id="3.0"),
        an_event(version_id="4.0", occurred_at=after(60)),
        an_event(version_id="3.0", occurred_at=after(1)),
    )

    assert numbers == [1, 2, 1]


def test_an_event_joins_the_nearest_publication(conn: Connection) -> None:
    numbers = recorded(
        conn,
        an_event(),
        an_event(occurred_at=after(15 * MINUTE)),
        an_event(occurred_at=after(9 * MINUTE)),
    )

    assert numbers == [1, 2, 2]


def test_events_of_one_operation_join_however_far_apart(conn: Connection) -> None:
    assert recorded(conn, an_event(operation="op-1"), an_event(operation="op-1", occurred_at=after(3600))) == [1, 1]


def test_an_operation_known_later_is_known_from_then_on(conn: Connection) -> None:
    numbers = recorded(
        conn, an_event(), an_event(operation="op-1"), an_event(operation="op-1", occurred_at=after(3600))
    )

    assert numbers == [1, 1, 1]


def test_an_operation_does_not_reach_over_another_version(conn: Connection) -> None:
    numbers = recorded(
        conn,
        an_event(operation="op-1"),
        an_event(version_id="4.0", occurred_at=after(60)),
        an_event(operation="op-1", occurred_at=after(120)),
    )

    assert numbers == [1, 2, 3]


def test_without_its_own_time_an_event_counts_from_its_arrival(conn: Connection) -> None:
    late = an_event(occurred_at=None, received_at=NOON + timedelta(hours=1))

    assert recorded(conn, an_event(), late) == [1, 2]
