"""The time that a whole command may take."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from publisher.errors import WaitTimeoutError


class Deadline:
    """One limit for everything that a command waits for. Made inside the running loop, it counts from then on."""

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._at = asyncio.get_running_loop().time() + timeout_s

    @asynccontextmanager
    async def limit(self, doing: str) -> AsyncIterator[None]:
        """Stop the block when the command's time is over, and say what it was doing."""
        try:
            async with asyncio.timeout_at(self._at):
                yield
        except TimeoutError as exc:
            raise WaitTimeoutError(
                f"{doing} was not done within the {self.timeout_s:g} s that the whole command may take (--timeout).",
                code="timeout",
            ) from exc
