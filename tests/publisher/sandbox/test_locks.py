"""Who may change a flow, and what was done with it."""

from datetime import timedelta

import pytest

from publisher.genesys.errors import LockedError
from publisher.sandbox import FLOW_ID
from tests.publisher.sandbox.orgs import DEFINITION, NOON, Running, a_sandbox

pytestmark = pytest.mark.anyio

FLOW = f"/api/v2/flows/{FLOW_ID}"


async def act(running: Running, action: str) -> tuple[int, dict[str, object]]:
    answer = await running.http.post(f"/api/v2/flows/actions/{action}", params={"flow": FLOW_ID})
    return answer.status_code, answer.json()


async def lock(running: Running, *, draft: bool = False) -> None:
    await running.http.post(f"/sandbox/flows/{FLOW_ID}/lock", json={"by": "J. Weber", "draft": draft})


async def test_whoever_checks_a_flow_out_is_shown() -> None:
    async with a_sandbox() as running:
        await act(running, "checkout")

        flow = (await running.http.get(FLOW)).json()

    assert flow["lockedClient"]["name"] == "ci"


@pytest.mark.parametrize("action", ["checkout", "checkin", "revert", "publish", "deactivate"])
async def test_what_somebody_else_has_checked_out_is_left_alone(action: str) -> None:
    async with a_sandbox() as running:
        await lock(running)

        status, body = await act(running, action)

    assert (status, body["message"]) == (409, "The flow is locked by another user: J. Weber.")


async def test_a_version_of_what_is_locked_is_refused_by_name() -> None:
    async with a_sandbox() as running:
        await lock(running)

        with pytest.raises(LockedError, match=r"J\. Weber"):
            await running.client.create_version(FLOW_ID, DEFINITION)


async def test_a_lock_tells_its_holder_its_time_and_its_draft() -> None:
    async with a_sandbox() as running:
        await lock(running, draft=True)
        await running.clock.sleep(60)

        held = await running.client.lock(FLOW_ID)

    assert held is not None
    assert (held.holder, held.since, held.draft_saved_at) == ("J. Weber", NOON, NOON)


async def test_unlocking_keeps_the_draft_as_a_version() -> None:
    async with a_sandbox() as running:
        await lock(running, draft=True)

        await running.client.unlock(FLOW_ID)

        assert await running.client.lock(FLOW_ID) is None
        flow = await running.client.flow(FLOW_ID)
    assert (flow.checked_in_version_id, flow.published_version_id) == ("2.0", "1.0")


async def test_unlocking_without_a_draft_changes_no_version() -> None:
    async with a_sandbox() as running:
        await lock(running)

        flow = await running.client.unlock(FLOW_ID)

    assert flow.checked_in_version_id == "1.0"


async def test_a_lock_is_given_back_by_checking_in_or_reverting() -> None:
    async with a_sandbox() as running:
        await act(running, "checkout")
        _, operation = await act(running, "checkin")
        await act(running, "checkout")
        _, reverted = await act(running, "revert")

    assert (operation["actionName"], operation["actionStatus"]) == ("CHECKIN", "SUCCESS")
    assert "lockedClient" not in reverted


async def test_a_deactivated_flow_has_no_live_version() -> None:
    async with a_sandbox() as running:
        _, flow = await act(running, "deactivate")

    assert flow["active"] is False
    assert "publishedVersion" not in flow


@pytest.mark.parametrize("action", ["checkout", "checkin", "revert", "unlock", "publish", "deactivate"])
async def test_an_action_needs_a_flow(action: str) -> None:
    async with a_sandbox() as running:
        answer = await running.http.post(f"/api/v2/flows/actions/{action}")

    assert answer.status_code == 400


async def test_a_flow_is_published_by_hand() -> None:
    async with a_sandbox() as running:
        await running.http.post(f"/sandbox/flows/{FLOW_ID}/publish", json={"by": "J. Weber"})

        flow = await running.client.flow(FLOW_ID)
        versions = await running.client.versions(FLOW_ID)

    assert (flow.published_version_id, flow.published_by) == ("2.0", "J. Weber")
    assert versions[0].created_by == "J. Weber"


async def test_the_history_tells_who_did_what_and_when() -> None:
    async with a_sandbox() as running:
        await act(running, "checkout")
        await running.clock.sleep(5)
        await act(running, "checkin")
        await running.publish("1.0")
        begun = (await running.http.post(f"{FLOW}/history")).json()

        history = (await running.http.get(f"{FLOW}/history/{begun['id']}", params={"sortOrder": "asc"})).json()

    told = [(entry["action"], entry["timestamp"], entry["client"]["id"]) for entry in history["entities"]]
    later = (NOON + timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert told == [("CHECKOUT", "2026-11-23T12:00:00.000Z", "ci"), ("PUBLISH", later, "ci")]
    assert history["complete"] is True


async def test_an_unknown_history_is_404() -> None:
    async with a_sandbox() as running:
        assert (await running.http.get(f"{FLOW}/history/nope")).status_code == 404


async def test_a_flow_is_renamed_and_deleted() -> None:
    async with a_sandbox() as running:
        renamed = (await running.http.put(FLOW, json={"name": "New name"})).json()
        deleted = await running.http.delete(FLOW)

        gone = await running.http.get(FLOW)
        listed = (await running.http.get("/api/v2/flows", params={"deleted": "true", "name": "New name"})).json()

    assert renamed["name"] == "New name"
    assert (deleted.status_code, gone.status_code) == (204, 404)
    assert [flow["deleted"] for flow in listed["entities"]] == [True]
