"""Sends calls: with the token, within a time limit, and again where that is right."""

import asyncio
import ssl
from collections.abc import AsyncIterator

import httpx
import pytest

from publisher.genesys.backoff import RetryPolicy
from publisher.genesys.calls import create_version, get_flow
from publisher.genesys.errors import (
    CredentialsError,
    GenesysError,
    LimitedError,
    RefusedError,
    UnavailableError,
    UnreachableError,
    UnreadableError,
)
from publisher.genesys.exchange import Request
from publisher.genesys.hosts import hosts_of_region
from publisher.genesys.wire import Timeouts
from tests.publisher.genesys.wires import CORRELATION_ID, HTML, Answer, Host, Time, a_fault, a_wire, an_answer

pytestmark = pytest.mark.anyio

READ = get_flow("f1")
CREATE = create_version("f1", {"name": "x"})
OK = an_answer(json={"id": "f1"})
UNAUTHORIZED = an_answer(401, json={"message": "no", "code": "bad.credentials"})


async def test_a_call_carries_the_token() -> None:
    host = Host()

    await a_wire(host).send(READ)

    assert host.calls[0].headers["authorization"] == "Bearer token-1"
    assert host.calls[0].headers["accept"] == "application/json"


async def test_calls_share_one_token() -> None:
    host = Host()
    wire = a_wire(host)

    await asyncio.gather(*(wire.send(READ) for _ in range(20)))

    assert len(host.token_calls) == 1


async def test_a_regions_token_is_asked_for_at_its_login_host_with_http_basic() -> None:
    host = Host()

    await a_wire(host, hosts=hosts_of_region("eu-west-1")).send(READ)

    assert str(host.token_calls[0].url) == "https://login.mypurecloud.ie/oauth/token"
    assert host.token_calls[0].headers["authorization"].startswith("Basic ")
    assert str(host.calls[0].url) == "https://api.mypurecloud.ie/api/v2/flows/f1"


async def test_a_refused_token_is_renewed_once() -> None:
    host = Host(answers=[UNAUTHORIZED, OK])

    response = await a_wire(host).send(READ)

    assert response.status == 200
    assert [call.headers["authorization"] for call in host.calls] == ["Bearer token-1", "Bearer token-2"]


async def test_a_token_refused_after_its_renewal_is_an_error() -> None:
    host = Host(answers=[UNAUTHORIZED])

    with pytest.raises(CredentialsError, match="The token was refused, and a new one too"):
        await a_wire(host).send(READ)

    assert len(host.calls) == 2
    assert len(host.token_calls) == 2


@pytest.mark.parametrize("status", [400, 401], ids=str)
async def test_a_refused_client_is_not_asked_for_again(status: int) -> None:
    refusal = an_answer(status, json={"error": "invalid_client", "description": "client not found: pa55word"})
    host = Host(token_answers=[refusal])

    with pytest.raises(CredentialsError, match="The OAuth client 'ci' was refused: client not found") as caught:
        await a_wire(host).authenticate()

    assert "pa55word" not in str(caught.value)
    assert caught.value.code == f"http.{status}"
    assert len(host.token_calls) == 1


async def test_a_page_where_the_token_should_be_is_unreadable() -> None:
    host = Host(token_answers=[an_answer(200, html=HTML)])

    with pytest.raises(UnreadableError, match="is an HTML page"):
        await a_wire(host).authenticate()


async def test_a_token_endpoint_that_fails_is_asked_again() -> None:
    host, time = Host(token_answers=[an_answer(503), an_answer(json={"access_token": "abc"})]), Time()

    await a_wire(host, time=time).send(READ)

    assert time.naps == [1]


@pytest.mark.parametrize("request_", [READ, CREATE], ids=["reading", "creating"])
async def test_a_limit_is_waited_out_as_the_server_wishes(request_: Request) -> None:
    host, time = Host(answers=[an_answer(429, headers={"Retry-After": "42"}), OK]), Time()

    await a_wire(host, time=time).send(request_)

    assert time.naps == [42]


async def test_a_limit_without_a_wish_is_waited_out_in_growing_steps() -> None:
    host, time = Host(answers=[an_answer(429), an_answer(429), an_answer(429), OK]), Time()

    await a_wire(host, time=time).send(READ)

    assert time.naps == [1, 2, 4]


async def test_a_limit_that_stays_is_an_error_that_tells_how_long_to_wait() -> None:
    host = Host(answers=[an_answer(429, headers={"Retry-After": "7"})])

    with pytest.raises(LimitedError) as caught:
        await a_wire(host, policy=RetryPolicy(retries=3)).send(READ)

    assert caught.value.retry_after_s == 7
    assert caught.value.correlation_id == CORRELATION_ID
    assert len(host.calls) == 4


async def test_a_wish_for_too_long_a_wait_ends_the_tries_at_once() -> None:
    host, time = Host(answers=[an_answer(429, headers={"Retry-After": "3600"})]), Time()

    with pytest.raises(LimitedError):
        await a_wire(host, time=time).send(READ)

    assert time.naps == []


@pytest.mark.parametrize("status", [500, 502, 503, 504], ids=str)
async def test_reading_is_repeated_when_the_server_fails(status: int) -> None:
    host = Host(answers=[an_answer(status, html=HTML), OK])

    response = await a_wire(host).send(READ)

    assert response.status == 200


async def test_creating_is_not_repeated_when_the_server_fails() -> None:
    host = Host(answers=[an_answer(503)])

    with pytest.raises(UnavailableError, match="look before you repeat it") as caught:
        await a_wire(host).send(CREATE)

    assert caught.value.may_have_happened
    assert len(host.calls) == 1


