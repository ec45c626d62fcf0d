import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from receiver.clock import new_id
from receiver.errors import StoreBusyError
from receiver.model import AttemptResult, Fault, Plan
from receiver.states import StepStatus
from tests.receiver.web.face import TOKEN, a_client, a_face, an_app
from tests.receiver.web.makers import FLOW_ID, an_event

pytestmark = pytest.mark.anyio

PROBLEM = "application/problem+json"


async def test_an_event_is_listed_with_what_followed(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        recorded = await face.receive()
        await face.run_step()

        answer = await face.ask("/api/v1/events")

    [item] = answer.json()["items"]
    assert answer.status_code == 200
    assert item["id"] == recorded.event_id
    assert item["runs"][0]["status"] == "succeeded"
    assert [verdict["kind"] for verdict in item["verdicts"]] == ["matched", "not_matched"]
    assert item["publication"]["number"] == 1
    assert answer.json()["next_cursor"] is None


async def test_one_event_is_shown_with_its_body(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        recorded = await face.receive(an_event(id=new_id(), body=b'{"a": "\\ud800"}'))

        answer = await face.ask(f"/api/v1/events/{recorded.event_id.upper()}")

    assert answer.json()["body"] == '{"a": "\\ud800"}'
    assert answer.json()["headers"]["content-type"] == "application/json"


async def test_a_run_is_shown_with_its_attempts_and_its_event(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        recorded = await face.receive()
        await face.run_step(
            StepStatus.FAILED, result=AttemptResult.FAILED, message="HTTP 422", response={"status": 422}
        )

        answer = await face.ask(f"/api/v1/runs/{recorded.run_ids[0]}")

    run = answer.json()
    assert (run["status"], run["is_final"]) == ("failed", True)
    assert run["event"]["id"] == recorded.event_id
    assert run["steps"][0]["attempts"][0]["response"] == {"status": 422}
    assert run["steps"][0]["is_dead_letter"] is True


async def test_a_list_goes_on_where_its_cursor_says(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        ids = [(await face.receive(plan=Plan())).event_id for _ in range(3)]

        first = (await face.ask("/api/v1/events?limit=2")).json()
        second = (await face.ask(f"/api/v1/events?limit=2&cursor={first['next_cursor']}")).json()

    assert [item["id"] for item in first["items"]] == [ids[2], ids[1]]
    assert [item["id"] for item in second["items"]] == [ids[0]]
    assert second["next_cursor"] is None


async def test_lists_are_filtered(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        await face.receive(plan=Plan())
        faulty = an_event(id=new_id(), dedupe_key="other", type="flow.audited", faults=(Fault(field="a", message="b"),))
        await face.receive(faulty, plan=Plan())

        by_type = (await face.ask("/api/v1/events?type=flow.audited")).json()["items"]
        by_flow = (await face.ask("/api/v1/events?flow=AUTOMATED&faulty=false")).json()["items"]

    assert [item["id"] for item in by_type] == [faulty.id]
    assert len(by_flow) == 1


async def test_runs_are_listed_with_the_flow_that_they_are_of(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        recorded = await face.receive()

        found = (await face.ask(f"/api/v1/runs?event_id={recorded.event_id}&status=running")).json()["items"]
        none = (await face.ask("/api/v1/runs?status=failed")).json()["items"]

    assert [(run["event"]["flow_name"], run["steps"][0]["name"]) for run in found] == [
        ("Automated IVR Flow v2", "deploy")
    ]
    assert none == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/events/019a9c3e-5a00-7c31-9a55-1c3a4b5d6e7f", 404, "not-found"),
        ("/api/v1/events/..%2f..%2fetc%2fpasswd", 404, None),
        ("/api/v1/events/%00", 404, "not-found"),
        ("/api/v1/runs/1", 404, "not-found"),
        ("/api/v1/events?limit=0", 400, "bad-query"),
        ("/api/v1/events?limit=1000000000", 400, "bad-query"),
        ("/api/v1/events?cursor=garbage!", 400, "bad-query"),
        ("/api/v1/events?cursor=AAAA", 400, "bad-query"),
        ("/api/v1/runs?cursor=%F0%9F%92%A9", 400, "bad-query"),
        ("/api/v1/events?sort=;drop", 400, "bad-query"),
        ("/api/v1/events?flow=%00", 400, "bad-query"),
        ("/api/v1/runs?status=done", 400, "bad-query"),
    ],
)
async def test_what_cannot_be_answered_is_a_problem(tmp_path: Path, path: str, status: int, code: str | None) -> None:
    async with a_face(tmp_path) as face:
        answer = await face.ask(path)

    assert answer.status_code == status
    assert code is None or answer.json()["type"] == f"urn:flow-relay:problem:{code}"


async def test_a_flow_is_looked_for_as_it_is_written(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        await face.receive(plan=Plan())

        answers = [(await face.ask(f"/api/v1/events?flow={text}")) for text in ("%25", "_", "'", '"*', "%5C")]

    assert [answer.json()["items"] for answer in answers] == [[]] * 5


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param({"Authorization": "Bearer wrong"}, id="wrong"),
        pytest.param({"Authorization": f"Basic {TOKEN}"}, id="another scheme"),
        pytest.param({"Authorization": TOKEN}, id="no scheme"),
        pytest.param({"Authorization": "Bearer \xe9"}, id="not ascii"),
        pytest.param({"Authorization": f"Bearer {TOKEN}, Bearer {TOKEN}"}, id="joined"),
    ],
)
async def test_without_the_token_nothing_is_told(tmp_path: Path, headers: dict[str, str]) -> None:
    async with a_face(tmp_path) as face:
        sent = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
        answer = await face.client.get("/api/v1/events", headers=sent)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == PROBLEM
    assert answer.headers["www-authenticate"].startswith('Bearer realm="flow-relay"')


async def test_a_token_sent_twice_is_refused(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        twice = [("Authorization", f"Bearer {TOKEN}"), ("Authorization", f"Bearer {TOKEN}")]
        answer = await face.client.get("/api/v1/events", headers=twice)

    assert answer.status_code == 401


async def test_a_session_opens_the_pages_but_not_the_api(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        await face.sign_in()

        answer = await face.client.get("/api/v1/events")

    assert answer.status_code == 401


async def test_guessing_tokens_is_stopped(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        wrong = {"Authorization": "Bearer wrong"}
        guesses = [(await face.client.get("/api/v1/events", headers=wrong)).status_code for _ in range(301)]

        right = await face.ask("/api/v1/events")
        async with a_client(face.app, peer="192.0.2.8") as neighbour:
            other = await neighbour.get("/api/v1/events", headers={"Authorization": f"Bearer {TOKEN}"})

    assert guesses[-2:] == [401, 429]
    assert (right.status_code, other.status_code) == (429, 200)
    assert int(right.headers["retry-after"]) == 300


async def test_other_sites_are_not_let_in(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        asked = {"Origin": "https://evil.test", "Access-Control-Request-Method": "GET"}
        answer = await face.client.request("OPTIONS", "/api/v1/events", headers=asked)

    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


async def test_answers_are_kept_nowhere_and_guessed_as_nothing_else(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        answer = await face.ask("/api/v1/events")

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_without_an_admin_token_the_api_is_shut(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face, a_client(an_app(SimpleNamespace(), None)) as client:
        answer = await client.get("/api/v1/events", headers={"Authorization": f"Bearer {TOKEN}"})

    assert face is not None
    assert answer.status_code == 503
    assert "RECEIVER_ADMIN_TOKEN" in answer.json()["detail"]


class BusyDatabase:
    async def read(self, _work: object) -> None:
        raise StoreBusyError("The database did not answer within 5 s.")


async def test_a_busy_database_says_when_to_try_again(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face, a_client(an_app(SimpleNamespace(database=BusyDatabase()), face.access)) as it:
        answer = await it.get("/api/v1/events", headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


async def test_times_are_written_in_utc(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        await face.receive()

        [item] = (await face.ask("/api/v1/events")).json()["items"]

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", item["received_at"])


async def test_flows_are_listed_with_what_is_live(tmp_path: Path) -> None:
    async with a_face(tmp_path) as face:
        await face.receive()
        await face.receive(an_event(id=new_id(), dedupe_key="2", flow_id="f-2", environment="dev"), plan=Plan())

        found = (await face.ask("/api/v1/flows?environment=prod")).json()

    assert [(flow["flow_id"], flow["live"]["version_id"]) for flow in found["items"]] == [(FLOW_ID, "16.0")]
    assert found["next_cursor"] is None


async def test_one_flow_is_shown_with_its_timeline(tmp_path: Path) -> None:
    provenance = {"content_hash": "sha256:a", "commit": "c0ffee", "actor": "kim"}
    async with a_face(tmp_path) as face:
        recorded = await face.receive(an_event(id=new_id(), provenance=provenance))
        await face.run_step()
        block = an_event(id=new_id(), dedupe_key="2", type="flow.content.blocked", provenance=provenance)
        await face.receive(block, plan=Plan())

        flow = (await face.ask(f"/api/v1/flows/{FLOW_ID}")).json()

    [lived] = flow["timeline"]["items"]
    assert (lived["version_id"], lived["version_number"], lived["outcome"]) == ("16.0", 16, "succeeded")
    assert (lived["published_by"]["name"], lived["provenance"]) == ("Dana Reyes", provenance)
    assert [(run["id"], run["status"]) for run in lived["runs"]] == [(recorded.run_ids[0], "succeeded")]
    assert flow["good"]["version_id"] == "16.0"
    assert [(each["event_id"], each["content_hash"]) for each in flow["blocked"]] == [(block.id, "sha256:a")]
    assert flow["adopted"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/flows/unknown", 404),
        ("/api/v1/flows/%00", 404),
        (f"/api/v1/flows/{FLOW_ID}?cursor=garbage!", 400),
        (f"/api/v1/flows/{FLOW_ID}?flow=main", 400),
        ("/api/v1/flows?status=live", 400),
        ("/api/v1/flows?cursor=garbage!", 400),
    ],
)
async def test_what_cannot_be_told_of_a_flow_is_a_problem(tmp_path: Path, path: str, status: int) -> None:
    async with a_face(tmp_path) as face:
        await face.receive(plan=Plan())

        answer = await face.ask(path)

    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
