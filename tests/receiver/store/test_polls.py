"""One node at a time makes a poll, and how far it has come outlives it."""

from dataclasses import replace

from sqlalchemy import Connection

from receiver import store
from receiver.model import PollState
from receiver.store.dialect import has_one_owner
from tests.receiver.store.makers import FLOW, NOON, a_plan, after, an_event


def taken(conn: Connection, *, at_s: float = 0, turn_s: float = 60) -> PollState | None:
    return store.take_turn(conn, "prod-poll", now=after(at_s), until=after(at_s + turn_s))


def test_a_poll_that_was_never_made_is_due(conn: Connection) -> None:
    assert taken(conn) == PollState(source="prod-poll", due_at=after(60), asked_at=NOON, is_under_way=True)


def test_nobody_else_takes_a_turn_that_is_taken(conn: Connection) -> None:
    taken(conn)

    assert taken(conn, at_s=59) is None


def test_a_turn_whose_node_is_gone_is_taken_once_it_is_over(conn: Connection) -> None:
    taken(conn)

    assert taken(conn, at_s=60) is not None


def test_how_far_a_poll_has_come_is_kept(conn: Connection) -> None:
    state = taken(conn)
    assert state is not None
    ended = replace(state, due_at=after(300), has_baseline=True, cursor_at=NOON, failures=2, fault="no")

    store.end_turn(conn, ended)

    assert store.poll_states(conn) == {"prod-poll": replace(ended, is_under_way=False)}


def test_a_poll_that_took_too_long_does_not_undo_what_the_next_one_did(conn: Connection) -> None:
    slow = taken(conn)
    later = taken(conn, at_s=60)
    assert slow is not None
    assert later is not None
    store.end_turn(conn, replace(later, cursor_at=after(60)))

    store.end_turn(conn, slow)

    assert store.poll_states(conn)["prod-poll"].cursor_at == after(60)


def test_a_turn_that_was_not_ended_is_free_again_where_its_node_can_only_be_gone(conn: Connection) -> None:
    taken(conn)

    store.free_turns(conn, now=after(1))

    assert (taken(conn, at_s=1) is not None) is has_one_owner(conn)


def test_a_rest_that_was_asked_for_outlives_the_process(conn: Connection) -> None:
    state = taken(conn)
    assert state is not None
    store.end_turn(conn, replace(state, due_at=after(300)))

    store.free_turns(conn, now=after(1))

    assert taken(conn, at_s=1) is None


def test_a_clock_that_was_put_back_stalls_nothing(conn: Connection) -> None:
    taken(conn)

    assert taken(conn, at_s=-2 * 3600) is not None


def test_what_a_source_has_told_is_known_by_its_keys(conn: Connection) -> None:
    store.record(conn, an_event(source="prod-poll", dedupe_key="a"), a_plan(), now=NOON)
    store.record(conn, an_event(source="genesys", dedupe_key="b"), a_plan(), now=NOON)

    assert store.known_keys(conn, "prod-poll", ["a", "b", "c"]) == {"a"}


def test_the_first_that_a_source_has_found_of_a_flow_is_known(conn: Connection) -> None:
    for source, at_s in (("prod-poll", 60), ("prod-poll", 30), ("genesys", 0)):
        store.record(conn, an_event(source=source, occurred_at=after(at_s)), a_plan(), now=NOON)

    assert store.first_found_at(conn, "prod-poll", FLOW) == after(30)
    assert store.first_found_at(conn, "prod-poll", "another") is None
