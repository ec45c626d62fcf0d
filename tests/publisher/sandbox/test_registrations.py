"""The webhook API: registrations, made, listed, changed and removed."""

from typing import Any

import pytest

from publisher.genesys.errors import MissingError, NoWebhookApiError, NoWebhookListError
from publisher.genesys.model import RegistrationDraft
from publisher.sandbox import SandboxSettings, WebhookApi
from tests.publisher.sandbox.orgs import SECRET, WEBHOOK_URL, a_sandbox

pytestmark = pytest.mark.anyio

WEBHOOKS = "/api/v2/platform/webhooks"
BODY: dict[str, Any] = {
    "name": "Sync",
    "description": "",
    "type": "web",
    "endpointUrl": WEBHOOK_URL,
    "events": ["flow.version.published"],
    "secret": SECRET,
}


def a_draft(*, endpoint_url: str = WEBHOOK_URL, secret: str = SECRET) -> RegistrationDraft:
    return RegistrationDraft(
        name="Sync",
        description="d",
        type="web",
        endpoint_url=endpoint_url,
        events=("flow.version.published",),
        secret=secret,
    )


async def test_a_registration_is_made_and_found_again_without_its_secret() -> None:
    async with a_sandbox() as running:
        made = await running.client.create_registration(a_draft())

        found = await running.client.registrations()
        shown = await running.http.get(f"{WEBHOOKS}/{made.id}")

    assert found == [made]
    assert (made.name, made.endpoint_url, made.events) == ("Sync", WEBHOOK_URL, ("flow.version.published",))
    assert made.has_secret(SECRET) is True
    assert made.has_secret("other") is False
    assert SECRET not in shown.text


async def test_the_host_itself_does_not_keep_names_apart() -> None:
    async with a_sandbox() as running:
        await running.client.create_registration(a_draft())
        await running.client.create_registration(a_draft())

        found = await running.client.registrations()

    assert [registration.name for registration in found] == ["Sync", "Sync"]


async def test_a_registration_is_changed_in_place() -> None:
    async with a_sandbox() as running:
        made = await running.client.create_registration(a_draft())

        changed = await running.client.update_registration(made.id, a_draft(endpoint_url="http://new.test", secret="n"))

        found = await running.client.registrations()
    assert found == [changed]
    assert (changed.id, changed.endpoint_url, changed.has_secret("n")) == (made.id, "http://new.test", True)


async def test_a_registration_is_removed_once() -> None:
    async with a_sandbox() as running:
        made = await running.client.create_registration(a_draft())

        await running.client.delete_registration(made.id)

        with pytest.raises(MissingError):
            await running.client.delete_registration(made.id)
        assert await running.client.registrations() == []


async def test_a_registration_that_is_not_there_cannot_be_changed() -> None:
    async with a_sandbox() as running:
        with pytest.raises(MissingError):
            await running.client.update_registration("nope", a_draft())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (BODY | {"name": ""}, "A webhook needs name."),
        (BODY | {"secret": None, "type": 1}, "A webhook needs type, secret."),
        (BODY | {"events": "all"}, "A webhook needs a list of events."),
        (BODY | {"events": [1]}, "A webhook needs a list of events."),
        (BODY | {"endpointUrl": "ftp://x"}, "endpointUrl must be a whole http or https URL."),
        (BODY | {"endpointUrl": "http://[::1"}, "endpointUrl must be a whole http or https URL."),
    ],
    ids=["no name", "several", "no list", "odd list", "other scheme", "broken URL"],
)
async def test_half_a_registration_is_refused(body: dict[str, Any], message: str) -> None:
    async with a_sandbox() as running:
        answer = await running.http.post(WEBHOOKS, json=body)

    assert (answer.status_code, answer.json()["message"]) == (400, message)


async def test_a_host_may_take_registrations_and_list_none() -> None:
    async with a_sandbox(SandboxSettings(webhook_api=WebhookApi.CREATE_ONLY)) as running:
        made = await running.client.create_registration(a_draft())

        with pytest.raises(NoWebhookListError):
            await running.client.registrations()
        with pytest.raises(NoWebhookApiError):
            await running.client.delete_registration(made.id)


async def test_a_host_may_know_no_webhooks() -> None:
    async with a_sandbox(SandboxSettings(webhook_api=WebhookApi.NONE)) as running:
        with pytest.raises(NoWebhookListError):
            await running.client.registrations()
        with pytest.raises(NoWebhookApiError):
            await running.client.create_registration(a_draft())
