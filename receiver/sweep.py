"""Chores: what is done again and again beside the dispatcher, each at its own pace."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from receiver.errors import ReceiverError, described

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chore:
    """Something that is done again and again. It may be broken off anywhere, and be done on several nodes at once."""

    name: str
    every_s: float
    do: Callable[[], Awaitable[float | None]]
    """Does it once, and says how long to rest before the next time; None is `every_s`."""


class Sweep:
    """Does chores until stopped, none of them waiting for another."""

    def __init__(self, chores: Sequence[Chore], *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._chores = chores
        self._sleep = sleep
        self._stopping = asyncio.Event()
        self._faults: dict[str, str] = {}

    def stop(self) -> None:
        """Break off what is being done; `run` returns then."""
        self._stopping.set()

    async def run(self) -> None:
        """Do every chore at once, and again after each of its rests."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._repeat(chore), name=f"chore {chore.name}") for chore in self._chores]
            await self._stopping.wait()
            for task in tasks:
                task.cancel()

    async def _repeat(self, chore: Chore) -> None:
        while True:
            rest_s = await self._once(chore)
            await self._sleep(chore.every_s if rest_s is None else rest_s)

    async def _once(self, chore: Chore) -> float | None:
        try:
            rest_s = await chore.do()
        except Exception as exc:  # broad: no chore, and no state of the database, may end the others
            self._failed(chore, exc)
            return None
        if self._faults.pop(chore.name, None) is not None:
            log.info("chore works again", chore=chore.name)
        return rest_s

    def _failed(self, chore: Chore, exc: Exception) -> None:
        """Log a fault once, however often it comes."""
        fault = described(exc)
        if self._faults.get(chore.name) == fault:
            return
        self._faults[chore.name] = fault
        say = log.warning if isinstance(exc, ReceiverError) else log.error
        say("chore failed, and will be tried again", chore=chore.name, fault=fault)
