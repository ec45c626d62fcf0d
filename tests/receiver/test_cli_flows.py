import json
from pathlib import Path

import httpx
import pytest

from receiver.cli.exits import ExitCode
from receiver.clock import new_id
from receiver.model import Plan
from receiver.silence import Absence, AbsenceKind
from receiver.store import keep_absences
from tests.receiver.cli_stage import REMOTE, called, filled, scripted
from tests.receiver.web.face import Face
from tests.receiver.web.makers import FLOW_ID, after, an_event


async def a_history(face: Face) -> None:
    """A version with a run that succeeded, then one that set off nothing; an adoption, a block, another flow."""
    await face.receive()
    await face.run_step()
    told = {"actor": "kim", "commit": "c0ffee00c0ffee00", "content_hash": "sha256:a", "reason": "calls drop"}
    later = an_event(id=new_id(), dedupe_key="2", version_id="17.0", occurred_at=after(3600), provenance=told)
    await face.receive(later, plan=Plan())
    for kind in ("flow.version.adopted", "flow.content.blocked"):
        await face.receive(an_event(id=new_id(), dedupe_key=kind, type=kind, provenance=told), plan=Plan())
    other = {"flow_id": "f-2", "flow_name": "Automated sales", "version_id": None, "environment": None}
    await face.receive(an_event(id=new_id(), dedupe_key="3", type="flow.deleted", **other), plan=Plan())


async def one_that_nobody_confirms(face: Face) -> None:
    """A version whose announcement nobody confirms, and one that was announced and has not come."""
    live = an_event(id=new_id())
    coming = an_event(id=new_id(), dedupe_key="2", type="flow.version.publishing", version_id="17.0")
    for event in (live, coming):
        await face.receive(event, plan=Plan())
    absent = [
        Absence(kind=kind, subject=event.id, since=event.received_at)
        for event, kind in ((live, AbsenceKind.CONFIRMATION), (coming, AbsenceKind.PUBLICATION))
    ]
    await face.database.write(lambda conn: keep_absences(conn, begun=absent, ended=[]))


async def nothing(_: Face) -> None:
    """An empty history."""


def test_flows_are_listed_for_people(tmp_path: Path) -> None:
    seen = called(["flows", "list"], environ=filled(tmp_path, a_history))

    told = ("Automated IVR Flow v2", FLOW_ID, "17.0", "since 2026-11-23 13:00", "prod", "nothing that is known")
    assert seen.code == ExitCode.OK
    assert [words for words in told if words not in seen.out] == []


def test_flows_are_listed_for_programs(tmp_path: Path) -> None:
    seen = called(["flows", "list", "--json", "--env", "prod"], environ=filled(tmp_path, a_history))

    assert [json.loads(line)["flow_id"] for line in seen.out.splitlines()] == [FLOW_ID]


@pytest.mark.parametrize(
    ("arguments", "told"), [([], "No event has told of a flow yet."), (["--flow", "x"], "No flow fits.")]
)
def test_an_empty_list_says_so(tmp_path: Path, arguments: list[str], told: str) -> None:
    seen = called(["flows", "list", *arguments], environ=filled(tmp_path, nothing))

    assert (seen.code, seen.out) == (ExitCode.OK, "")
    assert told in seen.err


def test_a_flow_is_shown_with_what_went_live_and_what_followed(tmp_path: Path) -> None:
    seen = called(["flows", "show", "IVR flow"], environ=filled(tmp_path, a_history))

    assert seen.code == ExitCode.OK
    told = (
        "16.0 (good)",
        "17.0",
        "Dana Reyes · c0ffee00c0ff · c",
        "✓ deploy-ivr succeeded",
        "· no run",
        "16.0 by kim (calls drop)",
        "sha256:a by kim (calls drop)",
    )
    assert [words for words in told if words not in seen.out] == []


def test_what_was_announced_and_not_seen_stands_above_what_went_live(tmp_path: Path) -> None:
    seen = called(["flows", "show", FLOW_ID], environ=filled(tmp_path, one_that_nobody_confirms))

    above, _, below = seen.out.partition("What went live")
    told = ("Announced, and not seen", "16.0: announced as live", "17.0: announced as under way, and has not come")
    assert [words for words in told if words not in " ".join(above.split())] == []
    assert "! not confirmed" in below


def test_an_event_that_nobody_confirms_says_so(tmp_path: Path) -> None:
    environ = filled(tmp_path, one_that_nobody_confirms)
    coming, live = map(json.loads, called(["events", "list", "--json"], environ=environ).out.splitlines())

    listed = called(["events", "list"], environ=environ).out
    shown = [" ".join(called(["events", "show", event["id"]], environ=environ).out.split()) for event in (coming, live)]

    assert [words for words in ("! has not come", "! not confirmed") if words not in listed] == []
    assert "The publisher was probably broken off" in shown[0]
    assert "no other source has told of it. Either" in shown[1]


def test_a_long_timeline_says_that_there_is_more(tmp_path: Path) -> None:
    seen = called(["flows", "show", FLOW_ID, "--limit", "1"], environ=filled(tmp_path, a_history))

    assert "There is more: give a higher --limit." in seen.out


def test_a_flow_of_which_nothing_went_live_says_so(tmp_path: Path) -> None:
    seen = called(["flows", "show", "f-2"], environ=filled(tmp_path, a_history))

    assert "Nothing is known to have gone live" in seen.out


def test_a_timeline_is_read_part_by_part() -> None:
    def part(*versions: str, cursor: str | None) -> httpx.Response:
        items = [{"version_id": version} for version in versions]
        return httpx.Response(200, json={"flow_id": "f", "timeline": {"items": items, "next_cursor": cursor}})

    listed = httpx.Response(200, json={"items": [{"flow_id": "f", "flow_name": "F"}], "next_cursor": None})
    with scripted(listed, part("3", "2", cursor="c"), part("1", cursor=None)) as (answer, asked):
        seen = called(["flows", "show", "f", "--json", "--limit", "3"], environ=REMOTE, answer=answer)

    assert [item["version_id"] for item in json.loads(seen.out)["timeline"]["items"]] == ["3", "2", "1"]
    assert [dict(request.url.params) for request in asked[1:]] == [{"limit": "3"}, {"limit": "1", "cursor": "c"}]


@pytest.mark.parametrize(
    ("flow", "code", "told"),
    [
        pytest.param("nobody", ExitCode.NOT_FOUND, "No event has told of a flow 'nobody'", id="none"),
        pytest.param("automated", ExitCode.USAGE, "may be any of these; give the id of one", id="several"),
    ],
)
def test_a_name_has_to_fit_one_flow(tmp_path: Path, flow: str, code: ExitCode, told: str) -> None:
    seen = called(["flows", "show", flow], environ=filled(tmp_path, a_history))

    assert seen.code == code
    assert told in seen.err
