"""How much a database holds, on both engines."""

from collections.abc import Callable, Sequence
from random import Random

import pytest
from sqlalchemy import Connection, text

from receiver import store
from receiver.model import Event
from tests.receiver.store.connecting import POSTGRESQL_ONLY
from tests.receiver.store.makers import NOON, a_plan, a_run, an_event

MANY_EVENTS = text(
    "INSERT INTO events (id, source, dedupe_key, type, origin, flow_id, received_at, faults, body, body_digest, "
    "headers, verdicts, duplicates, conflicts) "
    "SELECT 'event-' || n, 'genesys', md5('key' || n), 'flow.deleted', 'webhook', md5('flow' || n), now(), '[]', "
    "convert_to(repeat('x', 400 + n % 800), 'UTF8'), md5('body' || n), '{}', '[]', 0, 0 "
    "FROM generate_series(1, :number) AS n"
)
ON_DISK = text("SELECT pg_total_relation_size('events')")


def a_large_event() -> Event:
    return an_event(type="flow.deleted", body=Random(1).randbytes(500_000))  # noqa: S311 - what cannot be packed


def test_what_comes_in_is_counted_with_what_follows(conn: Connection) -> None:
    sizes = [store.size_of(conn)]

    for plan in (a_plan(), a_plan(*(a_run(pipeline=f"p{number}") for number in range(100)))):
        store.record(conn, a_large_event(), plan, now=NOON)
        sizes.append(store.size_of(conn))

    assert sizes[1] - sizes[0] == pytest.approx(500_000, rel=0.15)
    assert sizes[2] - sizes[1] == pytest.approx(600_000, rel=0.15)


@pytest.mark.parametrize("let_go", [store.remove_events, store.empty_bodies], ids=["the event", "its body"])
def test_what_was_let_go_is_not_counted(conn: Connection, let_go: Callable[[Connection, Sequence[str]], int]) -> None:
    event = a_large_event()
    store.record(conn, event, a_plan(), now=NOON)
    before = store.size_of(conn)

    let_go(conn, [event.id])

    assert before - store.size_of(conn) > 400_000


@pytest.mark.parametrize(*POSTGRESQL_ONLY, indirect=True)
@pytest.mark.parametrize("number", [500, 20_000], ids=["every page is looked at", "some pages are looked at"])
def test_it_is_what_the_files_take_where_nothing_was_deleted(conn: Connection, number: int) -> None:
    before, files = store.size_of(conn), conn.execute(ON_DISK).scalar_one()

    conn.execute(MANY_EVENTS, {"number": number})

    grown = conn.execute(ON_DISK).scalar_one() - files
    assert store.size_of(conn) - before == pytest.approx(grown, rel=0.15)
