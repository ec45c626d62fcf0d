"""Rounds on PostgreSQL: two receivers share a server, and any of the three may end at any moment."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.receiver.postgres import Server
from tests.receiver.store.sessions import terminate
from tests.torture.kept import ServerKept
from tests.torture.rounds import Torture, a_torture
from tests.torture.victim import Running

LONGEST_S = 0.5
LEASE_OVER_S = 65.0
"""A lease is a minute."""
GOING_ON = 20
"""How many events must be taken after each blow."""


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Two receivers at work on one database."""

    torture: Torture
    server: Server
    rng: Random

    async def receivers_killed(self, number: int) -> None:
        """Kill one of the two so many times; the other goes on, and gets what was not answered."""
        with ExitStack() as stack:
            nodes = [stack.enter_context(self.torture.victim.running()) for _ in range(2)]
            for _ in range(number):
                struck = self.rng.randrange(2)
                await self._struck(nodes, nodes[struck].kill)
                nodes[struck] = stack.enter_context(self.torture.victim.running())

    async def struck_often(self, *strikes: Callable[[], object]) -> None:
        """Do to the two, one after the other, what they must outlive."""
        with self._two() as nodes:
            for strike in strikes:
                await self._struck(nodes, strike)

    async def receivers_frozen(self, number: int) -> None:
        """Freeze one of the two so many times, until the other has taken over what it held."""
        with self._two() as nodes:
            for _ in range(number):
                struck = self.rng.choice(nodes)
                await self._struck(nodes, struck.freeze)
                await asyncio.sleep(LEASE_OVER_S)
                await self._struck(nodes, struck.thaw)

    async def server_crashed(self, number: int) -> None:
        """End the server under the two so many times."""
        await self.struck_often(*[self.crash_server] * number)

    async def sessions_ended(self, number: int) -> None:
        """End all sessions of the two so many times."""
        await self.struck_often(*[self.end_sessions] * number)

    def crash_server(self) -> None:
        """End the server as a power cut would, and start it again."""
        self.server.control("restart", "-m", "immediate")

    def end_sessions(self) -> None:
        """End all sessions of the two."""
        terminate(self.server, self.torture.victim.kept.url)

    @contextmanager
    def _two(self) -> Iterator[Sequence[Running]]:
        victim = self.torture.victim
        with victim.running() as one, victim.running() as two:
            yield one, two

    async def _struck(self, nodes: Sequence[Running], strike: Callable[[], object]) -> None:
        """Strike at some moment under load, and let the load go on for a while."""

        async def struck() -> None:
            await asyncio.sleep(self.rng.uniform(0.0, LONGEST_S))
            await asyncio.to_thread(strike)
            await self.torture.acknowledged(GOING_ON)

        await self.torture.load(*nodes, until=struck)


@contextmanager
def a_shared_torture(folder: Path, server: Server, *, rng: Random, flows: int = 8) -> Iterator[Shared]:
    with server.database() as url:
        kept = ServerKept(url=url, log=server.folder / "log")
        with a_torture(folder, kept=kept, flows=flows) as torture:
            yield Shared(torture=torture, server=server, rng=rng)
