import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from receiver.clock import new_id
from receiver.errors import StoreBusyError
from receiver.model import AttemptResult, Fault, Plan
from receiver.states import StepStatus
from tests.receiver.web.face import TOKEN, a_client, a_face, an_app, shown
from tests.receiver.web.makers import FLOW_ID, an_event

pytestmark = pytest.mark.anyio

PROTECTING = ("content-security-policy", "x-content-type-options", "referrer-policy", "x-frame-options")
HOSTILE = "<script>alert(1)</script> {{7*7}} ${{ secrets.X }} \u202efdp \x1b[31m"


async def test_the_first_page_tells_a_newcomer_the_next_step(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        text = await shown(face, "/")

    assert "Nothing has come in yet" in text
    assert "receiver events send" in text
    assert "http://relay.test/webhooks/genesys" in text


async def test_the_list_tells_when_what_who_and_what_followed(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        await face.receive()
        await face.run_step()

        text = await shown(face, "/")

    told = ("12:00:00</time>", "Monday, 23 November 2026", "Automated IVR Flow v2", "16.0", "Dana Reyes")
    assert [words for words in told if words not in text] == []
    assert "deploy-ivr succeeded" in text


async def test_times_are_marked_for_machines_too(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        await face.receive()

        text = await shown(face, "/")

    assert "datetime='2026-11-23T12:00:00.250Z'" in text


async def test_one_event_tells_the_whole_story(tmp_path: Path) -> None:
    provenance = {"repository": "acme/ivr", "run_url": "https://ci.example.com/1", "pull_request": None}
    async with a_face(tmp_path) as face:
        recorded = await face.receive(an_event(id=new_id(), provenance=provenance))
        await face.run_step(
            StepStatus.FAILED,
            result=AttemptResult.FAILED,
            message="HTTP 422: refused for good",
            response={"status": 422, "body": '{"why": "unknown version"}', "cut": True},
        )

        text = await shown(face, f"/events/{recorded.event_id}")

    told = (
        "flow &#39;Main&#39; is not among",
        "POST https://ci.example.com/deploy",
        "Bearer [secret CI_TOKEN]",
        "HTTP 422: refused for good",
        "unknown version",
        "The rest of the body was not kept.",
        "number 1 of this flow",
        'href="https://ci.example.com/1"',
        "acme/ivr",
        "&#34;versionId&#34;: &#34;16.0&#34;",
        "CI_WEBHOOK_SECRET",
    )
    assert [words for words in told if words not in text] == []
    assert "Pull request" not in text


async def test_an_event_whose_body_is_no_longer_kept_says_so(tmp_path: Path) -> None:
    event = an_event(id=new_id(), body=b"", body_digest="c0ffee")
    async with a_face(tmp_path) as face:
        await face.receive(event, plan=Plan())

        text = await shown(face, f"/events/{event.id}")

    assert "The body is no longer kept" in text
    assert "c0ffee" in text


async def test_what_could_not_be_read_of_an_event_stands_on_its_page(tmp_path: Path) -> None:
    faulty = an_event(id=new_id(), flow_id=None, flow_name=None, faults=(Fault(field="flowId", message="a number"),))
    async with a_face(tmp_path) as face:
        await face.receive(faulty, plan=Plan())

        text = await shown(face, f"/events/{faulty.id}")

    assert "could not be read" in text
    assert "<code>flowId</code>: a number" in text


async def test_a_run_is_shown_with_its_steps_and_the_flow_it_is_of(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        recorded = await face.receive()

        text = await shown(face, f"/runs/{recorded.run_ids[0]}")

    assert f'href="/events/{recorded.event_id}"' in text
    assert "It has not ended." in text
    assert "deploy" in text


async def test_the_runs_are_listed_with_how_each_step_stands(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        recorded = await face.receive()
        await face.run_step()

        text = await shown(face, "/runs?status=succeeded")

    assert f'href="/runs/{recorded.run_ids[0]}"' in text
    assert 'deploy <span class="word">succeeded</span>' in text
    assert '<option value="succeeded" selected>' in text


async def test_a_list_goes_on_with_the_same_filter(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        for _ in range(51):
            await face.receive(plan=Plan())

        text = await shown(face, "/?flow=IVR&type=")
        match = re.search(r'href="(\?[^"]*)" rel="next"', text)
        assert match is not None
        older = await face.client.get("/" + match[1].replace("&amp;", "&"))

    assert match[1].startswith("?flow=IVR&amp;cursor=")
    assert older.text.count('class="row"') == 1
    assert 'href="?flow=IVR" rel="first"' in older.text


async def test_a_filter_that_nothing_fits_says_so(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        await face.receive(plan=Plan())

        text = await shown(face, "/?flow=nowhere")

    assert "No such event" in text
    assert 'value="nowhere"' in text


async def test_hostile_words_are_shown_and_do_nothing(tmp_path: Path) -> None:
    hostile = an_event(
        id=new_id(),
        type=HOSTILE,
        flow_name=HOSTILE,
        version_id=HOSTILE,
        provenance={HOSTILE: HOSTILE, "run_url": "javascript:alert(1)"},
        faults=(Fault(field=HOSTILE, message=HOSTILE),),
        body=b'{"name": "<script>alert(1)</script>\\u202e"}',
        headers={"user-agent": HOSTILE},
    )
    async with a_face(tmp_path) as face:
        await face.receive(hostile, plan=Plan())

        pages = [await shown(face, path) for path in ("/", f"/events/{hostile.id}", "/flows", f"/flows/{FLOW_ID}")]

    told = "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} ${{ secrets.X }} \\u202efdp \\e[31m"
    assert [told in text for text in pages] == [True] * 4
    live = ("<script", "\u202e", "\x1b", 'href="javascript:')
    assert [words for words in live if words in "".join(pages)] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/events/019a9c3e-5a00-7c31-9a55-1c3a4b5d6e7f", 404),
        ("/events/nonsense", 404),
        ("/runs/%00", 404),
        ("/flows/nobody", 404),
        ("/flows?cursor=garbage!", 400),
        ("/?cursor=garbage!", 400),
        ("/?flow=%00", 400),
        ("/runs?status=done", 400),
    ],
)
async def test_what_cannot_be_shown_is_a_page_that_leads_back(tmp_path: Path, path: str, status: int) -> None:
    async with a_face(tmp_path) as face:
        await face.sign_in()
        answer = await face.client.get(path)

    assert answer.status_code == status
    assert "Go to the events" in answer.text
    assert "Sign out" in answer.text


@pytest.mark.parametrize("path", ["/", "/flows", "/runs", "/events/nonsense"])
async def test_every_page_protects_its_reader(tmp_path: Path, path: str) -> None:
    async with a_face(tmp_path) as face:
        async with a_client(face.app) as stranger:
            door = await stranger.get("/sign-in")
        await face.sign_in()
        answer = await face.client.get(path)

    assert {name: door.headers[name] for name in PROTECTING} == {name: answer.headers[name] for name in PROTECTING}
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/flows", "/runs"])
async def test_a_page_needs_no_script_and_nothing_from_elsewhere(tmp_path: Path, path: str) -> None:
    async with a_face(tmp_path) as face:
        text = await shown(face, path)

    assert re.findall(r"<script|<style|\sstyle=|\son\w+=", text) == []
    assert re.findall(r'(?:src|href)="(?!/|\?|#)', text) == []


async def test_the_stylesheet_is_kept_by_browsers_under_an_address_of_its_content(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        text = (await face.client.get("/sign-in")).text
        match = re.search(r'href="(/static/[0-9a-f]{12}/app\.css)"', text)
        assert match is not None
        sheet = await face.client.get(match[1])
        older = await face.client.get("/static/000000000000/app.css")
        missing = await face.client.get("/static/000000000000/secret.txt")

    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in sheet.headers["cache-control"]
    assert (older.status_code, older.headers["cache-control"]) == (200, "no-store")
    assert missing.status_code == 404


class BusyDatabase:
    async def read(self, _work: object) -> None:
        raise StoreBusyError("The database did not answer within 5 s.")


async def test_a_busy_database_is_a_page_as_well(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face, a_client(an_app(SimpleNamespace(database=BusyDatabase()), face.access)) as it:
        await it.post("/sign-in", data={"token": TOKEN})
        answer = await it.get("/")

    assert answer.status_code == 503
    assert "The database did not answer within 5 s." in answer.text
