from datetime import datetime

import pytest
from sqlalchemy import Connection

from receiver import store
from receiver.errors import CursorError
from receiver.model import Arrival, Event, EventRecord, Page
from receiver.store.archive import MOST_BYTES
from tests.receiver.store.makers import NOON, a_plan, a_run, after, an_event


def add(conn: Connection, *events: Event) -> list[str]:
    """Record events that tell of nothing going live; their ids."""
    store.record_many(conn, [Arrival(event=event, plan=a_plan(), at=NOON) for event in events])
    return [event.id for event in events]


def part(
    conn: Connection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 10,
) -> Page[EventRecord]:
    return store.export_events(conn, since=since, until=until, cursor=cursor, limit=limit)


def ids(page: Page[EventRecord]) -> list[str]:
    return [record.event.id for record in page.items]


def test_the_oldest_come_first_part_by_part(conn: Connection) -> None:
    late, early, middle = add(conn, *(an_event(type="x", received_at=after(seconds)) for seconds in (30, 10, 20)))

    first = part(conn, limit=2)
    second = part(conn, limit=2, cursor=first.next_cursor)

    assert (ids(first), ids(second)) == ([early, middle], [late])
    assert second.next_cursor is None


def test_a_span_has_its_beginning_and_not_its_end(conn: Connection) -> None:
    events = add(conn, *(an_event(type="x", received_at=after(seconds)) for seconds in (10, 20, 30)))

    assert ids(part(conn, since=after(20))) == events[1:]
    assert ids(part(conn, until=after(20))) == events[:1]


def test_a_part_holds_only_so_much_and_at_least_one(conn: Connection) -> None:
    events = add(conn, *(an_event(type="x", body=bytes(size)) for size in (MOST_BYTES + 1, MOST_BYTES, 1)))

    first = part(conn)
    second = part(conn, cursor=first.next_cursor)

    assert [ids(first), ids(second)] == [events[:1], events[1:2]]


def test_an_event_comes_with_its_body_and_its_publication(conn: Connection) -> None:
    store.record(conn, an_event(body=b"{}"), a_plan(a_run()), now=NOON)

    [record] = part(conn).items

    assert record.event.body == b"{}"
    assert record.publication is not None
    assert [verdict.pipeline for verdict in record.verdicts] == ["deploy"]


@pytest.mark.parametrize("cursor", ["x", "bm93IGlk"], ids=["nothing", "no time"])
def test_a_foreign_cursor_is_refused(conn: Connection, cursor: str) -> None:
    with pytest.raises(CursorError, match="none of this list's"):
        part(conn, cursor=cursor)


def test_an_event_that_is_there_is_neither_kept_nor_counted(conn: Connection) -> None:
    there, new = an_event(type="x"), an_event(type="x")
    add(conn, there)

    recorded = store.record_unless_there(
        conn, [Arrival(event=event, plan=a_plan(), at=NOON) for event in (there, new, new)]
    )

    assert [each and each.event_id for each in recorded] == [None, new.id, None]
    assert store.get_event(conn, there.id).duplicates == 0
