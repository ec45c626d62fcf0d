"""Rounds: begin, do something terrible, begin again, let it finish, and check."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from receiver.inbox import FLOOD
from tests.torture.checker import faults
from tests.torture.kept import Kept
from tests.torture.sender import Sender
from tests.torture.target import Target, a_target
from tests.torture.victim import LIMIT_S, Running, Victim, a_victim
from tests.torture.waiting import until

FLOODING = 3 * FLOOD
"""With so many flows, each of which is sent over a connection of its own, more comes in than is recorded."""
TRACER = shutil.which("strace")


@dataclass(kw_only=True)
class Torture:
    """A victim, who sends to it, and whom it calls."""

    victim: Victim
    sender: Sender
    target: Target

    async def load(self, *running: Running, until: Callable[[], Awaitable[None]]) -> None:
        """Send until something has happened to the receivers."""
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.sender.send([one.url for one in running], stopping=stopping), name="sender")
            await until()
            stopping.set()

    async def send(self, running: Running, *, most: int) -> None:
        """Send so many of each flow, or as many as the receiver takes before it ends."""
        await self.sender.send([running.url], stopping=asyncio.Event(), most=most)

    async def acknowledged(self, number: int) -> None:
        """Wait until so many more events have been taken."""
        wanted = len(self.sender.acked) + number
        await until(lambda: len(self.sender.acked) >= wanted)

    async def killed_at(self, failpoint: str) -> int:
        """Begin with a failpoint armed and send, until it kills the receiver or all is done; the exit code."""
        with self.victim.started({"RECEIVER_FAILPOINT": failpoint}) as running:
            if not running.url:  # there may be no database yet to look into
                return await asyncio.to_thread(running.process.wait, LIMIT_S)
            await self.send(running, most=2)
            await until(lambda: running.process.poll() is not None or self.victim.is_settled())
            return running.terminate() if running.process.poll() is None else int(running.process.returncode)

    async def with_fault(self, fault: str) -> None:
        """Send to a receiver of which one system call fails, until it has taken all or has ended."""
        name = fault.partition(":")[0]
        prefix = [str(TRACER), "-f", "-qq", "-o", os.devnull, "-e", f"trace={name}", "-e", f"inject={fault}"]
        with replace(self.victim, prefix=prefix).started({}) as running:
            if running.url:
                await self.send(running, most=6)

    async def settled(self) -> None:
        """Wait until nothing is left to do."""
        await until(self.victim.is_settled)

    async def finish(self) -> list[str]:
        """Begin again, send what was not acknowledged, let everything end; what does not hold then."""
        self.victim.kept.end_leases()
        with self.victim.running() as running:
            await self.send(running, most=1)
            await self.settled()
            running.terminate()
        return self.faults()

    def faults(self) -> list[str]:
        victim = self.victim
        return faults(
            victim.kept,
            acked=self.sender.acked,
            asked=self.target.asked,
            secrets=(victim.secret, victim.token),
            logs=[victim.logs],
        )

    async def kills(self, number: int, *, rng: Random, longest_s: float = 0.5) -> None:
        """Kill so many times under load, each time at another moment."""
        for _ in range(number):
            with self.victim.running() as running:

                async def strike(running: Running = running) -> None:
                    await asyncio.sleep(rng.uniform(0.0, longest_s))
                    running.kill()

                await self.load(running, until=strike)


@contextmanager
def a_torture(folder: Path, *, kept: Kept | None = None, flows: int = 8) -> Iterator[Torture]:
    with a_target() as target:
        victim = a_victim(folder, target=target.address, kept=kept)
        yield Torture(victim=victim, sender=Sender(secret=victim.secret, flows=flows), target=target)
