"""Waiting for what another process does: it sets no event here, so it is looked at until it is so."""

import asyncio
from collections.abc import Callable

LIMIT_S = 180.0
"""Long, for a machine that has other things to do as well."""
LOOK_S = 0.01


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; a TimeoutError after three minutes."""
    async with asyncio.timeout(LIMIT_S):
        while not is_so():  # noqa: ASYNC110 (another process cannot set an event)
            await asyncio.sleep(LOOK_S)
