"""The registration: our webhook as Genesys Cloud knows it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random

import httpx
import pytest

from publisher import registration
from publisher.genesys.auth import Credentials
from publisher.genesys.client import GenesysClient
from publisher.genesys.errors import NoWebhookApiError
from publisher.genesys.hosts import hosts_of_url
from publisher.genesys.model import Registration, RegistrationDraft, secret_digest
from publisher.genesys.wire import Wire
from publisher.registration import Change
from publisher.sandbox import SandboxSettings, WebhookApi
from tests.publisher.organization import API_URL, WEBHOOK_SECRET, WEBHOOK_URL, Organization

OTHER_URL = "https://elsewhere.example.com/webhooks/genesys"


def a_draft(*, url: str = WEBHOOK_URL, secret: str = WEBHOOK_SECRET) -> RegistrationDraft:
    return registration.wanted(url=url, secret=secret)


def a_registration(
    *, id_: str = "r1", draft: RegistrationDraft | None = None, knows_secret: bool = True
) -> Registration:
    draft = draft or a_draft()
    return Registration(
        id=id_,
        name=draft.name,
        description=draft.description,
        type=draft.type,
        endpoint_url=draft.endpoint_url,
        events=draft.events,
        secret_digest=secret_digest(id_, draft.secret) if knows_secret else None,
    )


@asynccontextmanager
async def connected(organization: Organization) -> AsyncIterator[GenesysClient]:
    async with httpx.AsyncClient(transport=organization) as http:
        wire = Wire(
            http,
            hosts=hosts_of_url(API_URL),
            credentials=Credentials(client_id="client-1", client_secret="client-s3cret"),
            monotonic=organization.time.monotonic,
            rng=Random(1),  # noqa: S311 - jitter, not a secret
            sleep=organization.time.sleep,
        )
        yield GenesysClient(wire)


def test_one_that_is_as_wanted_is_left_alone() -> None:
    plan = registration.plan([a_registration()], a_draft())

    assert (plan.change, plan.differences) == (Change.UNCHANGED, ())


def test_there_being_none_it_is_created() -> None:
    others = [replace(a_registration(), name="Something else")]

    assert registration.plan(others, a_draft()).change is Change.CREATED


@pytest.mark.parametrize(
    ("existing", "difference"),
    [
        (a_registration(draft=a_draft(url=OTHER_URL)), "URL"),
        (replace(a_registration(), events=("flow.deleted",)), "events"),
        (a_registration(draft=a_draft(secret="another")), "secret"),
        (a_registration(knows_secret=False), "secret"),
        (replace(a_registration(), type="email"), "type"),
        (replace(a_registration(), description="by hand"), "description"),
    ],
    ids=["URL", "events", "secret", "secret not told", "type", "description"],
)
def test_what_differs_is_updated(existing: Registration, difference: str) -> None:
    plan = registration.plan([existing], a_draft())

    assert (plan.change, plan.existing, plan.differences) == (Change.UPDATED, existing, (difference,))


def test_the_order_of_events_is_no_difference() -> None:
    draft = replace(a_draft(), events=("a", "b"))
    existing = replace(a_registration(draft=draft), events=("b", "a"))

    assert registration.plan([existing], draft).change is Change.UNCHANGED


def test_more_of_the_same_name_are_told_and_left_alone() -> None:
    plan = registration.plan([a_registration(id_="r2"), a_registration(id_="r1")], a_draft())

    assert plan.existing is not None
    assert (plan.existing.id, [other.id for other in plan.others]) == ("r1", ["r2"])
    assert "publisher webhook delete ID`: r2" in registration.intention(plan)


@pytest.mark.anyio
async def test_the_first_time_it_is_created(organization: Organization) -> None:
    async with connected(organization) as client:
        ensured = await registration.ensure(client, a_draft())
        [there] = await client.registrations()

    assert (ensured.change, ensured.registration) == (Change.CREATED, there)
    assert there.has_secret(WEBHOOK_SECRET)


@pytest.mark.anyio
async def test_the_second_time_nothing_is_changed(organization: Organization) -> None:
    async with connected(organization) as client:
        await registration.ensure(client, a_draft())
        ensured = await registration.ensure(client, a_draft())

        assert ensured.change is Change.UNCHANGED
        assert len(await client.registrations()) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("draft", [a_draft(url=OTHER_URL), a_draft(secret="another")], ids=["URL", "secret"])
async def test_another_url_or_secret_updates_the_one_that_is_there(
    draft: RegistrationDraft, organization: Organization
) -> None:
    async with connected(organization) as client:
        await registration.ensure(client, a_draft())
        ensured = await registration.ensure(client, draft)
        [there] = await client.registrations()

    assert ensured.change is Change.UPDATED
    assert (there.endpoint_url, there.has_secret(draft.secret)) == (draft.endpoint_url, True)


@pytest.mark.anyio
async def test_publishers_at_the_same_moment_leave_one(organization: Organization) -> None:
    async with connected(organization) as client:
        await asyncio.gather(*(registration.ensure(client, a_draft()) for _ in range(5)))

        assert len(await client.registrations()) == 1


@pytest.mark.anyio
async def test_where_the_api_has_no_list_it_is_plainly_created() -> None:
    organization = Organization(settings=SandboxSettings(webhook_api=WebhookApi.CREATE_ONLY))

    async with connected(organization) as client:
        ensured = await registration.ensure(client, a_draft())

    assert ensured.change is Change.CREATED
    assert organization.calls()[-1] == "POST /api/v2/platform/webhooks 201"


@pytest.mark.anyio
async def test_where_the_api_knows_no_webhooks_that_is_said() -> None:
    organization = Organization(settings=SandboxSettings(webhook_api=WebhookApi.NONE))

    async with connected(organization) as client:
        with pytest.raises(NoWebhookApiError, match="use --announce"):
            await registration.ensure(client, a_draft())


@pytest.mark.anyio
async def test_a_preview_changes_nothing(organization: Organization) -> None:
    async with connected(organization) as client:
        plan = await registration.preview(client, a_draft())

        assert plan.change is Change.CREATED
        assert await client.registrations() == []


@pytest.mark.anyio
async def test_where_the_api_has_no_list_a_preview_promises_only_to_try() -> None:
    organization = Organization(settings=SandboxSettings(webhook_api=WebhookApi.CREATE_ONLY))

    async with connected(organization) as client:
        plan = await registration.preview(client, a_draft())

    assert plan == registration.UNLISTED


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (registration.plan([], a_draft()), "register the webhook"),
        (registration.UNLISTED, "try to register the webhook"),
        (registration.plan([a_registration(draft=a_draft(url=OTHER_URL, secret="x"))], a_draft()), "(URL, secret)"),
        (registration.plan([a_registration()], a_draft()), "leave the webhook"),
    ],
    ids=["created", "not listed", "updated", "unchanged"],
)
def test_what_would_be_done_is_said_without_the_secret(plan: registration.Plan, words: str) -> None:
    assert words in registration.intention(plan)
    assert WEBHOOK_SECRET not in registration.intention(plan)
