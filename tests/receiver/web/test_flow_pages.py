"""The pages of flows: what went live, what followed, and what was announced and not seen."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from receiver.clock import new_id
from receiver.model import Json, Plan
from receiver.silence import Absence, AbsenceKind
from receiver.store import keep_absences
from tests.receiver.web.face import a_face, shown
from tests.receiver.web.makers import FLOW_ID, after, an_event

pytestmark = pytest.mark.anyio

NAMELESS: Mapping[str, Json] = {"flow_id": "a/b?", "flow_name": None, "type": "flow.deleted", "environment": None}


async def test_flows_are_listed_with_what_is_live(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        await face.receive()
        await face.receive(an_event(id=new_id(), dedupe_key="2", **NAMELESS), plan=Plan())

        text = await shown(face, "/flows?flow=&environment=")
        in_prod = await shown(face, "/flows?environment=prod")

    told = (f'href="/flows/{FLOW_ID}"', "Automated IVR Flow v2", "16.0", "since <time", 'href="/flows/a%2Fb%3F"')
    assert [words for words in told if words not in text] == []
    assert "a%2Fb" not in in_prod


async def test_a_flow_is_shown_with_what_went_live_and_what_followed(tmp_path: Path) -> None:
    told = {"actor": "kim", "commit": "c0ffee00c0ffee00", "content_hash": "sha256:a", "reason": "calls drop"}
    async with a_face(tmp_path) as face:
        await face.receive()
        await face.run_step()
        later = an_event(id=new_id(), dedupe_key="2", version_id="17.0", occurred_at=after(3600), provenance=told)
        await face.receive(later, plan=Plan())
        for kind in ("flow.version.adopted", "flow.content.blocked"):
            note = an_event(id=new_id(), dedupe_key=kind, type=kind, actor=None, provenance=told)
            await face.receive(note, plan=Plan())

        text = await shown(face, f"/flows/{FLOW_ID}")

    assert [name for name in ("live", "good") if f">{name}</span>" not in text] == []
    assert text.index(">17.0<") < text.index("deploy-ivr succeeded")
    shown_words = ("c0ffee00c0ff · calls drop", "no run", "Blocked content", "sha256:a", "Adopted", "by <bdi>kim</bdi>")
    assert [words for words in shown_words if words not in text] == []


async def test_a_flow_shows_what_was_announced_and_not_seen(tmp_path: Path) -> None:
    live = an_event(id=new_id())
    coming = an_event(id=new_id(), dedupe_key="2", type="flow.version.publishing", version_id="17.0")
    begun = [
        Absence(kind=AbsenceKind.CONFIRMATION, subject=live.id, since=live.received_at),
        Absence(kind=AbsenceKind.PUBLICATION, subject=coming.id, since=coming.received_at),
    ]
    async with a_face(tmp_path) as face:
        await face.receive(live, plan=Plan())
        await face.receive(coming, plan=Plan())
        await face.database.write(lambda conn: keep_absences(conn, begun=begun, ended=[]))

        text = await shown(face, f"/flows/{FLOW_ID}")

    above, _, timeline = text.partition("What went live")
    assert [event.id for event in (live, coming) if f'href="/events/{event.id}"' not in above] == []
    told = ("version <bdi>17.0</bdi>", "Announced as under way, and has not come.", "no other source has told of it.")
    assert [words for words in told if words not in above] == []
    assert timeline.count("not confirmed") == 1


async def test_a_timeline_goes_on_where_it_ended(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        for number in range(3):
            event = an_event(
                id=new_id(), dedupe_key=str(number), version_id=f"{number}.0", occurred_at=after(number * 3600)
            )
            await face.receive(event, plan=Plan())

        text = await shown(face, f"/flows/{FLOW_ID}?limit=2")
        match = re.search(r'href="(\?[^"]*)" rel="next"', text)
        assert match is not None
        older = await face.client.get(f"/flows/{FLOW_ID}{match[1].replace('&amp;', '&')}")

    assert text.count('class="row"') == 2
    assert older.text.count('class="row"') == 1


async def test_a_flow_of_which_nothing_went_live_has_a_page_as_well(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        event = await face.receive(an_event(id=new_id(), **NAMELESS), plan=Plan())

        text = await shown(face, "/flows/a%2Fb%3F")
        from_event = await shown(face, f"/events/{event.event_id}")

    assert "No version of it is known to have gone live" in text
    assert 'href="/?flow=a/b%3F"' in text
    assert 'href="/flows/a%2Fb%3F"' in from_event


async def test_where_no_event_has_told_of_a_flow_the_list_says_so(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        empty, filtered = await shown(face, "/flows"), await shown(face, "/flows?flow=nowhere")

    assert "No event has told of a flow yet" in empty
    assert "No such flow" in filtered
