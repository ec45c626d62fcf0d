"""Genesys Cloud, as the publisher speaks to it."""

from typing import Any

import pytest

from publisher.genesys.errors import (
    MissingError,
    NotAllowedError,
    NoWebhookApiError,
    NoWebhookListError,
    UnreadableError,
)
from publisher.genesys.model import RegistrationDraft
from tests.publisher.genesys.wires import HTML, Host, Time, a_client, an_answer

pytestmark = pytest.mark.anyio

DRAFT = RegistrationDraft(name="Sync", description="", type="web", endpoint_url="u", events=("e",), secret="s3cret")


async def test_only_flows_of_exactly_that_name_are_found() -> None:
    page = {"entities": [{"id": "1", "name": "Main"}, {"id": "2", "name": "Main Menu"}, {"id": "3", "name": "Main"}]}

    flows = await a_client(Host(answers=[an_answer(json=page)])).flows_named("Main")

    assert [flow.id for flow in flows] == ["1", "3"]


async def test_a_token_can_be_got_before_anything_is_asked() -> None:
    host = Host()

    await a_client(host).authenticate()

    assert (len(host.token_calls), len(host.calls)) == (1, 0)


async def test_a_bare_list_has_one_page() -> None:
    registrations = await a_client(Host(answers=[an_answer(json=[{"id": "r1"}])])).registrations()

    assert [registration.id for registration in registrations] == ["r1"]


async def test_every_page_of_a_list_is_read() -> None:
    pages = [an_answer(json={"entities": [{"id": str(page)}], "pageCount": 3}) for page in (1, 2, 3)]
    host = Host(answers=pages)

    registrations = await a_client(host).registrations()

    assert [registration.id for registration in registrations] == ["1", "2", "3"]
    assert [call.url.params["pageNumber"] for call in host.calls] == ["1", "2", "3"]


async def test_a_list_without_end_is_given_up() -> None:
    host = Host(answers=[an_answer(json={"entities": [], "pageCount": 10**9})])

    with pytest.raises(UnreadableError, match="goes on after 1000 pages"):
        await a_client(host).registrations()


@pytest.mark.parametrize("status", [404, 405, 501], ids=str)
@pytest.mark.parametrize("content", [{"json": {"message": "no"}}, {"html": HTML}], ids=["json", "html"])
async def test_a_host_without_a_list_says_so(status: int, content: dict[str, Any]) -> None:
    host = Host(answers=[an_answer(status, **content)])

    with pytest.raises(NoWebhookListError, match=r"does not list webhook registrations.*--announce") as caught:
        await a_client(host).registrations()

    assert caught.value.code in {f"http.{status}", "not-json"}


@pytest.mark.parametrize("status", [404, 405, 501], ids=str)
async def test_a_host_without_webhooks_says_so(status: int) -> None:
    with pytest.raises(NoWebhookApiError, match="has no webhook registrations") as caught:
        await a_client(Host(answers=[an_answer(status)])).create_registration(DRAFT)

    assert not isinstance(caught.value, NoWebhookListError)


@pytest.mark.parametrize("status", [200, 201], ids=str)
async def test_a_registration_is_made_whether_200_or_201_says_so(status: int) -> None:
    host = Host(answers=[an_answer(status, json={"id": "r1"})])

    registration = await a_client(host).create_registration(DRAFT)

    assert registration.id == "r1"


async def test_a_registration_that_is_gone_is_missing_and_not_a_missing_api() -> None:
    client = a_client(Host(answers=[an_answer(404)]))

    with pytest.raises(MissingError):
        await client.update_registration("r1", DRAFT)
    with pytest.raises(MissingError):
        await client.delete_registration("r1")


async def test_a_host_that_changes_no_registrations_says_so() -> None:
    client = a_client(Host(answers=[an_answer(405)]))

    with pytest.raises(NoWebhookApiError):
        await client.update_registration("r1", DRAFT)
    with pytest.raises(NoWebhookApiError):
        await client.delete_registration("r1")


async def test_a_refusal_of_the_list_stays_a_refusal() -> None:
    with pytest.raises(NotAllowedError, match="webhook:write"):
        await a_client(Host(answers=[an_answer(403)])).registrations()


async def test_a_refusal_of_a_registration_stays_a_refusal() -> None:
    with pytest.raises(NotAllowedError):
        await a_client(Host(answers=[an_answer(403)])).create_registration(DRAFT)


async def test_flows_are_found_by_how_their_name_begins() -> None:
    page = {"entities": [{"id": "1", "name": "UAT Main"}, {"id": "2", "name": "Not UAT Main"}]}
    host = Host(answers=[an_answer(json=page)])

    flows = await a_client(host).flows(name_prefix="UAT ", types=("INBOUNDCALL", "WORKFLOW"))

    assert [flow.id for flow in flows] == ["1"]
    assert host.calls[0].url.params["name"] == "UAT *"
    assert host.calls[0].url.params.get_list("type") == ["inboundcall", "workflow"]


async def test_every_version_of_a_flow_is_listed() -> None:
    pages = [an_answer(json={"entities": [{"id": f"{page}.0"}], "pageCount": 2}) for page in (1, 2)]

    versions = await a_client(Host(answers=pages)).versions("f1")

    assert [version.id for version in versions] == ["1.0", "2.0"]


async def test_a_new_flow_is_looked_for_until_it_is_seen() -> None:
    host, time = Host(answers=[an_answer(404), an_answer(json={"id": "f1"})]), Time()

    flow = await a_client(host, time=time).flow("f1", is_new=True)

    assert (flow.id, time.naps) == ("f1", [1])


async def test_a_new_flow_that_is_never_seen_is_missing() -> None:
    host, time = Host(answers=[an_answer(404)]), Time()

    with pytest.raises(MissingError):
        await a_client(host, time=time).flow("f1", is_new=True)

    assert time.naps == [1, 2, 4, 8]


async def test_a_lock_is_taken_off() -> None:
    host = Host(answers=[an_answer(json={"id": "f1"})])

    flow = await a_client(host).unlock("f1")

    assert (flow.locked_by, host.calls[0].url.params["flow"]) == (None, "f1")
