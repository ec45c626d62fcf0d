from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select, text

from receiver import store
from receiver.clock import new_id
from receiver.model import Event, EventFilter
from receiver.states import StepStatus
from receiver.store import aging, tables
from receiver.store.aging import Mark
from receiver.timeline import CONTENT_BLOCKED
from tests.receiver.store.makers import NOON, a_plan, a_run, a_settlement, after, an_event

LATER = NOON + timedelta(days=1)
BEGINNING = Mark(received_at=NOON - timedelta(days=1))
OTHER = "flow.deleted"


def add(conn: Connection, event: Event) -> str:
    """Record an event without runs."""
    store.record(conn, event, a_plan(), now=NOON)
    return event.id


def add_run(conn: Connection, event: Event, *, ends: bool) -> str:
    """Record an event with a run that was sent, and may have ended."""
    run = a_run(group_key=event.id)
    store.record(conn, event, a_plan(run), now=NOON)
    [claim] = store.claim_due(conn, limit=1, now=after(1), lease_s=60, new_lease=event.id)
    status = StepStatus.SUCCEEDED if ends else StepStatus.DUE
    store.settle(conn, claim, a_settlement(claim, status, due_at=None if ends else after(9_999)), now=after(2))
    return event.id


def removable(conn: Connection, *, before: datetime = LATER) -> list[str]:
    return store.removable_events(conn, before=before, limit=100)


def old(conn: Connection, *, after: Mark = BEGINNING, limit: int = 100) -> list[str]:
    found = store.old_bodies(conn, before=LATER, after=after, limit=limit)
    return list(found.ids) if found else []


def kept(conn: Connection) -> list[str]:
    page = store.list_events(conn, EventFilter(), cursor=None, limit=100)
    return sorted(record.event.id for record in page.items)


def test_the_oldest_events_go_first(conn: Connection) -> None:
    ids = [add(conn, an_event(type=OTHER, received_at=after(seconds))) for seconds in (30, 10, 20, 40)]

    assert removable(conn, before=after(40)) == [ids[1], ids[2], ids[0]]
    assert store.removable_events(conn, before=after(40), limit=1) == [ids[1]]
    assert store.count_removable(conn, before=after(40)) == 3


def test_an_event_goes_with_all_that_followed(conn: Connection) -> None:
    gone = add_run(conn, an_event(type=OTHER), ends=True)
    stays = add_run(conn, an_event(type=OTHER), ends=True)

    went = store.remove_events(conn, [gone])

    assert (went, kept(conn)) == (1, [stays])
    counted = [
        conn.execute(select(table.c.id)).scalars().all() for table in (tables.runs, tables.steps, tables.attempts)
    ]
    assert [len(ids) for ids in counted] == [1, 1, 1]


def test_what_has_not_ended_stays(conn: Connection) -> None:
    unfinished = add_run(conn, an_event(type=OTHER), ends=False)

    assert removable(conn) == []
    assert store.remove_events(conn, [unfinished]) == 0
    assert store.empty_bodies(conn, [unfinished]) == 0
    assert kept(conn) == [unfinished]
    assert store.get_event(conn, unfinished).event.body


def test_what_tells_of_the_live_publication_stays(conn: Connection) -> None:
    first = add(conn, an_event(version_id="1.0"))
    live = add(conn, an_event(version_id="2.0", occurred_at=after(60)))
    joined = add(conn, an_event(version_id="2.0", occurred_at=after(61)))
    another_flow = add(conn, an_event(flow_id="another"))

    assert removable(conn) == [first]
    assert {live, joined, another_flow} <= set(kept(conn))


def test_publications_stay(conn: Connection) -> None:
    first = add(conn, an_event(version_id="1.0"))
    add(conn, an_event(version_id="2.0", occurred_at=after(60)))

    store.remove_events(conn, [first])
    flow = store.get_flow(conn, an_event().flow_id or "", cursor=None, limit=10)
    again = store.record(conn, an_event(version_id="1.0"), a_plan(a_run()), now=LATER)

    assert [going.publication.version_id for going in flow.timeline.items] == ["2.0", "1.0"]
    assert again.run_ids == ()


def test_what_still_blocks_a_flow_stays(conn: Connection) -> None:
    add(conn, an_event(type=CONTENT_BLOCKED, version_id=None))

    assert removable(conn) == []


def test_bodies_are_emptied_and_their_digests_stay(conn: Connection) -> None:
    event_id = add_run(conn, an_event(body_digest="the digest"), ends=True)

    emptied = store.empty_bodies(conn, old(conn))

    event = store.get_event(conn, event_id).event
    assert (emptied, event.body, event.body_digest) == (1, b"", "the digest")
    assert old(conn) == []


def test_bodies_of_what_was_sent_and_answered_go_too(conn: Connection) -> None:
    event_id = add_run(conn, an_event(type=OTHER), ends=True)
    conn.execute(
        tables.attempts.update().values(
            request={"method": "POST", "body": "sent"}, response={"status": 204, "body": "answered"}
        )
    )

    store.empty_bodies(conn, [event_id])

    [attempt] = conn.execute(select(tables.attempts.c.request, tables.attempts.c.response)).all()
    assert attempt.request == {"method": "POST", "body": None}
    assert attempt.response == {"status": 204, "body": None}


def test_old_bodies_are_looked_for_part_by_part(conn: Connection) -> None:
    ids = [add(conn, an_event(received_at=NOON, id=new_id())) for _ in range(3)]

    first = store.old_bodies(conn, before=LATER, after=BEGINNING, limit=2)
    assert first is not None
    second = store.old_bodies(conn, before=LATER, after=first.mark, limit=2)
    assert second is not None

    assert (first.ids, second.ids) == (tuple(ids[:2]), (ids[2],))
    assert store.old_bodies(conn, before=LATER, after=second.mark, limit=2) is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_oldest_are_found_by_an_index(conn: Connection) -> None:
    query = "EXPLAIN QUERY PLAN SELECT id FROM events WHERE received_at < 'x' ORDER BY received_at, id LIMIT 5"

    plan = " ".join(row.detail for row in conn.execute(text(query)))

    assert "ix_events_received_at_id" in plan
    assert "TEMP B-TREE" not in plan


def referring() -> Iterator[str]:
    """The tables that refer, directly or through others, to events."""
    reached = {"events"}
    for table in tables.metadata.sorted_tables:
        if {key.column.table.name for key in table.foreign_keys} & reached:
            reached.add(table.name)
            yield table.name


def test_every_table_that_refers_to_events_is_seen_to() -> None:
    removed = {str(statement.table) for statement in aging._REMOVE}

    assert set(referring()) <= removed
