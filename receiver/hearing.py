"""Hearing: when each source was heard from. It is noted in memory for every event, and written now and then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from receiver.clock import Clock
from receiver.config import Poll, Source
from receiver.expectation import silent_since
from receiver.model import Event, Origin, PollState
from receiver.present import Present
from receiver.silence import Heard
from receiver.store import Database, hearings_of, note_hearings, poll_states, together

EVERY_S: Final = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownSource:
    """A source of the config, and how it stands."""

    source: Source | Poll
    last_event_at: datetime | None = None
    silent_since: datetime | None = None
    """Where it has been silent for longer than it expects."""
    poll: PollState | None = None
    """Of one that polls, once it has been asked for the first time."""

    @property
    def is_poll(self) -> bool:
        """Whether it asks."""
        return isinstance(self.source, Poll)

    @property
    def environment(self) -> str | None:
        """The name of its environment, where it has one."""
        return self.source.environment.name if isinstance(self.source, Poll) else self.source.environment


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

    def heard(self, event: Event) -> None:
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

    async def sources(self) -> Sequence[KnownSource]:
        """Every source of the config, the doors first."""
        config, heard, now = self._present.config, await self.listed(), self._clock()
        polls = await self._database.read(poll_states)
        return [
            KnownSource(
                source=source,
                last_event_at=heard[source.name].last_event_at if source.name in heard else None,
                silent_since=silent_since(source, heard.get(source.name), now=now),
                poll=polls.get(source.name) if isinstance(source, Poll) else None,
            )
            for source in config.ways_in
        ]

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
