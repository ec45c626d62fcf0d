"""Chores: what is done again and again beside the dispatcher, each at its own pace."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from receiver.trouble import Trouble


@dataclass(frozen=True, kw_only=True, slots=True)
class Chore:
    """Something that is done again and again. It may be broken off anywhere, and be done on several nodes at once."""

    name: str
    every_s: float
    do: Callable[[], Awaitable[float | None]]
    """Does it once, and says how long to rest before the next time; None is `every_s`."""
    has_grace: bool = False
    """Whether what is under way at a stop may still end; else it is broken off at once."""


class Sweep:
    """Does chores until stopped, none of them waiting for another."""

    def __init__(
        self,
        chores: Sequence[Chore],
        *,
        grace_s: float = 5.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._chores = chores
        self._grace_s = grace_s
        self._sleep = sleep
        self._stopping = asyncio.Event()
        self._under_way: set[Chore] = set()

    def stop(self) -> None:
        """Begin nothing more; `run` returns once what has its grace has ended, or been broken off after it."""
        self._stopping.set()

    async def run(self) -> None:
        """Do every chore at once, and again after each of its rests."""
        async with asyncio.TaskGroup() as group:
            tasks = {
                chore: group.create_task(self._repeat(chore), name=f"chore {chore.name}") for chore in self._chores
            }
            await self._stopping.wait()
            ending = {tasks[chore] for chore in self._under_way if chore.has_grace}
            for task in set(tasks.values()) - ending:
                task.cancel()
            if ending:
                _, late = await asyncio.wait(ending, timeout=self._grace_s)
                for task in late:
                    task.cancel()

    async def _repeat(self, chore: Chore) -> None:
        trouble = Trouble("chore failed, and will be tried again", "chore works again", chore=chore.name)
        while not self._stopping.is_set():
            rest_s = await self._once(chore, trouble)
            if not self._stopping.is_set():
                await self._sleep(chore.every_s if rest_s is None else rest_s)

    async def _once(self, chore: Chore, trouble: Trouble) -> float | None:
        self._under_way.add(chore)
        try:
            rest_s = await chore.do()
        except Exception as exc:  # broad: no chore, and no state of the database, may end the others
            trouble.met(exc)
            return None
        finally:
            self._under_way.discard(chore)
        trouble.ended()
        return rest_s
