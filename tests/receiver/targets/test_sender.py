"""What leaves the receiver, what comes back, and what it means when nothing does."""

import asyncio
import gzip
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from receiver.model import Json
from receiver.outcomes import Outcome, OutcomeKind
from receiver.targets.client import MAX_CONNECTIONS
from receiver.targets.http import Http
from receiver.targets.kind import Call, Exchange, Request
from receiver.targets.network import AddressPolicy
from receiver.targets.redaction import MAX_KEPT_BYTES
from receiver.targets.sender import Senders, Sending, open_senders
from tests.receiver.targets.makers import a_call
from tests.receiver.targets.servers import Talk, dripping, flooding, mute, resetting, saying, serving

pytestmark = pytest.mark.anyio

SHORT_S = 0.3
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@asynccontextmanager
async def a_sending(url: str, *, timeout_s: float = 5, **definition: Json) -> AsyncIterator[Sending]:
    async with open_senders() as senders:
        sender = await senders.of("http")
        call = a_call(definition={"url": url, **definition})
        yield sender.sending(Http().start, call, timeout_s=timeout_s)


async def sent_to(talk: Talk, *, timeout_s: float = 5, **definition: Json) -> tuple[Outcome, Sending]:
    async with serving(talk) as server, a_sending(server.url, timeout_s=timeout_s, **definition) as sending:
        return await sending.run(), sending


async def test_an_answer_is_judged_and_kept() -> None:
    async with serving(saying(OK)) as server, a_sending(server.url) as sending:
        outcome = await sending.run()

    assert outcome.kind is OutcomeKind.SUCCEEDED
    assert sending.response == {"status": 200, "headers": {"content-length": "2"}, "body": "ok", "cut": False}
    assert b'idempotency-key: "s-1"\r\n' in server.heads[0].lower()
    assert b"accept-encoding: identity\r\n" in server.heads[0].lower()


async def test_a_refused_connection_passes() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with a_sending(f"http://127.0.0.1:{unused.getsockname()[1]}/") as sending:
            outcome = await sending.run()

    assert (outcome.kind, sending.reached) == (OutcomeKind.PASSING, False)
    assert outcome.message == "The target could not be reached: Connection refused"


@pytest.mark.parametrize(
    "talk",
    [
        mute,
        resetting,
        saying(),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"),
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"."),
        dripping(b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok."),
        flooding(b"HTTP/1.1 200 OK\r\n", b"X-Flood: " + b"x" * 8192 + b"\r\n"),
    ],
    ids=[
        "mute",
        "reset",
        "early end",
        "short body",
        "short chunks",
        "dripping body",
        "dripping header",
        "endless 100s",
        "not HTTP",
        "two lengths",
        "endless header",
    ],
)
async def test_an_answer_that_does_not_come_whole_is_lost(talk: Talk) -> None:
    begun = asyncio.get_running_loop().time()
    outcome, sending = await sent_to(talk, timeout_s=SHORT_S)

    assert (outcome.kind, sending.response) == (OutcomeKind.LOST, None)
    assert sending.reached
    assert asyncio.get_running_loop().time() - begun < SHORT_S + 1


async def test_a_lost_answer_passes_where_the_request_changed_nothing() -> None:
    outcome, sending = await sent_to(resetting, method="GET")

    assert (outcome.kind, sending.reached) == (OutcomeKind.PASSING, False)


async def test_tls_that_fails_passes() -> None:
    async with serving(mute) as server, a_sending(f"https://127.0.0.1:{server.port}/", timeout_s=SHORT_S) as sending:
        outcome = await sending.run()

    assert (outcome.kind, sending.reached) == (OutcomeKind.PASSING, False)


