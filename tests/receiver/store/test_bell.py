"""The bell: who hears it, and that it is heard again after a connection was lost."""

import asyncio

import pytest
from structlog.testing import capture_logs

from receiver.store import Database
from receiver.store.bell import REST_S, Bell
from tests.receiver.postgres import Server
from tests.receiver.store.sessions import terminate

pytestmark = pytest.mark.anyio

LIMIT_S = 10


class Ear:
    """Counts how often it was rung for."""

    def __init__(self) -> None:
        self.times = 0
        self._heard = asyncio.Event()

    def __call__(self) -> None:
        self.times += 1
        self._heard.set()

    async def heard(self) -> None:
        async with asyncio.timeout(LIMIT_S):
            await self._heard.wait()
        self._heard.clear()


async def test_others_hear_the_bell_and_who_rings_it_does_not(nodes: tuple[Database, Database]) -> None:
    one, two = nodes
    own, other = Ear(), Ear()
    async with one.bell.hung(own), two.bell.hung(other):
        await own.heard()  # once at the start: it may have been rung before
        await other.heard()

        one.bell.ring()
        await other.heard()
        two.bell.ring()
        await own.heard()

    assert (own.times, other.times) == (2, 2)


async def test_many_rings_in_a_moment_are_one(nodes: tuple[Database, Database]) -> None:
    one, two = nodes
    other = Ear()
    rests: list[float] = []
    resting = asyncio.Event()

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        await resting.wait()

    one.bell._sleep = rest  # type: ignore[attr-defined]
    async with one.bell.hung(None), two.bell.hung(other):
        await other.heard()
        one.bell.ring()
        await other.heard()
        for _ in range(10):
            one.bell.ring()
        resting.set()
        await other.heard()

    assert other.times == 3
    assert rests[0] == REST_S


async def test_a_lost_connection_is_made_again(nodes: tuple[Database, Database], server: Server, url: str) -> None:
    one, two = nodes
    other = Ear()
    with capture_logs() as lines:
        async with two.bell.hung(other):
            await other.heard()
            terminate(server, url)
            await other.heard()

            async with one.bell.hung(None):
                one.bell.ring()
                await other.heard()

    [lost, again] = [line for line in lines if line["event"].startswith("other processes are ")]
    assert again["event"] == "other processes are heard again"
    assert "StoreBusyError: The database cannot take this now: " in lost["fault"]


async def test_one_process_alone_needs_no_bell() -> None:
    bell, ear = Bell(), Ear()

    async with bell.hung(ear):
        bell.ring()

    assert ear.times == 0
