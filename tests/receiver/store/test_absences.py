"""What is kept of sources heard, and which announcements nothing has answered."""

from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import Connection, text

from receiver.clock import first_id, new_id, utc_now
from receiver.model import Event, EventFilter, Json, Origin, Plan
from receiver.silence import Absence, AbsenceKind, Heard, OpenAbsence
from receiver.store import (
    get_event,
    get_flow,
    hearings_of,
    keep_absences,
    list_events,
    note_hearings,
    open_absences,
    record,
    unanswered,
)
from tests.receiver.store.connecting import SQLITE_ONLY
from tests.receiver.store.makers import FLOW, NOON, after, an_event

SILENT = Absence(kind=AbsenceKind.EVENTS, subject="genesys", since=NOON)
PUBLISHING: Final = "flow.version.publishing"


def announced(conn: Connection, **changes: Json) -> Event:
    return told(conn, **{"origin": Origin.ANNOUNCE, **changes})


def told(conn: Connection, **changes: Json) -> Event:
    event = an_event(**changes)
    record(conn, event, Plan(), now=event.received_at)
    return event


def unanswered_ids(conn: Connection) -> list[str]:
    return [one.event_id for one in unanswered(conn, after=after(-60), before=after(60))]


def test_the_later_hearing_stays(conn: Connection) -> None:
    note_hearings(conn, [Heard(source="a", watched_since=NOON)])
    note_hearings(conn, [Heard(source="a", watched_since=after(9), last_event_at=after(20), last_told_at=after(10))])
    note_hearings(conn, [Heard(source="a", watched_since=after(9), last_event_at=after(5), last_told_at=after(15))])

    assert hearings_of(conn) == {
        "a": Heard(source="a", watched_since=NOON, last_event_at=after(20), last_told_at=after(15))
    }


def test_events_tell_of_what_nobody_has_noted(conn: Connection) -> None:
    note_hearings(conn, [Heard(source="a", watched_since=NOON)])
    told(conn, source="a", received_at=after(5))
    announced(conn, source="a", received_at=after(9))
    announced(conn, source="b", received_at=after(2))

    assert hearings_of(conn) == {
        "a": Heard(source="a", watched_since=NOON, last_event_at=after(9), last_told_at=after(5)),
        "b": Heard(source="b", watched_since=after(2), last_event_at=after(2)),
    }


def test_an_announced_publication_is_unanswered_until_another_origin_tells_of_it(conn: Connection) -> None:
    event = announced(conn)
    before = unanswered(conn, after=after(-60), before=after(60))
    announced(conn, source="other")
    still = unanswered_ids(conn)
    told(conn, origin=Origin.POLL)

    assert [(one.event_id, one.source, one.version_id, one.announced_at) for one in before] == [
        (event.id, "genesys", "3.0", NOON)
    ]
    assert event.id in still
    assert unanswered_ids(conn) == []


def test_one_that_was_told_of_before_its_announcement_is_answered(conn: Connection) -> None:
    told(conn, origin=Origin.EVENTBRIDGE)
    announced(conn)

    assert unanswered_ids(conn) == []


@pytest.mark.parametrize(
    ("follows", "is_answered"),
    [
        ({}, True),
        ({"origin": Origin.ANNOUNCE}, True),
        ({"type": "flow.version.publish_failed", "version_id": None}, True),
        ({"version_id": "4.0"}, False),
        ({"flow_id": "another"}, False),
        ({"type": "flow.version.checked_in"}, False),
    ],
    ids=["published", "announced", "failed", "another version", "another flow", "another event"],
)
def test_one_that_is_under_way_waits_for_what_comes_of_it(
    conn: Connection, follows: dict[str, Json], *, is_answered: bool
) -> None:
    event = announced(conn, type=PUBLISHING)
    told(conn, **follows)

    assert (event.id in unanswered_ids(conn)) is not is_answered


def test_one_that_named_no_version_is_answered_by_any(conn: Connection) -> None:
    announced(conn, type=PUBLISHING, version_id=None)
    told(conn)

    assert unanswered_ids(conn) == []


@pytest.mark.parametrize("at", [-61, 61], ids=["too long ago", "only just"])
def test_only_announcements_of_the_time_are_looked_at(conn: Connection, at: float) -> None:
    announced(conn, received_at=after(at))

    assert unanswered_ids(conn) == []


def test_ids_sort_by_the_time_that_they_are_made_at() -> None:
    now = utc_now()

    assert first_id(now - timedelta(seconds=1)) < new_id() < first_id(now + timedelta(hours=1))


def test_an_absence_begins_and_ends_once(conn: Connection) -> None:
    begun = [keep_absences(conn, begun=[SILENT], ended=[]).begun for _ in range(2)]
    kept = open_absences(conn)
    ended = [keep_absences(conn, begun=[], ended=[SILENT]).ended for _ in range(2)]

    assert (begun, ended) == ([[SILENT], []], [[SILENT], []])
    assert kept == [OpenAbsence(absence=SILENT)]
    assert open_absences(conn) == []


def not_seen(event: Event, kind: AbsenceKind = AbsenceKind.CONFIRMATION) -> Absence:
    return Absence(kind=kind, subject=event.id, since=event.received_at)


def test_what_is_missing_stands_with_the_event_that_announced_it(conn: Connection) -> None:
    event, other = announced(conn), told(conn, type="flow.version.checked_in")
    keep_absences(conn, begun=[not_seen(event)], ended=[])

    listed = list_events(conn, EventFilter(), cursor=None, limit=9).items

    assert {record.event.id: record.missing for record in listed} == {
        event.id: AbsenceKind.CONFIRMATION,
        other.id: None,
    }
    assert get_event(conn, event.id).missing is AbsenceKind.CONFIRMATION


def test_a_flow_has_the_absences_of_its_own_announcements(conn: Connection) -> None:
    live, coming = announced(conn), announced(conn, type=PUBLISHING, version_id="4.0", received_at=after(1))
    elsewhere = announced(conn, flow_id="another")
    begun = [not_seen(live), not_seen(coming, AbsenceKind.PUBLICATION), not_seen(elsewhere), SILENT]
    keep_absences(conn, begun=begun, ended=[])

    record = get_flow(conn, FLOW, cursor=None, limit=9)

    assert [one.absence.subject for one in record.absences] == [coming.id, live.id]
    assert [record.missing(lived) for lived in record.timeline.items] == [AbsenceKind.CONFIRMATION]


def test_an_absence_is_shown_with_its_announcement(conn: Connection) -> None:
    event = announced(conn)
    keep_absences(conn, begun=[not_seen(event)], ended=[])

    [found] = open_absences(conn)

    assert found.announcement is not None
    assert (found.announcement.flow_name, found.announcement.announced_at) == ("Main menu", NOON)


@pytest.mark.parametrize(*SQLITE_ONLY, indirect=True)
def test_announcements_are_found_by_an_index_that_holds_nothing_else(conn: Connection) -> None:
    plan = conn.execute(
        text("EXPLAIN QUERY PLAN SELECT id FROM events WHERE origin = 'announce' AND received_at > 'x'")
    )

    assert "USING INDEX ix_events_announced_received_at" in " ".join(row.detail for row in plan)