async def test_a_refusal_is_not_repeated() -> None:
    host = Host(answers=[an_answer(422, json={"message": "no trigger"})])

    with pytest.raises(RefusedError):
        await a_wire(host).send(READ)

    assert len(host.calls) == 1


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ConnectTimeout("")], ids=["refused", "timeout"])
async def test_what_never_left_is_sent_again_even_with_an_effect(error: Exception) -> None:
    host = Host(answers=[a_fault(error), OK])

    response = await a_wire(host).send(CREATE)

    assert response.status == 200


async def test_no_network_is_an_error_that_names_the_host() -> None:
    host = Host(answers=[a_fault(httpx.ConnectError("Name or service not known"))])

    with pytest.raises(UnreachableError, match=r"cannot reach https://sandbox\.test: Name or service") as caught:
        await a_wire(host).send(CREATE)

    assert caught.value.code == "network"
    assert isinstance(caught.value.__cause__, httpx.ConnectError)
    assert not caught.value.may_have_happened


async def test_a_certificate_that_is_not_trusted_is_not_tried_again() -> None:
    error = httpx.ConnectError("certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
    host = Host(answers=[a_fault(error)])

    with pytest.raises(UnreachableError, match="SSL_CERT_FILE"):
        await a_wire(host).send(READ)

    assert len(host.calls) == 1


LOST: list[Exception] = [httpx.ReadError("reset"), httpx.RemoteProtocolError("cut"), httpx.ReadTimeout("")]


@pytest.mark.parametrize("error", LOST, ids=lambda error: type(error).__name__)
async def test_a_lost_answer_to_reading_is_asked_for_again(error: Exception) -> None:
    host = Host(answers=[a_fault(error), OK])

    response = await a_wire(host).send(READ)

    assert response.status == 200


@pytest.mark.parametrize("error", LOST, ids=lambda error: type(error).__name__)
async def test_a_lost_answer_to_creating_is_left_in_doubt(error: Exception) -> None:
    host = Host(answers=[a_fault(error)])

    with pytest.raises(UnreachableError, match="whether the request took effect is not known") as caught:
        await a_wire(host).send(CREATE)

    assert caught.value.may_have_happened
    assert len(host.calls) == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.UnsupportedProtocol("no scheme"), UnreachableError),
        (httpx.InvalidURL("bad port"), UnreachableError),
        (httpx.DecodingError("bad gzip"), UnreadableError),
    ],
    ids=["protocol", "url", "encoding"],
)
async def test_what_no_repetition_betters_is_not_repeated(error: Exception, kind: type[GenesysError]) -> None:
    host = Host(answers=[a_fault(error)])

    with pytest.raises(kind):
        await a_wire(host).send(READ)

    assert len(host.calls) == 1


class Silent(httpx.AsyncBaseTransport):
    """Takes a request and says nothing; counts them."""

    def __init__(self, *, gives_tokens: bool) -> None:
        self.gives_tokens = gives_tokens
        self.requests = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.gives_tokens and request.url.path.endswith("/oauth/token"):
            return httpx.Response(200, json={"access_token": "abc"})
        self.requests += 1
        return httpx.Response(200, stream=Endless())


class Endless(httpx.AsyncByteStream):
    """A body whose end does not come."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()


async def test_silence_ends_with_the_time_limit() -> None:
    silent = Silent(gives_tokens=True)
    wire = a_wire(silent, timeouts=Timeouts(call_s=0.02), policy=RetryPolicy(retries=1))

    with pytest.raises(UnavailableError, match=r"no answer within 0\.02 s") as caught:
        await wire.send(READ)

    assert caught.value.code == "timeout"
    assert silent.requests == 2


async def test_silence_after_an_effect_is_not_repeated() -> None:
    silent = Silent(gives_tokens=True)

    with pytest.raises(UnavailableError, match="look before you repeat it"):
        await a_wire(silent, timeouts=Timeouts(call_s=0.02)).send(CREATE)

    assert silent.requests == 1


async def test_a_token_has_its_own_time_limit() -> None:
    wire = a_wire(Silent(gives_tokens=False), timeouts=Timeouts(token_s=0.02), policy=RetryPolicy(retries=0))

    with pytest.raises(UnavailableError, match=r"Could not get a token: no answer within 0\.02 s"):
        await wire.authenticate()


def test_the_limits_are_those_that_the_docs_name() -> None:
    assert Timeouts() == Timeouts(token_s=10, call_s=30)


async def test_an_answer_without_end_is_cut() -> None:
    huge = an_answer(content=b"x" * (16 * 1024 * 1024 + 1))

    with pytest.raises(UnreadableError, match="larger than"):
        await a_wire(Host(answers=[huge])).send(READ)


async def test_every_wait_is_told_with_its_reason() -> None:
    told: list[tuple[str, float]] = []
    answers: list[Answer] = [an_answer(429), an_answer(503), a_fault(httpx.ConnectError("refused")), OK]

    await a_wire(Host(answers=answers), on_wait=lambda reason, wait_s: told.append((reason, wait_s))).send(READ)

    assert told[:2] == [("the organization's limit (too many requests)", 1), ("the server answered 503", 2)]
    assert told[2][0].startswith("Could not read flow 'f1': cannot reach")


async def test_whoever_stops_waiting_is_not_held_up() -> None:
    wire = a_wire(Silent(gives_tokens=True))
    sending = asyncio.create_task(wire.send(READ))
    await asyncio.sleep(0)

    sending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sending
