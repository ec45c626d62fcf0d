"""`publisher sandbox emit`: events out of nothing, sent straight to a receiver."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from publisher.sandbox import FLOW_ID
from publisher.sandbox.envelopes import timestamp
from tests.publisher.organization import API_URL, WEBHOOK, WEBHOOK_SECRET, WEBHOOK_URL, Ended, Organization

pytestmark = pytest.mark.usefixtures("project")


def emit(organization: Organization, *options: object, **environ: str) -> Ended:
    return organization.run("sandbox", "emit", *options, environ=dict(WEBHOOK) | environ)


def versions(told: Iterable[dict[str, Any]]) -> list[str]:
    return [event["data"]["versionId"] for event in told]


def test_a_publication_is_told_with_the_secret(organization: Organization) -> None:
    ended = emit(organization, "--flow-id", "f1", "--flow-name", "Main", "--first-version", 7)

    (event,) = organization.told
    assert (event["event"], event["secret"]) == ("flow.version.published", WEBHOOK_SECRET)
    assert (event["data"]["flowId"], event["data"]["flowName"], event["data"]["versionId"]) == ("f1", "Main", "7.0")
    assert ended.code == 0
    assert ended.results() == [
        {"result": "emitted", "sent": 1, "taken": 1, "dropped": [], "answers": {"202": 1}},
    ]


def test_a_burst_goes_version_after_version_each_with_an_id_of_its_own(organization: Organization) -> None:
    emit(organization, "--burst", 5)

    assert versions(organization.told) == ["1.0", "2.0", "3.0", "4.0", "5.0"]
    assert len({event["id"] for event in organization.told}) == 5
    assert [event["timestamp"] for event in organization.told] == sorted(
        event["timestamp"] for event in organization.told
    )


def test_duplicates_come_with_the_same_id(organization: Organization) -> None:
    emit(organization, "--burst", 3, "--duplicate")

    assert set(Counter(event["id"] for event in organization.told).values()) == {2}


def test_a_reordered_burst_is_whole_and_the_same_for_the_same_seed(organization: Organization) -> None:
    emit(organization, "--burst", 20, "--reorder", "--seed", 1)
    first = versions(organization.told)
    organization.told.clear()
    emit(organization, "--burst", 20, "--reorder", "--seed", 1)

    assert versions(organization.told) == first
    assert first != sorted(first, key=float)
    assert len(set(first)) == 20


def test_dropped_events_are_named_and_never_sent(organization: Organization) -> None:
    ended = emit(organization, "--burst", 10, "--drop")

    (result,) = ended.results()
    assert (result["sent"], len(result["dropped"])) == (8, 2)
    assert not set(result["dropped"]) & {event["id"] for event in organization.told}


@pytest.mark.parametrize(
    ("style", "kind"),
    [("eventbridge", "v2.flows.{id}"), ("audit", "v2.audits.entitytype.{id}.entityid.{id}")],
    ids=["flows", "audits"],
)
def test_envelopes_are_sent_too(style: str, kind: str, organization: Organization) -> None:
    emit(organization, "--style", style)

    assert organization.told[0]["detail-type"] == kind


def test_several_at_a_time_are_each_sent_once(organization: Organization) -> None:
    emit(organization, "--burst", 40, "--concurrency", 8)

    assert len({event["id"] for event in organization.told}) == len(organization.told) == 40


def test_versions_really_go_live_in_a_sandbox_whether_they_are_told_of_or_not(organization: Organization) -> None:
    ended = emit(organization, "--burst", 5, "--drop", "--sandbox", API_URL)

    flow = organization.sandbox.org.flow(FLOW_ID)
    assert (ended.results()[0]["sent"], len(organization.told)) == (4, 4)
    assert flow.published_id == "6.0"
    assert set(versions(organization.told)) < {"2.0", "3.0", "4.0", "5.0", "6.0"}


def test_events_of_a_sandbox_tell_when_their_versions_went_live(organization: Organization) -> None:
    emit(organization, "--sandbox", API_URL)

    live = organization.sandbox.org.flow(FLOW_ID).published
    assert live is not None
    assert live.published_at is not None
    assert [event["timestamp"] for event in organization.told] == [timestamp(live.published_at)]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--sandbox", API_URL, "--flow-id", "f1"), 1, "could not be published in the sandbox"),
        (("--sandbox", f"{API_URL}/elsewhere"), 1, "No event was sent."),
        (("--sandbox", "here"), 2, "--sandbox is 'here'"),
    ],
    ids=["no such flow", "no sandbox", "no URL"],
)
def test_a_sandbox_that_cannot_be_used_is_told(
    organization: Organization, options: tuple[str, ...], code: int, words: str
) -> None:
    ended = emit(organization, *options)

    assert ended.code == code
    assert words in ended.err
    assert organization.told == []


def test_an_event_that_is_not_taken_is_a_failure(organization: Organization) -> None:
    organization.receiver = lambda _: httpx.Response(401)

    ended = emit(organization, "--burst", 2)

    assert ended.code == 1
    assert ended.results()[0]["answers"] == {"401": 2}


def test_a_receiver_that_is_not_there_is_told(organization: Organization) -> None:
    def nobody(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    organization.receiver = nobody

    ended = emit(organization)

    assert ended.code == 1
    assert "is the receiver running" in ended.err


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"CI_WEBHOOK_URL": WEBHOOK_URL}, "CI_WEBHOOK_SECRET is not set"),
        ({"CI_WEBHOOK_SECRET": "x"}, "Give the receiver's URL with --url or CI_WEBHOOK_URL."),
        ({"CI_WEBHOOK_SECRET": "x", "CI_WEBHOOK_URL": "relay"}, "CI_WEBHOOK_URL is 'relay'"),
    ],
    ids=["no secret", "no URL", "odd URL"],
)
def test_what_is_missing_is_told(environ: dict[str, str], words: str, organization: Organization) -> None:
    ended = organization.run("sandbox", "emit", environ=environ)

    assert ended.code == 2
    assert words in ended.err


def test_people_are_told_in_a_sentence(organization: Organization) -> None:
    ended = organization.run("sandbox", "emit", "--burst", 5, "--drop", environ=WEBHOOK, is_terminal=True)

    assert ended.out == "Sent 4 events, 4 taken; answers: 4 x 202; 1 never sent.\n"


def test_the_secret_is_never_printed(organization: Organization) -> None:
    ended = emit(organization, "--burst", 3)

    assert WEBHOOK_SECRET not in ended.out + ended.err
