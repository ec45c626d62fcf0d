"""The sandbox's own endpoints: look inside, misbehave, start afresh."""

import pytest

from publisher.sandbox import FLOW_ID, FaultKind, SandboxSettings
from tests.publisher.sandbox.orgs import SECRET, WEBHOOK_URL, a_fault, a_sandbox

pytestmark = pytest.mark.anyio


async def test_the_overview_tells_what_is_here() -> None:
    async with a_sandbox() as running:
        await running.register()

        overview = (await running.http.get("/sandbox")).json()

    assert overview["flows"][0] == {"id": FLOW_ID, "name": "Automated IVR Flow v2", "publishedVersion": "1.0"}
    assert overview["webhooks"] == 1
    assert overview["faults"] == []


async def test_faults_are_set_one_by_one_or_together() -> None:
    async with a_sandbox() as running:
        await running.http.post("/sandbox/faults", json={"fault": "stuck"})
        answer = await running.http.post("/sandbox/faults", json=[{"fault": "event-lost"}, {"fault": "missing"}])

        listed = (await running.http.get("/sandbox/faults")).json()

    assert answer.status_code == 201
    assert [fault["fault"] for fault in listed["faults"]] == ["stuck", "event-lost", "missing"]
    assert listed["faults"][0] == {"fault": "stuck", "times": 1}


async def test_a_list_with_one_odd_fault_sets_none() -> None:
    async with a_sandbox() as running:
        answer = await running.http.post("/sandbox/faults", json=[{"fault": "stuck"}, {"fault": "stuk"}])

        assert running.sandbox.faults.left() == []
    assert answer.status_code == 400
    assert answer.json()["message"] == "there is no fault 'stuk'. Did you mean 'stuck'?"


async def test_faults_are_taken_away() -> None:
    async with a_sandbox() as running:
        running.add("missing", times="always")

        answer = await running.http.delete("/sandbox/faults")

        assert answer.status_code == 204
        assert (await running.client.flow(FLOW_ID)).id == FLOW_ID


async def test_events_are_shown_with_what_became_of_them_and_without_the_secret() -> None:
    async with a_sandbox() as running:
        await running.register()
        running.add("event-lost")
        await running.publish()

        answer = await running.http.get("/sandbox/events")

    (shown,) = answer.json()["events"]
    assert (shown["endpointUrl"], shown["state"], shown["statuses"]) == (WEBHOOK_URL, "lost", [])
    assert shown["event"]["data"]["flowId"] == FLOW_ID
    assert SECRET not in answer.text


async def test_requests_to_the_api_are_noted() -> None:
    async with a_sandbox() as running:
        await running.client.flow(FLOW_ID)
        await running.http.get("/api/v2/flows/nope")

        seen = (await running.http.get("/sandbox/requests")).json()["requests"]

    assert [(one["method"], one["path"], one["status"]) for one in seen] == [
        ("POST", "/api/v2/oauth/token", 200),
        ("GET", f"/api/v2/flows/{FLOW_ID}", 200),
        ("GET", "/api/v2/flows/nope", 404),
    ]


async def test_a_reset_is_a_new_start() -> None:
    async with a_sandbox(SandboxSettings(faults=(a_fault(FaultKind.STUCK),), validation_polls=0)) as running:
        await running.register()
        await running.push()
        await running.push()
        await running.publish("3.0")

        answer = await running.http.post("/sandbox/reset")

        assert answer.status_code == 204
        assert running.sandbox.faults.has(FaultKind.STUCK)
        assert running.sandbox.outbox.log() == []
        assert await running.client.registrations() == []
        assert (await running.client.flow(FLOW_ID)).published_version_id == "1.0"
        assert (await running.http.get("/api/v2/flows")).status_code == 401
