"""Hearing: when each source was heard from. It is noted in memory for every event, and written now and then."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from receiver.clock import Clock
from receiver.model import Event, Origin, Recorded
from receiver.present import Present
from receiver.silence import Heard
from receiver.store import Database, hearings_of, note_hearings, together

EVERY_S: Final = 20.0


class Hearing:
    """What this process has heard from its sources."""

    def __init__(self, database: Database, present: Present, *, clock: Clock) -> None:
        self._database = database
        self._present = present
        self._clock = clock
        self._events: dict[str, datetime] = {}
        self._told: dict[str, datetime] = {}
        self._watched: frozenset[str] = frozenset()
        """The sources that are known to be watched."""

    def heard(self, event: Event, recorded: Recorded) -> None:  # noqa: ARG002
        """Note an event, a repeated one as well: its source is there. It is called for each, so it writes nothing."""
        self._events[event.source] = event.received_at
        if event.origin is not Origin.ANNOUNCE:
            self._told[event.source] = event.received_at

    async def write(self) -> None:
        """Keep what was noted since the last time, and which sources are watched from now on."""
        names = frozenset(self._present.config.source_names)
        unwritten = self._unwritten(names - self._watched)
        if not unwritten:
            return
        await self._database.write(lambda conn: note_hearings(conn, unwritten.values()), settling=True)
        self._watched |= names
        self._forget(unwritten)

    async def listed(self) -> Mapping[str, Heard]:
        """When each source was heard from, by its name."""
        kept = await self._database.read(hearings_of)
        mine = self._unwritten(frozenset(self._present.config.source_names) - kept.keys())
        return {**kept, **{name: together(kept.get(name, one), one) for name, one in mine.items()}}

    def _unwritten(self, unwatched: frozenset[str]) -> Mapping[str, Heard]:
        now = self._clock()
        return {
            name: Heard(
                source=name,
                watched_since=self._events.get(name, now),
                last_event_at=self._events.get(name),
                last_told_at=self._told.get(name),
            )
            for name in (*self._events, *(unwatched - self._events.keys()))
        }

    def _forget(self, written: Mapping[str, Heard]) -> None:
        """Forget what has been written, but nothing that came meanwhile."""
        for name, one in written.items():
            for kept, at in ((self._events, one.last_event_at), (self._told, one.last_told_at)):
                if kept.get(name) == at:
                    kept.pop(name, None)
