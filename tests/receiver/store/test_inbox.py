"""The inbox keeps deliveries in the order in which they came, and knows those that came before."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Connection, select

from receiver.clock import new_id
from receiver.delivery import Delivery
from receiver.errors import NotFoundError, StoreBusyError, StoreError
from receiver.model import Arrival, Event, EventFilter, Recorded
from receiver.store import (
    append_deliveries,
    count_aside,
    count_waiting,
    get_event,
    list_events,
    record_many,
    record_oldest,
    set_oldest_aside,
    tables,
)
from receiver.store.inbox import MOST_BYTES, open_inbox
from tests.receiver.store.connecting import SQLITE_ONLY, undone
from tests.receiver.store.makers import NOON, a_plan, a_run, an_event

pytestmark = pytest.mark.parametrize(*SQLITE_ONLY, indirect=True)

_numbers = itertools.count(1)


@pytest.fixture
def conn(clean_url: str) -> Iterator[Connection]:
    """As the writer's own: it knows what waits."""
    with undone(clean_url) as connection:
        open_inbox(connection)
        yield connection


def a_delivery(**changes: object) -> Delivery:
    number = next(_numbers)
    body = json.dumps({"id": f"key-{number}", "content": "one"}).encode()
    plain = Delivery(id=f"event-{number:06}", source="genesys", received_at=NOON, secret="S", body=body)
    return replace(plain, **changes)  # type: ignore[arg-type]  # its own fields


def key_of(delivery: Delivery) -> str:
    key: str = json.loads(delivery.body)["id"]
    return key


def arrival_of(delivery: Delivery) -> Arrival:
    return Arrival(event=event_of(delivery), plan=a_plan(a_run()), at=delivery.received_at)


def event_of(delivery: Delivery) -> Event:
    return an_event(
        id=delivery.id,
        source=delivery.source,
        dedupe_key=key_of(delivery),
        flow_id=f"flow of {key_of(delivery)}",
        body=delivery.body,
        body_digest=delivery.body.decode(),
    )


def appended(conn: Connection, *deliveries: Delivery) -> list[Recorded]:
    return append_deliveries(conn, [(delivery, key_of(delivery)) for delivery in deliveries])


def recorded(conn: Connection, *, most: int = 100) -> list[tuple[Event, Recorded]]:
    return record_oldest(conn, most=most, arrival_of=arrival_of, new_id=new_id)


def ids_of(conn: Connection) -> list[str]:
    page = list_events(conn, EventFilter(), cursor=None, limit=100)
    return sorted(record.event.id for record in page.items)


def test_a_delivery_is_no_event_until_it_is_recorded(conn: Connection) -> None:
    delivery = a_delivery()

    [told] = appended(conn, delivery)
    before = ids_of(conn)
    [(event, first)] = recorded(conn)

    assert told == Recorded(event_id=delivery.id)
    assert before == []
    assert (event.id, first.event_id, len(first.run_ids)) == (delivery.id, delivery.id, 1)
    assert ids_of(conn) == [delivery.id]
    assert count_waiting(conn) == 0


def test_a_delivery_comes_out_as_it_went_in(conn: Connection) -> None:
    given = a_delivery(environment="prod", headers={"user-agent": "a"}, message_id="m", body=b'{"id": "\xc3\xa4"}')
    found: list[Delivery] = []

    def noted(delivery: Delivery) -> Arrival:
        found.append(delivery)
        return arrival_of(delivery)

    appended(conn, given)
    record_oldest(conn, most=1, arrival_of=noted, new_id=new_id)

    assert found == [given]


def test_the_oldest_are_recorded_first(conn: Connection) -> None:
    deliveries = [a_delivery() for _ in range(70)]

    appended(conn, *deliveries[:40])
    appended(conn, *deliveries[40:])
    found = [[event.id for event, _ in recorded(conn, most=30)] for _ in range(4)]

    ids = [delivery.id for delivery in deliveries]
    assert found == [ids[:30], ids[30:60], ids[60:], []]


