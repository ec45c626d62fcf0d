"""The inbox at work: takes deliveries in during a flood, and has them recorded while and after it lasts.

To record an event takes several times as long as to keep what came in. So where many wait at once, they are kept first,
which is all that a sender waits for, and recorded as soon as there is time: first come, first recorded.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final

import structlog

from receiver.delivery import Delivery
from receiver.errors import RowError, StoreBusyError, StoreError, described
from receiver.model import Arrival, Event, Recorded
from receiver.store import Database, append_deliveries, count_waiting, record_oldest, set_oldest_aside
from receiver.trouble import Trouble

FLOOD: Final = 8
"""From how many at once on it is a flood: with fewer, recording them together is as quick as keeping them first."""
FEW: Final = 32
"""How many are recorded in one transaction while others come in: those wait for it."""
MANY: Final = 128
"""How many while none do: each takes a quarter less of the time then [measured]."""
PAUSE_S: Final = 0.1
"""How long the flood has for itself before the next ones are recorded."""
MOST: Final = 50_000
"""How many may wait: they take room, and the last has its turn late. Who comes to a full inbox waits for room."""
MOST_BYTES: Final = 256 * 1024 * 1024
"""How much their bodies may hold."""
CROWDED: Final = 0.75
"""From this share of it on, those that wait are recorded without a pause."""
REST_S: Final = 1.0
"""How long it waits after a fault."""
PATIENCE_S: Final = 10.0
"""How long room in a full one is waited for, or that it is empty: as long as for the writer."""
LAST_S: Final = 2.0
"""How long what still waits is recorded at a stop; the rest is at the next start."""

log = structlog.get_logger(__name__)


class Inbox:
    """What has come in and is not recorded yet, on a database that has one owner; elsewhere nothing is ever in it."""

    def __init__(
        self,
        database: Database,
        arrival_of: Callable[[Delivery], Arrival],
        *,
        new_id: Callable[[], str],
        recorded: Callable[[Event, Recorded], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        flood: int = FLOOD,
        most: int = MOST,
        most_bytes: int = MOST_BYTES,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Have deliveries made arrivals of by a function that only looks at them: it is called in another thread."""
        self._database = database
        self._arrival_of = arrival_of
        self._new_id = new_id
        self._recorded = recorded
        self._sleep = sleep
        self._flood, self._most, self._most_bytes, self._patience_s = flood, most, most_bytes, patience_s
        self._filled = asyncio.Event()
        self._shrunk = asyncio.Condition()
        self._stopping = asyncio.Event()
        self._came = 0
        """How many have come in so far; of these `_coming` are not answered yet."""
        self._coming = 0
        self._unsure = 0
        """How many could not be waited for so far: the writer may keep them all the same, with its present commit."""
        self._trouble = Trouble("what came in could not be recorded yet", "what came in is recorded again")
        self._bytes = 0
        """How much their bodies hold, about: of what an earlier process has left it is not known."""
        self.size = 0
        """How many wait, at most: one that could not be kept counts until a look finds none."""

    async def open(self) -> None:
        """Find what an earlier process has left in it."""
        self.size = await self._database.read(count_waiting)
        if self.size:
            log.info("what an earlier process took in is recorded now", deliveries=self.size)
            self._filled.set()

    def is_wanted(self, under_way: int) -> bool:
        """Whether what comes in should come in here: in a flood, or behind what waits, so that the order stays."""
        return self._database.path is not None and (under_way > self._flood or self.size > 0)

    async def put(self, delivery: Delivery, *, dedupe_key: str) -> Recorded:
        """Keep a delivery, which is on disk then; it is not known yet what it sets off."""
        if self._is_full:
            await self._until_in_time(lambda: not self._is_full)
        self.size += 1
        self._bytes += len(delivery.body)
        self._came += 1
        self._coming += 1
        self._filled.set()
        try:
            return await self._database.write_one_of_many(append_deliveries, (delivery, dedupe_key))
        except BaseException:
            self._unsure += 1
            raise
        finally:
            self._coming -= 1

    @property
    def _is_full(self) -> bool:
        return self.size >= self._most or self._bytes >= self._most_bytes

    async def wait_for_turn(self) -> None:
        """Let what has come in at the doors by now be recorded before what comes in by another way."""
        if self.size:
            came = self._came
            await self._until(lambda: self.size <= self._came - came)

    async def wait_until_empty(self) -> None:
        """Let nothing wait that may be the same as what is recorded next: its sender was told another id.

        Raises `StoreBusyError` where it is not empty in time, as more and more comes in.
        """
        await self._until_in_time(lambda: not self.size)

    async def finish(self) -> None:
        """Record all that an earlier process has left, where nobody else is going to."""
        await self.open()
        while self.size:
            await self._record_some()

    def stop(self) -> None:
        """End soon: record what waits, as far as there is time."""
        self._stopping.set()
        self._filled.set()

    async def run(self) -> None:
        """Record what waits until stopped."""
        while not self._stopping.is_set():
            await self._filled.wait()
            self._filled.clear()
            while self.size and not self._stopping.is_set():
                if self._coming > self._flood and self.size < self._most * CROWDED:
                    await self._sleep(PAUSE_S)
                await self._record_or_rest()
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(LAST_S):
                while self.size:
                    await self._record_some()
        if self.size:
            log.info("some of what came in is recorded at the next start", deliveries=self.size)

    async def _record_or_rest(self) -> None:
        try:
            await self._record_some()
        except StoreError as exc:
            self._trouble.met(exc)
            await self._sleep(REST_S)
        else:
            self._trouble.ended()

    async def _record_some(self) -> None:
        """Record the oldest; one that cannot be recorded even by itself is set aside, so that it stops no other."""
        many = FEW if self._coming else MANY
        if await self._tried(many) is None:
            return
        for _ in range(many):
            fault = await self._tried(1)
            if fault:
                await self._set_aside(fault)
                return

    async def _tried(self, most: int) -> str | None:
        """Record the oldest; the fault that keeps them from being recorded, where one of them is at fault."""
        work = partial(record_oldest, most=most, arrival_of=self._arrival_of, new_id=self._new_id)
        unsure = self._unsure
        try:
            found = await self._database.write(work, settling=True)
        except Exception as exc:  # broad: whatever a delivery holds, the others come after it
            if isinstance(exc, StoreError) and not isinstance(exc, RowError):
                raise
            return described(exc)
        if found:
            await self._shrink(self.size - len(found), self._bytes - sum(len(event.body) for event, _ in found))
        else:
            await self._shrink(self._coming + self._unsure - unsure, 0)
        for event, recorded in found:
            self._recorded(event, recorded)
        return None

    async def _set_aside(self, fault: str) -> None:
        await self._database.write(partial(set_oldest_aside, fault=fault), settling=True)
        await self._shrink(self.size - 1, self._bytes)
        log.error("a delivery could not be recorded, and was set aside", fault=fault)

    async def _shrink(self, size: int, bodies: int) -> None:
        self.size, self._bytes = size, bodies
        async with self._shrunk:
            self._shrunk.notify_all()

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with self._shrunk:
            await self._shrunk.wait_for(holds)

    async def _until_in_time(self, holds: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(self._patience_s):
                await self._until(holds)
        except TimeoutError as exc:
            raise StoreBusyError(f"{self.size} deliveries are to be recorded first; try again in a while.") from exc
