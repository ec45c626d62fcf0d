"""One client that takes every connection keeps nobody else out, and nothing that is being answered is broken off."""

import asyncio
import contextlib
from functools import partial
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from receiver.server import Limits
from receiver.server.room import Seat, least_missed
from tests.receiver.server import CLOSE, HOST, POST, Served, a_request, a_server, status, until

pytestmark = pytest.mark.anyio

MOST = 32
FEW = Limits(max_connections=MOST, head_timeout_s=60, body_timeout_s=60)
CROWD, ONE = "127.0.0.1", "127.0.0.2"
ASKED = b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"POST /webho", id="half a head"),
        pytest.param(POST + b"Content-Length: 100\r\n\r\n{", id="half a body"),
        pytest.param(ASKED, id="a whole request, and then nothing"),
    ],
)
async def test_one_address_that_takes_every_connection_keeps_nobody_out(tmp_path: Path, sent: bytes) -> None:
    async with a_server(tmp_path, limits=FEW) as served, contextlib.AsyncExitStack() as held:
        slow, hasty = await held.enter_async_context(served.connection(peer=ONE))
        hasty.write(POST)
        for _ in range(3 * MOST):
            await take(served, held, sent)
        answers = [await served.exchange(a_request(more=CLOSE), peer=ONE) for _ in range(5)]
        hasty.write(CLOSE + b"Content-Length: 2\r\n\r\n{}")

        assert {status(answer) for answer in answers} == {202}
        assert status(await slow.read()) == 202
        assert len(served.server.server_state.connections) <= MOST


async def test_it_is_told_who_took_them(tmp_path: Path) -> None:
    async with a_server(tmp_path, limits=FEW) as served, contextlib.AsyncExitStack() as held:
        for _ in range(MOST + 1):
            await take(served, held, b"")
        [refusal] = served.world.relay.refusals.latest()

    assert (refusal.address, refusal.status) == (CROWD, 503)
    assert refusal.reason == (
        "All 32 connections were taken: 2 that waited were given up, those of this address first."
    )


async def test_what_is_being_answered_is_not_broken_off_for_others(tmp_path: Path) -> None:
    begun, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def slow(_: Scope, __: Receive, send: Send) -> None:
        begun.release()
        await go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    async with (
        a_server(tmp_path, limits=Limits(max_connections=2), app=slow) as served,
        served.connection() as (first, ask_first),
        served.connection() as (second, ask_second),
    ):
        ask_first.write(ASKED)
        ask_second.write(ASKED)
        await begun.acquire()
        await begun.acquire()
        async with served.connection(peer=ONE) as (late, _):
            turned_away = await late.read()
        go_on.set()

        assert turned_away == b""
        assert [status(await each.readline()) for each in (first, second)] == [200, 200]


async def test_who_reads_no_answer_keeps_nobody_out(tmp_path: Path) -> None:
    answered = asyncio.Semaphore(0)

    async def generous(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * 2**24, "more_body": True})
        answered.release()
        await send({"type": "http.response.body"})

    async with (
        a_server(tmp_path, limits=Limits(max_connections=2), app=generous) as served,
        served.connection() as (_, first),
        served.connection() as (_, second),
    ):
        for writer in (first, second):
            writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport that reads has it
            writer.write(ASKED)
            await answered.acquire()
        async with served.connection(peer=ONE) as (reader, ask):
            ask.write(ASKED)

            assert status(await reader.readline()) == 200


def test_who_has_most_gives_up_first_and_what_was_answered_goes_last() -> None:
    crowd = [a_seat("192.0.2.1", until=until_s) for until_s in (65.0, 9.0, 10.0)]
    alone = a_seat("192.0.2.2", until=1.0)

    assert least_missed([alone, *crowd], number=4) == [crowd[1], crowd[2], crowd[0], alone]
    assert least_missed([alone, *crowd], number=1) == [crowd[1]]


def test_addresses_of_one_network_of_ipv6_count_as_one() -> None:
    many = [a_seat(f"2001:db8::{number}", until=5.0) for number in (1, 2, 3)]
    two = [a_seat("2001:db9::1", until=1.0), a_seat("2001:db9::1", until=1.0)]

    assert least_missed([*two, *many], number=3) == many


async def take(served: Served, held: contextlib.AsyncExitStack, sent: bytes) -> None:
    """Take one connection more, and wait until the server has it."""
    before = len(served.server.server_state.connections)
    _, writer = await held.enter_async_context(served.connection(peer=CROWD))
    writer.write(sent)
    await until(partial(_has_changed, served, before))


async def _has_changed(served: Served, before: int) -> bool:
    await asyncio.sleep(0)
    return len(served.server.server_state.connections) != before


def a_seat(address: str, *, until: float) -> Seat:
    return Seat(address=address, until=until, give_up=lambda: None)
