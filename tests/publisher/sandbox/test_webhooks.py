"""Tells every registered webhook what happened."""

import asyncio

import httpx
import pytest

from publisher.sandbox import FLOW_ID, FLOW_NAME, ORGANIZATION_ID, SandboxSettings, create_sandbox
from publisher.sandbox.sandbox import World
from tests.publisher.sandbox.orgs import NOON, SECRET, WEBHOOK_URL, Listener, Running, a_sandbox

pytestmark = pytest.mark.anyio


async def states(running: Running, *, until: str) -> list[str]:
    """What became of the events, once each is in that state."""
    async with asyncio.timeout(5):
        # The clock is a fake one: it is all a matter of turns.
        while any(sending.state != until for sending in running.sandbox.outbox.log()):  # noqa: ASYNC110
            await asyncio.sleep(0)
    return [sending.state for sending in running.sandbox.outbox.log()]


async def test_a_publication_is_told_with_the_secret_header() -> None:
    async with a_sandbox() as running:
        await running.register()

        await running.publish()
        (event,) = await running.listener.heard(1)

    request = running.listener.requests[0]
    assert (request.method, str(request.url)) == ("POST", WEBHOOK_URL)
    assert request.headers["x-genesys-webhook-secret"] == SECRET
    assert request.headers["content-type"] == "application/json"
    assert event == {
        "id": event["id"],
        "event": "flow.version.published",
        "timestamp": "2026-11-23T12:00:00.000Z",
        "organizationId": ORGANIZATION_ID,
        "data": {
            "flowId": FLOW_ID,
            "flowName": FLOW_NAME,
            "flowType": "INBOUNDCALL",
            "versionId": "1.0",
            "versionNumber": 1,
            "status": "published",
            "publishedBy": {"id": "ci", "name": "ci", "type": "client"},
        },
    }


async def test_every_publication_has_an_id_of_its_own() -> None:
    async with a_sandbox() as running:
        await running.register()

        await running.publish()
        await running.publish()
        events = await running.listener.heard(2)

    assert len({event["id"] for event in events}) == 2


async def test_every_registration_is_told_the_same() -> None:
    async with a_sandbox() as running:
        await running.register(name="one")
        await running.register(name="two")

        await running.publish()
        events = await running.listener.heard(2)

    assert events[0] == events[1]


async def test_other_events_are_not_asked_for() -> None:
    async with a_sandbox() as running:
        await running.register(events=["flow.deleted"])

        await running.publish()

        assert running.sandbox.outbox.log() == []


async def test_what_did_not_go_live_is_not_told() -> None:
    async with a_sandbox() as running:
        await running.register()

        await running.publish("99.0")

        assert running.sandbox.outbox.log() == []


async def test_an_event_that_is_not_taken_is_sent_again_with_growing_waits() -> None:
    listener = Listener(statuses=[503, None, 429, 202])
    async with a_sandbox(listener=listener) as running:
        await running.register()

        await running.publish()
        events = await running.listener.heard(4)

        assert await states(running, until="taken") == ["taken"]
    assert {event["id"] for event in events} == {events[0]["id"]}
    assert running.clock.naps == [0.5, 1, 2]
    assert running.sandbox.outbox.log() == []


async def test_an_event_that_is_never_taken_is_given_up() -> None:
    async with a_sandbox(SandboxSettings(event_attempts=3), listener=Listener(statuses=[500])) as running:
        await running.register()

        await running.publish()

        assert await states(running, until="given up") == ["given up"]
        assert running.sandbox.outbox.log()[0].statuses == [500, 500, 500]


async def test_a_refused_event_is_not_sent_again() -> None:
    async with a_sandbox(listener=Listener(statuses=[401])) as running:
        await running.register()

        await running.publish()

        assert await states(running, until="refused") == ["refused"]


async def test_a_secret_that_no_header_can_carry_does_not_stop_the_sandbox() -> None:
    async with a_sandbox(SandboxSettings(event_attempts=1)) as running:
        body = {"name": "n", "description": "", "type": "web", "endpointUrl": WEBHOOK_URL, "secret": "geheim\u2026"}
        await running.http.post("/api/v2/platform/webhooks", json=body | {"events": ["flow.version.published"]})

        await running.publish()

        assert await states(running, until="given up") == ["given up"]


async def test_a_lost_event_is_never_sent() -> None:
    async with a_sandbox() as running:
        await running.register()
        running.add("event-lost")

        await running.publish()
        await running.publish()
        events = await running.listener.heard(1)

        assert running.sandbox.outbox.log()[0].state == "lost"
    assert len(events) == 1


async def test_a_repeated_event_comes_with_the_same_id() -> None:
    async with a_sandbox() as running:
        await running.register()
        running.add("event-repeated", copies=3)

        await running.publish()
        events = await running.listener.heard(3)

    assert [event["id"] for event in events] == [events[0]["id"]] * 3


async def test_a_late_event_comes_late_and_says_when_it_happened() -> None:
    async with a_sandbox() as running:
        await running.register()
        running.add("event-late", delay_s=90)

        await running.publish()
        (event,) = await running.listener.heard(1)

    assert running.clock.naps == [90]
    assert event["timestamp"] == "2026-11-23T12:00:00.000Z"
    assert (running.clock.now - NOON).total_seconds() == 90


async def test_a_reordered_event_comes_after_the_next_one() -> None:
    async with a_sandbox(SandboxSettings(validation_polls=0)) as running:
        await running.register()
        await running.push()
        running.add("event-reordered")

        await running.publish("1.0")
        await running.publish("2.0")
        events = await running.listener.heard(2)

    assert [event["data"]["versionId"] for event in events] == ["2.0", "1.0"]


async def test_leaving_the_lifespan_gives_up_what_is_on_its_way() -> None:
    before = asyncio.all_tasks()
    async with a_sandbox() as running:
        await running.register()
        running.sandbox.outbox.start(asyncio.Event().wait(), name="never done")  # type: ignore[arg-type]
        running.add("event-reordered")
        await running.publish()

    assert asyncio.all_tasks() == before


async def test_events_need_the_lifespan() -> None:
    app = create_sandbox(world=World(clock=lambda: NOON))
    token = app.state.sandbox.tokens.give(client_id="ci", client_secret="x")
    headers = {"Authorization": f"Bearer {token}"}
    body = {"name": "n", "description": "", "type": "web", "endpointUrl": WEBHOOK_URL, "secret": "s"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://s.test", headers=headers
    ) as http:
        await http.post("/api/v2/platform/webhooks", json=body | {"events": ["flow.version.published"]})

        with pytest.raises(RuntimeError, match="enter the application's lifespan first"):
            await http.post("/api/v2/flows/actions/publish", params={"flow": FLOW_ID})