async def test_plain_text_in_place_of_tls_passes() -> None:
    async def greets(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        writer.close()

    listening = await asyncio.start_server(greets, "127.0.0.1", 0)
    async with listening, a_sending(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/") as sending:
        outcome = await sending.run()

    assert (outcome.kind, sending.reached) == (OutcomeKind.PASSING, False)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with serving(saying(OK)) as other:
        head = f"HTTP/1.1 {status} Elsewhere\r\nLocation: {other.url}\r\nContent-Length: 0\r\n\r\n"
        outcome, _ = await sent_to(saying(head.encode()))

    assert outcome.kind is OutcomeKind.REFUSED
    assert "redirects are never followed" in outcome.message
    assert other.heads == []


async def test_a_huge_body_is_cut() -> None:
    talk = flooding(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n", b"x" * 65536)

    outcome, sending = await sent_to(talk)

    assert outcome.kind is OutcomeKind.SUCCEEDED
    assert len((sending.response or {})["body"]) == MAX_KEPT_BYTES
    assert (sending.response or {})["cut"] is True


async def test_a_packed_body_stays_packed() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()

    outcome, sending = await sent_to(saying(head, bomb))

    assert outcome.kind is OutcomeKind.SUCCEEDED
    assert len((sending.response or {})["body"]) <= MAX_KEPT_BYTES


async def test_a_wait_that_the_target_asks_for_is_passed_on() -> None:
    outcome, _ = await sent_to(saying(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"))

    assert (outcome.kind, outcome.retry_after) == (OutcomeKind.PASSING, "7")


async def test_cookies_are_neither_kept_nor_sent() -> None:
    talk = saying(b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1; Path=/\r\nContent-Length: 0\r\n\r\n")
    async with serving(talk) as server, open_senders() as senders:
        sender = await senders.of("http")
        sendings = [sender.sending(Http().start, a_call(definition={"url": server.url}), timeout_s=5) for _ in "12"]
        outcomes = [await sending.run() for sending in sendings]

    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SUCCEEDED] * 2
    assert b"cookie" not in server.heads[1].lower()
    assert (sendings[0].response or {})["headers"]["set-cookie"] == "[masked]"


async def test_the_environment_sets_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(saying(OK)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        outcome, _ = await sent_to(saying(OK))

    assert outcome.kind is OutcomeKind.SUCCEEDED
    assert proxy.heads == []


async def test_an_address_that_is_never_called_is_a_permanent_failure() -> None:
    async with a_sending("http://169.254.169.254/latest/meta-data/") as sending:
        outcome = await sending.run()

    assert (outcome.kind, sending.reached) == (OutcomeKind.REFUSED, False)
    assert "where clouds keep their metadata" in outcome.message


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]", "localhost"])
async def test_no_spelling_of_a_denied_address_is_called(host: str) -> None:
    async with serving(saying(OK)) as server, open_senders(AddressPolicy(["127.0.0.0/8", "::1/128"])) as senders:
        sender = await senders.of("http")
        call = a_call(definition={"url": f"http://{host}:{server.port}/"})
        outcome = await sender.sending(Http().start, call, timeout_s=5).run()

    assert outcome.kind is OutcomeKind.REFUSED
    assert "outbound.deny" in outcome.message
    assert server.heads == []


async def test_a_request_that_http_has_no_form_for_is_a_permanent_failure() -> None:
    async with serving(saying(OK)) as server, a_sending(server.url, headers={"Not A Name": "x"}) as sending:
        outcome = await sending.run()

    assert outcome.kind is OutcomeKind.REFUSED
    assert server.heads == []


async def test_a_header_can_carry_any_character() -> None:
    async with serving(saying(OK)) as server, a_sending(server.url, headers={"X-Flow": "Grüße"}) as sending:
        outcome = await sending.run()

    assert outcome.kind is OutcomeKind.SUCCEEDED
    assert "Grüße".encode() in server.heads[0]


async def test_only_so_many_calls_are_under_way_at_a_target() -> None:
    answers = asyncio.Event()

    async def waits(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answers.wait()
        writer.write(OK)

    async with serving(waits) as server, open_senders() as senders, asyncio.timeout(10), asyncio.TaskGroup() as group:
        sender = await senders.of("http")
        call = a_call(definition={"url": server.url})
        for _ in range(MAX_CONNECTIONS + 3):
            group.create_task(sender.sending(Http().start, call, timeout_s=5).run(), name="attempt")
        while len(server.heads) < MAX_CONNECTIONS:
            server.read.clear()
            await server.read.wait()
        most, busy = len(server.heads), senders.busy
        answers.set()

    assert (most, busy) == (MAX_CONNECTIONS, ("http",))
    assert len(server.heads) == MAX_CONNECTIONS + 3


async def test_secrets_reach_the_target_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    call = a_call(
        definition={
            "url": "https://ci.example.com/deploy?token=${{ secrets.CI_TOKEN }}",
            "json": {"token": "${{ secrets.CI_TOKEN }}"},
        },
        secrets={"CI_TOKEN": "hunter2-canary"},
    )
    requests: list[httpx.Request] = []

    def echoes(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(400, stream=httpx.ByteStream(str(request.url).encode()))

    senders = Senders(lambda: httpx.MockTransport(echoes))
    sending = (await senders.of("http")).sending(Http().start, call, timeout_s=5)
    outcome = await sending.run()
    await senders.aclose()

    assert requests[0].url.params["token"] == "hunter2-canary"
    assert "hunter2" not in f"{outcome} {sending.request} {sending.response} {caplog.text}"
    assert (sending.request or {})["body"] == '{"token":"[secret CI_TOKEN]"}'


async def test_a_secret_goes_to_its_hosts_only() -> None:
    call = a_call(
        definition={"url": "https://evil.example.com/", "json": "${{ secrets.CI_TOKEN }}"},
        secrets={"CI_TOKEN": "hunter2-canary"},
    )
    requests: list[httpx.Request] = []

    def notes(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200)

    senders = Senders(lambda: httpx.MockTransport(notes))

    outcome = await (await senders.of("http")).sending(Http().start, call, timeout_s=5).run()
    await senders.aclose()

    assert outcome.message == "Not sent: the config does not let CI_TOKEN go to evil.example.com:443"
    assert requests == []


class TwoStep:
    """A kind that asks for a token first."""

    resends = False

    def start(self, call: Call) -> Exchange:
        token = yield Request("GET", "https://ci.example.com/token", effect=False)
        headers = {"Authorization": f"Bearer {token.body.decode()}"}
        answer = yield Request("POST", "https://ci.example.com/run", headers=headers)
        return Outcome.started(f"Queued by {call.step.name}", reference=answer.headers["location"])


async def test_an_exchange_may_take_several_requests() -> None:
    answers = {
        "/token": httpx.Response(200, stream=httpx.ByteStream(b"short-lived")),
        "/run": httpx.Response(201, headers={"Location": "/queue/7"}, stream=httpx.ByteStream(b"")),
    }
    senders = Senders(lambda: httpx.MockTransport(lambda request: answers[request.url.path]))

    sending = (await senders.of("ci")).sending(TwoStep().start, a_call(), timeout_s=5)
    outcome = await sending.run()
    await senders.aclose()

    assert (outcome.kind, outcome.reference) == (OutcomeKind.STARTED, "/queue/7")
    assert (sending.request or {})["headers"] == {"Authorization": "[masked]"}


async def test_a_certificate_that_nobody_vouches_for_passes() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # No certificate at all: the handshake fails, as it does with one that is expired or for another host.
    listening = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with listening, a_sending(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/") as sending:
        outcome = await sending.run()

    assert (outcome.kind, sending.reached) == (OutcomeKind.PASSING, False)