def test_large_ones_are_recorded_in_smaller_numbers(conn: Connection) -> None:
    small, large = a_delivery(), a_delivery()
    deliveries = [small, *(replace(large, id=f"large-{each}", body=b"x" * (MOST_BYTES // 2)) for each in range(3))]
    append_deliveries(conn, [(delivery, delivery.id) for delivery in deliveries])

    def arrival(delivery: Delivery) -> Arrival:
        event = an_event(id=delivery.id, dedupe_key=delivery.id, flow_id=delivery.id)
        return Arrival(event=event, plan=a_plan(), at=NOON)

    found = [record_oldest(conn, most=10, arrival_of=arrival, new_id=new_id) for _ in range(3)]

    assert [[event.id for event, _ in part] for part in found] == [[small.id, "large-0", "large-1"], ["large-2"], []]


def test_what_comes_again_is_told_the_first_id_and_counted_when_it_is_recorded(conn: Connection) -> None:
    first = a_delivery()
    again = replace(first, id="event-again")
    other = replace(first, id="event-other", body=first.body.replace(b"one", b"two"))

    told = [*appended(conn, first, again), *appended(conn, other)]
    recorded(conn)
    record = get_event(conn, first.id)

    assert [one.event_id for one in told] == [first.id] * 3
    assert [one.duplicate for one in told] == [False, True, True]
    assert (record.duplicates, record.conflicts) == (1, 1)


def test_what_was_recorded_before_is_known(conn: Connection) -> None:
    first = a_delivery()
    record_many(conn, [arrival_of(first)])

    [told] = appended(conn, replace(first, id="event-again"))
    recorded(conn)

    assert told == Recorded(event_id=first.id, duplicate=True)
    assert get_event(conn, first.id).duplicates == 1


def test_what_was_recorded_before_is_known_while_it_waits_once_more_after_a_new_start(conn: Connection) -> None:
    first = a_delivery()
    record_many(conn, [arrival_of(first)])
    appended(conn, replace(first, id="event-again"))

    with reopened(conn):
        [told] = appended(conn, replace(first, id="event-third"))

    assert told == Recorded(event_id=first.id, duplicate=True)


@pytest.mark.parametrize("key", ["a\0", "a\ud800", "ä"], ids=["nul", "half a character", "not ascii"])
def test_a_key_is_known_again_as_it_is_stored(conn: Connection, key: str) -> None:
    deliveries = [a_delivery() for _ in range(3)]

    told = append_deliveries(conn, [(delivery, key) for delivery in deliveries[:2]])
    told += append_deliveries(conn, [(deliveries[2], key)])

    assert [one.event_id for one in told] == [deliveries[0].id] * 3


def test_the_same_id_of_another_source_is_another_event(conn: Connection) -> None:
    first = a_delivery()

    told = appended(conn, first, replace(first, id="event-other", source="other"))

    assert [one.duplicate for one in told] == [False, False]


def test_what_was_undone_is_not_known(conn: Connection) -> None:
    delivery = a_delivery()

    with conn.begin_nested() as undoing:
        appended(conn, delivery)
        undoing.rollback()
    [told] = appended(conn, replace(delivery, id="event-again"))

    assert told == Recorded(event_id="event-again")


def test_what_an_earlier_process_has_left_is_known(clean_url: str) -> None:
    first = a_delivery()
    with undone(clean_url) as conn:
        open_inbox(conn)
        appended(conn, first, replace(first, id="event-again"))
        with reopened(conn):
            [told] = appended(conn, replace(first, id="event-third"))
            found = [one.event_id for _, one in recorded(conn)]

    assert told == Recorded(event_id=first.id, duplicate=True)
    assert found == [first.id] * 3


def test_one_that_was_set_aside_lets_others_pass_and_has_another_chance_at_the_next_start(conn: Connection) -> None:
    first, second = a_delivery(), a_delivery()
    appended(conn, first, second)

    set_oldest_aside(conn, "ValueError in reading.py:1")
    before = count_waiting(conn), count_aside(conn), [event.id for event, _ in recorded(conn)]
    with reopened(conn):
        after = count_waiting(conn), count_aside(conn), [event.id for event, _ in recorded(conn)]

    assert before == (1, 1, [second.id])
    assert after == (1, 0, [first.id])


def test_who_asks_for_an_event_that_waits_is_told_so(conn: Connection) -> None:
    deliveries = [a_delivery() for _ in range(3)]
    appended(conn, *deliveries)

    with pytest.raises(StoreBusyError, match=r"has come in, and is recorded once 2 others are; ask again\."):
        get_event(conn, deliveries[2].id)


def test_who_asks_for_an_event_that_was_set_aside_is_told_why(conn: Connection) -> None:
    delivery = a_delivery()
    appended(conn, delivery)
    set_oldest_aside(conn, "ValueError in reading.py:1")

    with pytest.raises(StoreError, match=r"could not be recorded: ValueError in reading.py:1\. It is kept"):
        get_event(conn, delivery.id)


def test_who_asks_for_any_other_event_is_told_that_there_is_none(conn: Connection) -> None:
    appended(conn, a_delivery())

    with pytest.raises(NotFoundError):
        get_event(conn, "none")


def test_nothing_is_left_in_the_inbox_of_what_was_recorded(conn: Connection) -> None:
    appended(conn, *[a_delivery() for _ in range(3)])
    recorded(conn)

    assert conn.execute(select(tables.inbox)).all() == []
    assert conn.exec_driver_sql("SELECT * FROM temp.waiting_deliveries").all() == []


@contextmanager
def reopened(conn: Connection) -> Iterator[None]:
    """As another process finds it, which knows nothing yet."""
    conn.exec_driver_sql("DROP TABLE temp.waiting_deliveries")
    open_inbox(conn)
    yield
