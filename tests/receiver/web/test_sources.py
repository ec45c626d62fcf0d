"""How sources stand, and what is absent, for programs and for people."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from receiver.clock import utc_now
from receiver.config import parse_config
from receiver.model import Event, Origin, Plan
from receiver.relay import Relay
from receiver.silence import Absence, AbsenceKind, Heard
from receiver.store import end_turn, keep_absences, note_hearings, record, take_turn
from tests.receiver.polling import a_config
from tests.receiver.store.makers import an_event
from tests.receiver.web.house import a_house, signed_in

pytestmark = pytest.mark.anyio

LONG_AGO = utc_now() - timedelta(days=9)
HOURLY = parse_config("sources: {genesys: {secrets: [A], environment: prod, expect_within: 1h}}", file="f")


async def fail_poll(relay: Relay) -> None:
    """Have the poll fail, as its second time."""
    now = utc_now()
    state = await relay.database.write(lambda conn: take_turn(conn, "prod-poll", now=now, until=now))
    assert state is not None
    ended = replace(state, failures=2, answered_at=LONG_AGO, fault="No <b>token</b>.")
    await relay.database.write(lambda conn: end_turn(conn, ended))


async def be_silent(relay: Relay) -> None:
    long_ago = Heard(source="genesys", watched_since=LONG_AGO, last_event_at=LONG_AGO)
    await relay.database.write(lambda conn: note_hearings(conn, [long_ago]))


async def miss(relay: Relay, kind: AbsenceKind = AbsenceKind.CONFIRMATION) -> Event:
    """Have an announcement that nothing has answered."""
    event = an_event(origin=Origin.ANNOUNCE, flow_name="Main <b>menu</b>", environment="prod")
    absence = Absence(kind=kind, subject=event.id, since=event.received_at)
    await relay.database.write(lambda conn: record(conn, event, Plan(), now=event.received_at))
    await relay.database.write(lambda conn: keep_absences(conn, begun=[absence], ended=[]))
    return event


async def test_a_door_is_told_with_its_silence(tmp_path: Path) -> None:
    async with a_house(tmp_path, config=HOURLY) as house:
        await be_silent(house.world.relay)
        answer = await house.inside.get("/api/v1/sources")

    [door] = answer.json()["items"]
    assert (door["name"], door["kind"], door["environment"], door["poll"]) == ("genesys", "door", "prod", None)
    assert door["expect_within_s"] == 3600
    assert door["silent_since"] == door["last_event_at"] is not None


async def test_a_poll_is_told_with_how_it_goes(tmp_path: Path) -> None:
    async with a_house(tmp_path, config=a_config()) as house:
        before = (await house.inside.get("/api/v1/sources")).json()["items"][1]
        await fail_poll(house.world.relay)
        after = (await house.inside.get("/api/v1/sources")).json()["items"][1]

    assert (before["kind"], before["environment"], before["last_event_at"]) == ("poll", "prod", None)
    assert before["poll"] == {
        "every_s": 60.0,
        "last_success_at": None,
        "failures": 0,
        "fault": None,
        "next_at": None,
    }
    assert (after["poll"]["failures"], after["poll"]["fault"]) == (2, "No <b>token</b>.")
    assert None not in {after["poll"]["last_success_at"], after["poll"]["next_at"]}


async def test_what_was_just_taken_in_counts_at_once(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        await house.world.send()
        answer = await house.inside.get("/api/v1/sources")

    assert answer.json()["items"][0]["last_event_at"] is not None


async def test_absences_are_told_with_their_announcement(tmp_path: Path) -> None:
    silent = Absence(kind=AbsenceKind.EVENTS, subject="genesys", since=LONG_AGO)
    async with a_house(tmp_path) as house:
        event = await miss(house.world.relay)
        await house.world.relay.database.write(lambda conn: keep_absences(conn, begun=[silent], ended=[]))
        items = (await house.inside.get("/api/v1/absences")).json()["items"]

    by_kind = {item["kind"]: item for item in items}
    assert by_kind["events"] == {
        **dict.fromkeys(("event_id", "environment", "flow_id", "flow_name", "version_id")),
        "kind": "events",
        "source": "genesys",
        "since": by_kind["events"]["since"],
    }
    assert by_kind["confirmation"] | {"since": ""} == {
        "kind": "confirmation",
        "since": "",
        "source": "genesys",
        "event_id": event.id,
        "environment": "prod",
        "flow_id": event.flow_id,
        "flow_name": "Main <b>menu</b>",
        "version_id": "3.0",
    }


async def test_what_is_missing_is_told_where_its_announcement_is(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        event = await miss(house.world.relay)
        [listed] = (await house.inside.get("/api/v1/events")).json()["items"]
        shown = (await house.inside.get(f"/api/v1/events/{event.id}")).json()
        flow = (await house.inside.get(f"/api/v1/flows/{event.flow_id}")).json()
        absences = (await house.inside.get("/api/v1/absences")).json()["items"]

    assert (listed["missing"], shown["missing"]) == ("confirmation", "confirmation")
    assert [lived["missing"] for lived in flow["timeline"]["items"]] == ["confirmation"]
    assert flow["absences"] == absences


@pytest.mark.parametrize("path", ["/api/v1/sources", "/api/v1/absences"])
async def test_nobody_outside_is_told_and_no_parameter_is_passed_over(tmp_path: Path, path: str) -> None:
    async with a_house(tmp_path) as house:
        outside = await house.world.client.get(path)
        odd = await house.inside.get(path, params={"sort": "name"})

    assert (outside.status_code, odd.status_code) == (503, 400)


async def test_people_see_what_is_silent_or_failing(tmp_path: Path) -> None:
    async with a_house(tmp_path, config=a_config()) as house:
        await fail_poll(house.world.relay)
        text = (await signed_in(house)).text

    assert [
        words for words in ("failing", "new", "a poll, last went well", "No &lt;b&gt;token") if words not in text
    ] == []


async def test_people_see_a_source_that_is_silent_and_what_was_not_seen(tmp_path: Path) -> None:
    async with a_house(tmp_path, config=HOURLY) as house:
        await be_silent(house.world.relay)
        event = await miss(house.world.relay)
        text = (await signed_in(house)).text
        front = (await house.inside.get("/")).text
        page = (await house.inside.get(f"/events/{event.id}")).text

    told = (
        "silent",
        "Announced, and not seen",
        f"/events/{event.id}",
        "Main &lt;b&gt;menu",
        "no other source has told",
    )
    assert [words for words in told if words not in text] == []
    assert 'Something that should have come has not: <a href="/door">' in front
    assert "<span>not confirmed</span>" in front
    assert "no other source has told of it. Either the organization&#39;s own events" in page


async def test_where_all_is_heard_nothing_is_said(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        await house.world.send()
        text = (await signed_in(house)).text
        front = (await house.inside.get("/")).text

    assert "heard" in text
    assert "not seen" not in text
    assert [words for words in ("should have come", "not confirmed") if words in front] == []
