"""Aging: what the config's `retention` does not keep goes, a little at a time, while events come in."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from receiver.clock import Clock
from receiver.config import Retention
from receiver.store import (
    Database,
    Mark,
    OldBodies,
    empty_bodies,
    old_bodies,
    removable_events,
    remove_events,
    size_of,
)

EVERY_S: Final = 600.0
BATCH: Final = 50
"""How many events go in one write: few, so that what comes in meanwhile hardly waits."""
LOOKED_AT: Final = 500
PAUSE_S: Final = 0.02
"""The rest between two writes."""
AGAIN_AFTER: Final = timedelta(days=1)
"""How often all old bodies are looked for anew: runs that were unfinished may have ended since."""
WARN_AT: Final = 0.8
_BEGINNING: Final = Mark(received_at=datetime(1, 1, 2, tzinfo=UTC))

log = structlog.get_logger(__name__)


class Aging:
    """Lets go of what is old or too much; the same on several nodes at once does no harm."""

    def __init__(
        self,
        database: Database,
        rules: Callable[[], Retention],
        *,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._rules = rules
        self._clock = clock
        self._sleep = sleep
        self._mark = _BEGINNING
        self._begun_at = _BEGINNING.received_at
        self._is_warned = False
        self.fill: float | None = None
        """How full the database is: 1.0 is `max_size`; None before it has been looked at, or without such a limit."""

    async def do(self) -> None:
        """Let everything go that is to go by now."""
        rules, now = self._rules(), self._clock()
        bodies = await self._empty(now - timedelta(seconds=rules.bodies_s)) if rules.bodies_s else 0
        aged = await self.remove(now - timedelta(seconds=rules.events_s)) if rules.events_s else 0
        crowded = await self._make_room(rules.max_bytes) if rules.max_bytes else 0
        if bodies or aged or crowded:
            log.info("old history let go", bodies=bodies, events=aged, events_for_room=crowded)

    async def remove(self, before: datetime, *, most: float = math.inf) -> int:
        """Remove events from before that time that may go, about so many at most; how many went."""
        removed = 0
        while removed < most and (went := await self._remove_some(before)):
            removed += went
        return removed

    async def _remove_some(self, before: datetime) -> int:
        ids = await self._database.read(lambda conn: removable_events(conn, before=before, limit=BATCH))
        if not ids:
            return 0
        went = await self._database.write(lambda conn: remove_events(conn, ids))
        await self._sleep(PAUSE_S)
        return went

    async def _empty(self, before: datetime) -> int:
        """Empty old bodies from where the last time ended; once a day, from the beginning."""
        now = self._clock()
        if now - self._begun_at >= AGAIN_AFTER:
            self._mark, self._begun_at = _BEGINNING, now
        emptied = 0
        while found := await self._old_bodies(before):
            for start in range(0, len(found.ids), BATCH):
                emptied += await self._empty_some(found.ids[start : start + BATCH])
            self._mark = found.mark
        return emptied

    async def _old_bodies(self, before: datetime) -> OldBodies | None:
        mark = self._mark
        return await self._database.read(lambda conn: old_bodies(conn, before=before, after=mark, limit=LOOKED_AT))

    async def _empty_some(self, ids: Sequence[str]) -> int:
        emptied = await self._database.write(lambda conn: empty_bodies(conn, ids))
        await self._sleep(PAUSE_S)
        return emptied

    async def _make_room(self, most: int) -> int:
        """Remove the oldest events until the rest fits; how many went."""
        removed = 0
        while await self._is_over(most) and (went := await self._remove_some(self._clock())):
            removed += went
        return removed

    async def _is_over(self, most: int) -> bool:
        size = await self._database.read(size_of)
        self._note(size, most)
        return size > most

    def _note(self, size: int, most: int) -> None:
        """Say once that it becomes full."""
        self.fill = size / most
        if self.fill >= WARN_AT and not self._is_warned:
            log.warning("the database becomes full: beyond max_size the oldest events go", bytes=size, max_size=most)
        self._is_warned = self.fill >= WARN_AT
