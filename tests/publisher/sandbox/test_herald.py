"""What listeners are told, in each form."""

import pytest

from publisher.sandbox import FLOW_ID, FLOW_NAME, ORGANIZATION_ID, SandboxSettings
from publisher.sandbox.envelopes import AUDIT_TOPIC, FLOW_TOPIC, EventStyle
from tests.publisher.sandbox.orgs import a_sandbox

pytestmark = pytest.mark.anyio


async def test_a_topic_of_eventbridge_is_told_in_its_envelope() -> None:
    async with a_sandbox() as running:
        await running.register(events=[FLOW_TOPIC])

        await running.publish()
        told = await running.listener.heard(2)

    envelope = next(one for one in told if one["detail"]["eventBody"]["currentOperation"]["complete"])
    body = envelope["detail"]["eventBody"]
    assert envelope["detail-type"] == "v2.flows.{id}"
    assert envelope["source"] == f"aws.partner/genesys.com/cloud/{ORGANIZATION_ID}/sandbox"
    assert envelope["detail"]["topicName"] == f"v2.flows.{FLOW_ID}"
    assert (body["id"], body["name"], body["publishedVersion"]) == (FLOW_ID, FLOW_NAME, {"id": "1.0"})
    assert body["currentOperation"]["actionStatus"] == "SUCCESS"
    assert body["currentOperation"]["client"]["id"] == "ci"
    assert running.listener.requests[0].headers["x-genesys-webhook-secret"]


async def test_a_publication_that_takes_its_time_is_told_step_by_step() -> None:
    async with a_sandbox(SandboxSettings(publish_s=3)) as running:
        await running.register(events=[FLOW_TOPIC])

        await running.publish()
        told = await running.listener.heard(4)

    assert [one["detail"]["eventBody"]["currentOperation"]["actionStatus"] for one in told] == [
        "STARTED",
        "PENDING_GENERATION",
        "PENDING_BACKEND_NOTIFICATION",
        "SUCCESS",
    ]
    assert len({one["id"] for one in told}) == 4


async def test_a_failure_says_why() -> None:
    async with a_sandbox() as running:
        await running.register(events=[FLOW_TOPIC])
        running.add("publish-failed", messages=["No prompt."])

        await running.publish()
        told = await running.listener.heard(2)

    operations = [one["detail"]["eventBody"]["currentOperation"] for one in told]
    assert ("FAILURE", "No prompt.") in [(one["actionStatus"], one.get("errorMessage")) for one in operations]


async def test_an_audit_topic_is_told_in_its_envelope() -> None:
    async with a_sandbox() as running:
        await running.register(events=[AUDIT_TOPIC])

        await running.http.post(f"/sandbox/flows/{FLOW_ID}/publish", json={"by": "J. Weber"})
        (told,) = await running.listener.heard(1)

    body = told["detail"]["eventBody"]
    assert told["detail"]["topicName"] == f"v2.audits.entitytype.Flow.entityid.{FLOW_ID}"
    assert (body["serviceName"], body["action"], body["entityType"]) == ("Architect", "Publish", "Flow")
    assert (body["userDisplay"], body["entity"]["id"]) == ("J. Weber", FLOW_ID)


@pytest.mark.parametrize(
    ("style", "kind"),
    [(EventStyle.EVENTBRIDGE, "v2.flows.{id}"), (EventStyle.AUDIT, "v2.audits.entitytype.{id}.entityid.{id}")],
    ids=["flows", "audits"],
)
async def test_the_style_says_in_which_form_publications_are_told(style: EventStyle, kind: str) -> None:
    async with a_sandbox(SandboxSettings(event_style=style)) as running:
        await running.register()

        await running.publish()
        told = await running.listener.heard(1)

    assert told[0]["detail-type"] == kind


async def test_faults_of_events_concern_going_live_alone() -> None:
    async with a_sandbox() as running:
        await running.register(events=[FLOW_TOPIC])
        running.add("event-lost")

        await running.publish()
        await running.listener.heard(1)

        states = [sending.state for sending in running.sandbox.outbox.log()]
    assert states.count("lost") == 1


async def test_checking_in_and_deactivating_are_told_too() -> None:
    async with a_sandbox() as running:
        await running.register(events=[FLOW_TOPIC])

        await running.http.post("/api/v2/flows/actions/checkin", params={"flow": FLOW_ID})
        await running.http.post("/api/v2/flows/actions/deactivate", params={"flow": FLOW_ID})
        told = await running.listener.heard(2)

    assert {one["detail"]["eventBody"]["currentOperation"]["actionName"] for one in told} == {"CHECKIN", "DEACTIVATE"}
