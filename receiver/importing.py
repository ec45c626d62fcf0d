"""Taking events in from a file: those that were exported, and those that a dead-letter queue holds.

Nobody has verified these; whoever may do this is an operator. All else is as at the door: told apart from what is
there, planned, recorded in one transaction.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from receiver.archive import Piece, pieces_of
from receiver.clock import Clock
from receiver.config import Config, Source
from receiver.envelopes import read_event
from receiver.errors import ConfigError, MalformedError
from receiver.ingest import plan_for
from receiver.model import Arrival, Event, Plan, Recorded, Verdict, VerdictKind
from receiver.store import Database, record_unless_there

WITHOUT_RUNS: Final = "it was imported to set off nothing"


class Fate(StrEnum):
    """What became of an event that was to be taken in."""

    RECORDED = "recorded"
    PRESENT = "present"
    """This very event is there already."""
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    """An event of this id is there, with other content."""
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What became of one event."""

    fate: Fate
    event_id: str | None = None
    message: str | None = None


class Importer:
    """Takes in what files hold."""

    def __init__(
        self,
        database: Database,
        config: Callable[[], Config],
        *,
        clock: Clock,
        new_id: Callable[[], str],
        first: Callable[[], Awaitable[None]],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """Take in what files hold once `first` has had recorded what came in at the doors before."""
        self._database = database
        self._config = config
        self._clock = clock
        self._new_id = new_id
        self._first = first
        self._wake = wake

    def source_of(self, name: str | None) -> Source:
        """The source that bodies are taken to have come by: the named one, else the only one."""
        sources = self._config().sources
        if name is None and len(sources) == 1:
            return sources[0]
        found = next((source for source in sources if source.name == name), None)
        if found is None:
            known = ", ".join(source.name for source in sources)
            said = "no source is named, and there are several" if name is None else f"there is no source {name!r}"
            raise ConfigError([f"{said}; known are: {known}."])
        return found

    async def take_in(self, documents: Sequence[str], *, source: Source, sets_off: bool) -> list[list[Taken]]:
        """Record the events of documents in one transaction; `source` is that of bodies, which do not say theirs."""
        entries = [list(self._entries(document, source)) for document in documents]
        found = [entry for of_document in entries for entry in of_document if isinstance(entry, Event)]
        taken = iter(await self._record(found, sets_off=sets_off))
        return [
            [entry if isinstance(entry, Taken) else next(taken) for entry in of_document] for of_document in entries
        ]

    def _entries(self, document: str, source: Source) -> Iterator[Event | Taken]:
        """The events of a document, each read or refused."""
        try:
            pieces = pieces_of(document)
        except MalformedError as exc:
            yield _refused(exc)
            return
        for piece in pieces:
            try:
                yield piece.event or self._read(piece, source)
            except MalformedError as exc:
                yield _refused(exc)

    def _read(self, piece: Piece, source: Source) -> Event:
        if piece.body is None:
            raise MalformedError(piece.fault or "it holds no event")
        headers = {"content-type": "application/json"}
        return read_event(piece.body, source=source, headers=headers, received_at=self._clock(), new_id=self._new_id)

    async def _record(self, events: Sequence[Event], *, sets_off: bool) -> list[Taken]:
        await self._first()
        config, now = self._config(), self._clock()
        arrivals = [
            Arrival(
                event=event,
                plan=plan_for(event, config, new_id=self._new_id) if sets_off else _nothing(config),
                at=now,
            )
            for event in events
        ]
        recorded = await self._database.write(partial(record_unless_there, arrivals=arrivals, new_id=self._new_id))
        if any(each is not None and each.run_ids for each in recorded):
            self._wake()
        return [_taken(event, each) for event, each in zip(events, recorded, strict=True)]


def _taken(event: Event, recorded: Recorded | None) -> Taken:
    if recorded is None:
        return Taken(fate=Fate.PRESENT, event_id=event.id)
    if recorded.conflict:
        return Taken(fate=Fate.CONFLICT, event_id=recorded.event_id)
    return Taken(fate=Fate.DUPLICATE if recorded.duplicate else Fate.RECORDED, event_id=recorded.event_id)


def _refused(exc: MalformedError) -> Taken:
    return Taken(fate=Fate.REFUSED, message=str(exc).rstrip("."))


def _nothing(config: Config) -> Plan:
    verdicts = (
        Verdict(pipeline=pipeline.name, kind=VerdictKind.NOT_MATCHED, reason=WITHOUT_RUNS)
        for pipeline in config.pipelines
    )
    return Plan(verdicts=tuple(verdicts))
