"""The receiver's history, asked over its API."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import httpx
import pytest

from publisher.errors import ExitCode
from publisher.ledger import Deed
from publisher.ledger.history import History, HistoryError
from tests.publisher.ledger.entries import MONDAY
from tests.publisher.ledger.histories import OURS, a_note, a_publication, a_told_flow, telling

pytestmark = pytest.mark.anyio

Answer = Callable[[httpx.Request], httpx.Response]


async def no_sleep(_: float) -> None:
    """Time passes."""


def a_history(answer: Answer) -> History:
    return History(
        http=httpx.AsyncClient(transport=httpx.MockTransport(answer)),
        url="http://relay.test",
        token="t0ken",
        token_name="RELAY_TOKEN",
        clock=lambda: MONDAY,
        rng=Random(1),  # noqa: S311 - jitter, not a secret
        sleep=no_sleep,
    )


def in_turn(*answers: httpx.Response) -> Answer:
    left = list(answers)
    return lambda _: left.pop(0)


def broken(error: Exception) -> Answer:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    return fail


async def test_what_we_published_is_what_the_publisher_told_of() -> None:
    told = a_told_flow(a_publication("17.0", provenance=None), a_publication("16.0"))

    ledger = await a_history(telling(told)).flow("f-1")

    [entry] = ledger.entries
    assert (entry.version_id, entry.content_hash, entry.commit) == ("16.0", OURS["content_hash"], "c0ffee")
    assert (entry.flow_name, entry.at, entry.deed) == ("Main IVR", datetime(2026, 5, 4, 12, tzinfo=UTC), Deed.PUBLISHED)


async def test_adoptions_and_blocks_are_part_of_it() -> None:
    told = a_told_flow(
        a_publication("16.0", provenance=OURS | {"reason": "calls drop"}),
        adopted=[a_note(version_id="17.0", at="2026-05-05T12:00:00Z")],
        blocked=[a_note(provenance=OURS | {"reason": "calls drop"}), {"at": "soon"}, {}],
    )

    ledger = await a_history(telling(told)).flow("f-1")

    assert [(entry.version_id, entry.deed) for entry in ledger.entries] == [
        ("17.0", Deed.ADOPTED),
        ("16.0", Deed.ROLLED_BACK),
    ]
    assert [(block.content_hash, block.actor, block.reason) for block in ledger.blocks] == [
        ("sha256:0a11", "kim", "calls drop")
    ]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"timeline": None, "adopted": {}, "blocked": 7},
        {
            "timeline": {
                "items": [{"provenance": {"a": 1}}, 7, {"version_id": "1", "occurred_at": "x", "provenance": {"a": 1}}]
            }
        },
    ],
    ids=["nothing", "odd kinds", "odd items"],
)
async def test_what_is_not_what_it_should_be_is_left_out(told: dict[str, object]) -> None:
    ledger = await a_history(in_turn(httpx.Response(200, json=told))).flow("f-1")

    assert (ledger.entries, ledger.blocks) == ((), ())


async def test_of_a_flow_that_the_history_does_not_know_nothing_is_known() -> None:
    history = a_history(telling())

    assert (await history.flow("f-1")).entries == ()
    assert await history.good_version("f-1") is None


async def test_the_good_version_is_asked_for() -> None:
    assert await a_history(telling(a_told_flow(good={"version_id": "15.0"}))).good_version("f-1") == "15.0"


async def test_every_page_of_the_flows_is_read() -> None:
    asked: list[httpx.Request] = []
    pages = in_turn(
        httpx.Response(200, json={"items": [{"flow_id": "f-1"}], "next_cursor": "c"}),
        httpx.Response(200, json={"items": [{"flow_id": "f-2"}, {}], "next_cursor": None}),
    )

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return pages(request)

    assert await a_history(answer).flow_ids(environment="prod") == ["f-1", "f-2"]
    assert [dict(request.url.params) for request in asked] == [
        {"limit": "200", "environment": "prod"},
        {"limit": "200", "environment": "prod", "cursor": "c"},
    ]
    assert asked[0].headers["Authorization"] == "Bearer t0ken"


async def test_a_passing_fault_is_waited_out() -> None:
    history = a_history(in_turn(httpx.Response(503), httpx.Response(429), httpx.Response(200, json=a_told_flow())))

    assert (await history.flow("f-1")).flow_id == "f-1"


@pytest.mark.parametrize(
    ("answer", "told", "code"),
    [
        pytest.param(lambda _: httpx.Response(503), "it answered 503", ExitCode.TRY_AGAIN, id="away for long"),
        pytest.param(
            lambda _: httpx.Response(401, json={}),
            "it does not take the token in RELAY_TOKEN",
            ExitCode.NOT_ALLOWED,
            id="a wrong token",
        ),
        pytest.param(
            lambda _: httpx.Response(200, text="<html>"), "no JSON. Is a receiver", ExitCode.FAILED, id="another site"
        ),
        pytest.param(lambda _: httpx.Response(400, json={}), "it answered 400.", ExitCode.FAILED, id="refused"),
        pytest.param(
            broken(httpx.ConnectError("refused")), "no connection: refused", ExitCode.TRY_AGAIN, id="no connection"
        ),
        pytest.param(broken(TimeoutError()), "did not answer within 10 s", ExitCode.TRY_AGAIN, id="no answer"),
    ],
)
async def test_a_receiver_that_cannot_be_asked_is_told_without_the_token(
    answer: Answer, told: str, code: ExitCode
) -> None:
    with pytest.raises(HistoryError) as caught:
        await a_history(answer).flow("f-1")

    assert told in str(caught.value)
    assert "t0ken" not in f"{caught.value}{a_history(answer)!r}"
    assert caught.value.exit_code == code


async def test_a_host_without_such_an_api_is_told() -> None:
    with pytest.raises(HistoryError, match="it knows no /api/v1/flows"):
        await a_history(lambda _: httpx.Response(404, json={"status": 404})).flow_ids(environment=None)
