"""The announcement: the publisher tells the receiver itself."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import httpx
import pytest

from publisher.announcement import Announcement, AnnouncementError, AnnouncementType, Announcer
from publisher.genesys.model import Flow, FlowVersion
from publisher.provenance import Provenance

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
URL = "https://relay.example.com/webhooks/genesys"

Answers = Callable[[httpx.Request], httpx.Response]


class Clockwork:
    """Sleeps in no time, and remembers for how long."""

    def __init__(self) -> None:
        self.slept_s: list[float] = []

    async def sleep(self, delay_s: float) -> None:
        self.slept_s.append(delay_s)


def an_announcement(
    *, type_: AnnouncementType = AnnouncementType.PUBLISHED, provenance: Provenance | None = None
) -> Announcement:
    return Announcement(
        id="0190-1",
        type=type_,
        timestamp=NOON,
        flow=Flow(id="flow-1", name="Main", type="inboundcall"),
        version=FlowVersion(id="4.0", number=4),
        client_id="client-1",
        provenance=provenance or Provenance(file="main.json", commit="c0ffee"),
    )


def an_announcer(answers: Answers, clockwork: Clockwork | None = None) -> Announcer:
    return Announcer(
        http=httpx.AsyncClient(transport=httpx.MockTransport(answers)),
        url=URL,
        secret="s3cret",
        clock=lambda: NOON,
        rng=Random(1),  # noqa: S311 - jitter, not a secret
        sleep=(clockwork or Clockwork()).sleep,
    )


def in_turn(*answers: httpx.Response | Exception) -> Answers:
    remaining = list(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        match remaining.pop(0):
            case httpx.Response() as response:
                return response
            case error:
                raise error

    return answer


def test_the_body_is_the_documented_contract() -> None:
    assert an_announcement().body() == {
        "id": "0190-1",
        "event": "flow.version.published",
        "timestamp": "2026-05-04T12:00:00.000Z",
        "data": {
            "flowId": "flow-1",
            "flowName": "Main",
            "flowType": "inboundcall",
            "versionId": "4.0",
            "versionNumber": 4,
            "status": "published",
            "publishedBy": {"id": "client-1", "type": "client"},
        },
        "provenance": {"file": "main.json", "commit": "c0ffee"},
    }


def test_before_the_publish_action_it_says_publishing() -> None:
    body = an_announcement(type_=AnnouncementType.PUBLISHING).body()

    assert (body["event"], body["data"]["status"]) == ("flow.version.publishing", "publishing")


def test_there_is_a_provenance_even_when_nothing_is_known() -> None:
    assert an_announcement(provenance=Provenance()).body()["provenance"] == {}


@pytest.mark.anyio
async def test_it_goes_to_the_webhook_url_with_the_secret_header() -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(202)

    await an_announcer(answer).send(an_announcement())

    assert str(requests[0].url) == URL
    assert requests[0].headers["X-Genesys-Webhook-Secret"] == "s3cret"
    assert requests[0].headers["Content-Type"] == "application/json"
    assert json.loads(requests[0].content)["id"] == "0190-1"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "fault",
    [httpx.Response(503), httpx.Response(429), httpx.ConnectError("refused"), httpx.ReadTimeout("slow")],
    ids=["503", "429", "no connection", "no answer"],
)
async def test_a_passing_fault_is_tried_again(fault: httpx.Response | Exception) -> None:
    clockwork = Clockwork()

    await an_announcer(in_turn(fault, httpx.Response(202)), clockwork).send(an_announcement())

    assert len(clockwork.slept_s) == 1


@pytest.mark.anyio
async def test_the_wait_that_the_receiver_asks_for_is_kept() -> None:
    clockwork = Clockwork()
    busy = httpx.Response(503, headers={"Retry-After": "7"})

    await an_announcer(in_turn(busy, httpx.Response(202)), clockwork).send(an_announcement())

    assert clockwork.slept_s[0] >= 7


@pytest.mark.anyio
async def test_a_fault_that_does_not_pass_is_told_after_a_few_tries() -> None:
    clockwork = Clockwork()

    with pytest.raises(AnnouncementError, match="The receiver answered 503") as failure:
        await an_announcer(lambda _: httpx.Response(503), clockwork).send(an_announcement())

    assert failure.value.code == "http.503"
    assert len(clockwork.slept_s) == 3


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "CI_WEBHOOK_SECRET must be the same"),
        (404, "Is the path missing"),
        (302, "Check CI_WEBHOOK_URL"),
        (400, "Check CI_WEBHOOK_URL"),
    ],
)
async def test_a_refusal_is_told_at_once_with_advice_and_without_the_secret(status: int, advice: str) -> None:
    clockwork = Clockwork()
    answer = httpx.Response(status, headers={"Location": "https://elsewhere.example.com"})

    with pytest.raises(AnnouncementError, match=advice) as failure:
        await an_announcer(in_turn(answer), clockwork).send(an_announcement())

    assert failure.value.code == f"http.{status}"
    assert "s3cret" not in str(failure.value)
    assert clockwork.slept_s == []


@pytest.mark.anyio
async def test_no_connection_is_told_with_the_variable_to_check() -> None:
    answers = in_turn(*[httpx.ConnectError("refused") for _ in range(4)])

    with pytest.raises(AnnouncementError, match=r"no connection: refused\. Check CI_WEBHOOK_URL") as failure:
        await an_announcer(answers).send(an_announcement())

    assert failure.value.code == "network"


def test_the_secret_is_not_shown_by_repr() -> None:
    assert "s3cret" not in repr(an_announcer(in_turn()))
