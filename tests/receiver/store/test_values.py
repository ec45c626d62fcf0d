"""Values at the edge of what a database can keep come back as they went in, on either engine."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Connection

from receiver import store
from receiver.envelopes.fields import LARGEST_VERSION
from receiver.model import Actor, Event, EventFilter
from tests.receiver.store.makers import NOON, a_plan, an_event

SMALLEST, LARGEST = datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def kept(conn: Connection, event: Event) -> Event:
    store.record(conn, event, a_plan(), now=NOON)
    return store.get_event(conn, event.id).event


@pytest.mark.parametrize("number", [0, 2**31, LARGEST_VERSION])
def test_a_version_number_comes_back(conn: Connection, number: int) -> None:
    assert kept(conn, an_event(version_number=number)).version_number == number


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(SMALLEST, id="first"),
        pytest.param(LARGEST, id="last"),
        pytest.param(datetime(2026, 3, 1, 12, 0, 0, 1, UTC), id="a microsecond"),
        pytest.param(datetime(2026, 3, 29, 1, 30, tzinfo=timezone(timedelta(hours=5, minutes=45))), id="another zone"),
    ],
)
def test_a_time_comes_back_in_utc(conn: Connection, moment: datetime) -> None:
    found = kept(conn, an_event(type="flow.deleted", occurred_at=moment)).occurred_at

    assert found == moment
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["", " ", "\u202eabc", "👩‍👩‍👧", "İß", "a\\b'\"%_", "line\nline", "x" * 100_000],
    ids=["empty", "space", "right to left", "emoji", "odd cases", "quotes", "lines", "long"],
)
def test_text_comes_back(conn: Connection, text: str) -> None:
    event = an_event(flow_name=text, actor=Actor(id="1", name=text, type="user"), provenance={"ref": text})

    assert kept(conn, event) == event


@pytest.mark.parametrize("name", ["\0", "\ud800", "a\udfffb\0"])
def test_text_that_no_database_keeps_is_kept_as_well_as_can_be(conn: Connection, name: str) -> None:
    found = kept(conn, an_event(flow_name=name, provenance={"ref": name}, body=b"\0\xff"))

    assert "\N{REPLACEMENT CHARACTER}" in (found.flow_name or "")
    assert (found.provenance, found.body) == ({"ref": name}, b"\0\xff")


@pytest.mark.parametrize("asked", ["STRASSE", "straße", "ß", "i\u0307stanbul"])
def test_a_name_is_found_whatever_its_case(conn: Connection, asked: str) -> None:
    event = an_event(flow_name="Straße nach İstanbul")
    kept(conn, event)

    page = store.list_events(conn, EventFilter(flow=asked), cursor=None, limit=10)

    assert [record.event.id for record in page.items] == [event.id]
