"""Does many things at once, but never too many."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

AT_ONCE = 8
"""As many as there are connections."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


async def gathered(
    work: Callable[[Item], Awaitable[Answer]], items: Iterable[Item], *, at_once: int = AT_ONCE
) -> list[Answer]:
    """What the work makes of each item, in their order; the first error ends it all."""
    seats = asyncio.Semaphore(at_once)

    async def seated(item: Item) -> Answer:
        async with seats:
            return await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(seated(item), name=f"item {at}") for at, item in enumerate(items)]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]
