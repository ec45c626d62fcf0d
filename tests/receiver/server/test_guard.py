"""What a connection may do, byte by byte."""

import asyncio
import contextlib
import json
from pathlib import Path

import pytest

from receiver.config import DEFAULT_CONFIG
from receiver.server import Limits
from tests.receiver.relays import SECRET, a_body
from tests.receiver.server import CLOSE, HOST, KEY, POST, a_request, a_server, status

pytestmark = pytest.mark.anyio

CANARY = b"GET /livez HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n"
ASKED = 50
CHUNKED = b"Transfer-Encoding: chunked\r\n"


async def test_a_plain_request_is_answered(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served:
        answer = await served.exchange(a_request(more=CLOSE))

        assert status(answer) == 202
        assert len(await served.world.events()) == 1


@pytest.mark.parametrize(
    "name", [b"x-genesys-webhook-secret", b"X-GENESYS-WEBHOOK-SECRET", b"X-geNESYS-webhook-SECRET"]
)
async def test_the_name_of_a_header_may_be_written_in_any_case(tmp_path: Path, name: bytes) -> None:
    request = b"POST /webhooks/genesys HTTP/1.1\r\n" + HOST + name + b":" + SECRET.encode() + b" \t\r\n" + CLOSE
    async with a_server(tmp_path) as served:
        answer = await served.exchange(request + b"Content-Length: 2\r\n\r\n{}")

        assert status(answer) == 202


async def test_one_connection_serves_many_requests(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served:
        answer = await served.exchange(a_request() + a_request(b"{}") + CANARY)

        assert answer.count(b"HTTP/1.1 202") == 2
        assert answer.count(b"HTTP/1.1 200") == 1


async def test_a_body_in_chunks_is_put_together(tmp_path: Path) -> None:
    body = a_body()
    chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (9, body[:9], len(body) - 9, body[9:])
    async with a_server(tmp_path) as served:
        answer = await served.exchange(POST + CLOSE + CHUNKED + b"\r\n" + chunks)

        assert status(answer) == 202
        assert [record.event.dedupe_key for record in await served.world.events()] == [json.loads(body)["id"]]


async def test_a_secret_in_a_trailer_lets_nobody_in(tmp_path: Path) -> None:
    head = (
        b"POST /webhooks/genesys HTTP/1.1\r\n" + HOST + CLOSE + CHUNKED + b"Trailer: X-Genesys-Webhook-Secret\r\n\r\n"
    )
    async with a_server(tmp_path) as served:
        answer = await served.exchange(head + b"2\r\n{}\r\n0\r\n" + KEY + b"\r\n")

        assert status(answer) == 401
        assert await served.world.events() == ()


async def test_trailers_add_nothing_to_the_headers(tmp_path: Path) -> None:
    trailers = b"Content-Type: text/plain\r\nUser-Agent: canary\r\n" + KEY
    async with a_server(tmp_path) as served:
        answer = await served.exchange(POST + CLOSE + CHUNKED + b"\r\n2\r\n{}\r\n0\r\n" + trailers + b"\r\n")

        [record] = await served.world.events()
        assert status(answer) == 202
        assert record.event.headers == {}


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        (POST + b"Content-Length: 2\r\n" + CHUNKED, 400),
        (POST + CHUNKED + b"Content-Length: 2\r\n", 400),
        (POST + CHUNKED + CHUNKED, 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n", 501),
        (POST + b"Transfer-Encoding: xchunked\r\n", 501),
        (POST + b"Content-Length: 2\r\nContent-Length: 2\r\n", 400),
        (POST + b"Content-Length: +2\r\n", 400),
        (POST + b"Content-Length: -1\r\n", 400),
        (POST + b"Content-Length: 2abc\r\n", 400),
        (POST + b"Content-Length: 100000000000000000000\r\n", 400),
        (POST.replace(b"HTTP/1.1", b"HTTP/1.0") + CHUNKED, 400),
        (POST.replace(HOST, b""), 400),
        (POST + HOST, 400),
        (POST.replace(b"relay.test", b"a/?x="), 400),
        (POST.replace(b"relay.test", b"a@evil"), 400),
        (POST.replace(b" /web", b" http://evil/web"), 400),
        (POST.replace(b"POST /webhooks/genesys", b"OPTIONS *"), 400),
        (POST.replace(b"POST /webhooks/genesys", b"CONNECT evil:443"), 400),
        (POST.replace(b"POST", b"post"), 400),
        (POST.replace(b"POST", b"BREW"), 400),
        (POST.replace(b"HTTP/1.1", b"HTTP/9.9"), 400),
        (POST.replace(b"Secret:", b"Secret :"), 400),
        (POST.replace(b"present", b"pre\0sent"), 400),
        (POST.replace(b"present", b"pre\r\n sent"), 400),
        (POST.replace(b"present", b"pre\nsent"), 400),
        (POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n", 400),
        (b"PRI * HTTP/2.0\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
    ids=lambda value: value[-60:] if isinstance(value, bytes) else None,
)
async def test_what_two_readers_could_read_in_two_ways_is_refused(tmp_path: Path, head: bytes, wanted: int) -> None:
    async with a_server(tmp_path) as served:
        answer = await served.exchange(head + b"\r\n2\r\n{}\r\n0\r\n\r\n" + CANARY)

        assert status(answer) == wanted
        assert b"\r\n\r\n{" in answer
        assert answer.count(b"HTTP/1.1") == 1
        assert await served.world.events() == ()


async def test_old_health_checks_need_no_host(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served:
        assert status(await served.exchange(b"GET /livez HTTP/1.0\r\n\r\n")) == 200


async def test_an_upgrade_that_sends_no_body_is_passed_over(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served:
        answer = await served.exchange(CANARY.replace(CLOSE, b"Connection: Upgrade\r\nUpgrade: websocket\r\n"))

        assert status(answer) == 200


@pytest.mark.parametrize(
    "chunks",
    [b"zz\r\n{}\r\n", b"2;\x00\r\n{}\r\n", b"2\r\n{}XX", b"f" * 20 + b"\r\n"],
    ids=["size", "extension", "end", "huge"],
)
async def test_a_broken_chunk_ends_the_request(tmp_path: Path, chunks: bytes) -> None:
    async with a_server(tmp_path) as served:
        answer = await served.exchange(POST + CHUNKED + b"\r\n" + chunks + CANARY)

        assert status(answer) == 400
        assert answer.count(b"HTTP/1.1") == 1
        assert await served.world.events() == ()


@pytest.mark.parametrize(
    "head",
    [
        POST + b"".join(b"x-%d: y\r\n" % number for number in range(101)) + b"\r\n",
        POST + b"x: " + b"y" * 40_000 + b"\r\n\r\n",
        POST + b"x: " + b"y" * 200_000,
        POST + b"x" * 200_000,
        POST + b"".join(b"x-%d: %s\r\n" % (number, b"y" * 400) for number in range(99)) + b"\r\n",
        b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        POST + CHUNKED + b"\r\n2\r\n{}\r\n0\r\n" + b"x: y\r\n" * 200 + b"\r\n",
    ],
    ids=["many", "one large", "endless value", "endless name", "large together", "address", "trailers"],
)
async def test_a_head_has_its_limits(tmp_path: Path, head: bytes) -> None:
    async with a_server(tmp_path) as served:
        answer = await served.exchange(head)

        assert status(answer) == 431
        assert await served.world.events() == ()


async def test_a_hundred_headers_are_read(tmp_path: Path) -> None:
    more = b"".join(b"x-%d: y\r\n" % number for number in range(96))
    async with a_server(tmp_path) as served:
        assert status(await served.exchange(a_request(more=more + CLOSE))) == 202


@pytest.mark.parametrize(
    ("sent", "wanted"), [(b"", 0), (b"\r\n", 0), (b"P", 408), (POST, 408)], ids=["nothing", "line end", "byte", "half"]
)
async def test_a_head_that_does_not_come_is_not_waited_for(tmp_path: Path, sent: bytes, wanted: int) -> None:
    async with a_server(tmp_path) as served:
        assert status(await served.exchange(sent)) == wanted


async def test_a_second_head_is_not_waited_for_either(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served:
        answer = await served.exchange(a_request() + POST)

        assert answer.count(b"HTTP/1.1 202") == 1
        assert answer.count(b"HTTP/1.1 408") == 1


async def test_a_head_that_drips_has_no_more_time_than_any_other(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served, served.connection() as (reader, writer):
        async with asyncio.TaskGroup() as group:
            drip = group.create_task(dripping(writer), name="drip")
            answer = await reader.read()
            drip.cancel()

        assert status(answer) == 408


async def dripping(writer: asyncio.StreamWriter) -> None:
    """Send a head byte by byte, for longer than a head may take."""
    for byte in POST * 20:
        writer.write(bytes([byte]))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), timeout=0.02)


@pytest.mark.parametrize("sent", [b"", b"{", b"{" * 50], ids=["nothing", "a byte", "half"])
async def test_a_body_that_stops_is_given_up(tmp_path: Path, sent: bytes) -> None:
    async with a_server(tmp_path) as served:
        answer = await served.exchange(POST + b"Content-Length: 100\r\n\r\n" + sent)

        assert status(answer) == 408
        assert b"connection: close" in answer.lower()


async def test_a_body_that_comes_in_time_in_pieces_is_taken_in(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served, served.connection() as (reader, writer):
        writer.write(POST + CLOSE + b"Content-Length: 2\r\n\r\n{")
        await writer.drain()
        writer.write(b"}")

        assert status(await reader.read()) == 202


async def test_a_body_that_is_too_large_is_refused_before_it_comes(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served:
        answer = await served.exchange(POST + b"Expect: 100-continue\r\nContent-Length: 9999999\r\n\r\n")

        assert status(answer) == 413


async def test_nobody_is_asked_to_go_on_without_the_secret(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served:
        answer = await served.exchange(POST.replace(KEY, b"") + b"Expect: 100-continue\r\nContent-Length: 20\r\n\r\n")

        assert status(answer) == 401


async def test_whoever_has_the_secret_is_asked_to_go_on(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served, served.connection() as (reader, writer):
        writer.write(POST + CLOSE + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        go_on = await reader.readuntil(b"\r\n\r\n")

        writer.write(b"{}")

        assert status(go_on) == 100
        assert status(await reader.read()) == 202


@pytest.mark.parametrize("path", [b"/webhooks/genesys", b"/nowhere"])
async def test_an_early_answer_is_read_by_a_client_that_is_still_sending(tmp_path: Path, path: bytes) -> None:
    head = b"POST " + path + b" HTTP/1.1\r\n" + HOST + b"Content-Length: 50000\r\n\r\n"
    async with a_server(tmp_path) as served:
        answer = await served.exchange(head, b"x" * 20_000, b"x" * 20_000)

        assert status(answer) in {401, 404}


async def test_what_is_sent_on_and_on_after_an_early_answer_is_cut_off(tmp_path: Path) -> None:
    head = POST.replace(KEY, b"") + b"Content-Length: 900000\r\n\r\n"
    async with a_server(tmp_path) as served:
        with contextlib.suppress(ConnectionError):
            await served.exchange(head, b"x" * 900_000)

        assert status(await served.exchange(CANARY)) == 200


async def test_a_client_that_goes_away_leaves_nothing(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served:
        async with served.connection() as (_, writer):
            writer.write(POST + b'Content-Length: 100\r\n\r\n{"event":')
            await writer.drain()

        assert status(await served.exchange(CANARY)) == 200
        assert await served.world.events() == ()


async def test_a_bad_request_after_a_good_one_does_not_take_its_answer(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served:
        answer = await served.exchange(a_request() + b"\x00\x01" + CANARY)

        assert status(answer) == 202
        assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("number", [100, pytest.param(1000, marks=pytest.mark.fuzz)])
async def test_idle_connections_keep_nobody_out(tmp_path: Path, number: int) -> None:
    patient = Limits(head_timeout_s=60)
    async with a_server(tmp_path, limits=patient) as served, contextlib.AsyncExitStack() as idle:
        for _ in range(number):
            await idle.enter_async_context(served.connection())
        async with asyncio.timeout(0.1 * ASKED):
            answers = [await served.exchange(a_request(more=CLOSE)) for _ in range(ASKED)]

        assert {status(answer) for answer in answers} == {202}


async def test_a_secret_that_is_revoked_while_the_body_comes_lets_nobody_in(tmp_path: Path) -> None:
    async with a_server(tmp_path, read_timeout_s=5) as served, served.connection() as (reader, writer):
        writer.write(POST + CLOSE + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await served.world.relay.keyring.revoke("CI_WEBHOOK_SECRET")
        writer.write(b"{}")

        assert status(await reader.read()) == 401
        assert await served.world.events() == ()


async def test_a_reload_while_the_body_comes_drops_nothing(tmp_path: Path) -> None:
    async with a_server(tmp_path, read_timeout_s=5) as served, served.connection() as (reader, writer):
        writer.write(POST + CLOSE + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await served.world.relay.reload(lambda: (DEFAULT_CONFIG, {"CI_WEBHOOK_SECRET": SECRET}))
        writer.write(b"{}")

        assert status(await reader.read()) == 202
