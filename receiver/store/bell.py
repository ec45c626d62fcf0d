"""The bell: lets other processes on the same database know at once that there is something to do.

Whoever does not hear it finds out by looking, a little later; so nothing is lost with a connection.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, bindparam, func, select

from receiver.clock import new_id
from receiver.errors import StoreError
from receiver.store import faults
from receiver.trouble import Trouble

if TYPE_CHECKING:
    import psycopg

CHANNEL: Final = "flow_relay"
REST_S: Final = 0.05
"""Between two rings: whatever is recorded meanwhile rings once."""
PAUSES_S: Final = (0.1, 0.5, 1.0, 2.0, 5.0)
"""Before another try to listen."""

_RING = select(func.pg_notify(CHANNEL, bindparam("by")))

Write = Callable[[Callable[[Connection], None]], Awaitable[None]]


class Bell:
    """A bell in a process that has its database to itself: nobody else need hear it."""

    def ring(self) -> None:
        """Let all others know."""

    @asynccontextmanager
    async def hung(self, on_ring: Callable[[], None] | None) -> AsyncIterator[None]:  # noqa: ARG002
        """Ring for others, and call `on_ring` when they do, as long as the body runs."""
        yield


class SharedBell(Bell):
    """A bell on PostgreSQL: rung with NOTIFY, heard on a connection of its own."""

    def __init__(
        self,
        connect: Callable[[], Awaitable["psycopg.AsyncConnection[Any]"]],
        write: Write,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._own = new_id()
        self._connect = connect
        self._write = write
        self._sleep = sleep
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Let all others know, very soon."""
        self._rung.set()

    @asynccontextmanager
    async def hung(self, on_ring: Callable[[], None] | None) -> AsyncIterator[None]:
        """Ring for others, and call `on_ring` when they do, as long as the body runs."""
        tasks = [asyncio.create_task(self._keep_ringing(), name="bell rings")]
        if on_ring is not None:
            tasks.append(asyncio.create_task(self._keep_listening(on_ring), name="bell is heard"))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_ringing(self) -> None:
        while True:
            await self._rung.wait()
            self._rung.clear()
            with suppress(StoreError):  # others look by themselves
                await self._write(lambda conn: conn.execute(_RING, {"by": self._own}).close())
            await self._sleep(REST_S)

    async def _keep_listening(self, on_ring: Callable[[], None]) -> None:
        trouble = Trouble("other processes are not heard now", "other processes are heard again")
        tries = 0
        while True:
            try:
                async for by in self._rings():
                    tries = 0
                    trouble.ended()
                    if by != self._own:
                        on_ring()
            except Exception as exc:  # broad: whatever it is, work is found by looking, and listening begun again
                trouble.met(faults.told(exc))
            await self._sleep(PAUSES_S[min(tries, len(PAUSES_S) - 1)])
            tries += 1

    async def _rings(self) -> AsyncGenerator[str]:
        """Who rings; at first nobody does, for it may have been rung while no connection listened."""
        async with await self._connect() as connection:
            await connection.set_autocommit(True)
            await connection.execute(f"LISTEN {CHANNEL}")
            yield ""
            async for notice in connection.notifies():
                yield notice.payload
