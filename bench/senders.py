"""Senders within one process, as the door has them: many at once, each of whom waits for the disk before it goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from receiver.model import Arrival
from receiver.store import Database, concerns, record_many

SENDERS = 64

Item = TypeVar("Item")


async def sent(items: Iterable[Item], send: Callable[[Item], Awaitable[object]]) -> None:
    """Send all, so many at once."""
    left = iter(items)

    async def one_after_the_other() -> None:
        for item in left:
            await send(item)

    await asyncio.gather(*(one_after_the_other() for _ in range(SENDERS)))


async def record(database: Database, arrivals: Iterable[Arrival]) -> None:
    """Have events recorded."""
    await sent(arrivals, lambda arrival: database.write_one_of_many(record_many, arrival, locks=concerns(arrival)))
