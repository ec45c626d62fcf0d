"""Absences: looks every minute for what should have been heard and was not, and says so once."""

from collections.abc import Callable, Collection
from typing import Final

import structlog

from receiver.clock import Clock
from receiver.expectation import LOOKED_BACK, SEEN_WITHIN, absences
from receiver.hearing import Hearing
from receiver.present import Present
from receiver.silence import Absence, AbsenceKind
from receiver.store import Database, keep_absences, open_absences, unanswered

EVERY_S: Final = 60.0
_BEGUN: Final = {
    AbsenceKind.EVENTS: "source is silent for longer than it expects",
    AbsenceKind.CONFIRMATION: "publication was announced, and no other source has told of it",
    AbsenceKind.PUBLICATION: "publication was announced to be under way, and has not come",
}
_ENDED: Final = {
    AbsenceKind.EVENTS: "source is heard from again, or expected no more",
    AbsenceKind.CONFIRMATION: "announced publication was told of, or is awaited no more",
    AbsenceKind.PUBLICATION: "announced publication has come, or is awaited no more",
}

log = structlog.get_logger(__name__)


class Absences:
    """Keeps what is absent; of several nodes the one that finds a change first says so."""

    def __init__(self, database: Database, present: Present, hearing: Hearing, *, clock: Clock) -> None:
        self._database = database
        self._present = present
        self._hearing = hearing
        self._clock = clock

    async def do(self) -> None:
        """Look what is absent now."""
        absent = {(one.kind, one.subject): one for one in await self._look()}
        known = {
            (one.absence.kind, one.absence.subject): one.absence for one in await self._database.read(open_absences)
        }
        begun = [one for key, one in absent.items() if key not in known]
        ended = [one for key, one in known.items() if key not in absent]
        if not (begun or ended):
            return
        changes = await self._database.write(lambda conn: keep_absences(conn, begun=begun, ended=ended), settling=True)
        _report(log.warning, changes.begun, _BEGUN)
        _report(log.info, changes.ended, _ENDED)

    async def _look(self) -> Collection[Absence]:
        now, heard = self._clock(), await self._hearing.listed()
        announced = await self._database.read(
            lambda conn: unanswered(conn, after=now - LOOKED_BACK, before=now - SEEN_WITHIN)
        )
        return tuple(absences(self._present.config, heard, announced, now=now))


def _report(say: Callable[..., object], changed: Collection[Absence], words: dict[AbsenceKind, str]) -> None:
    """One log line for each change of state."""
    for one in changed:
        subject = "source" if one.kind is AbsenceKind.EVENTS else "event_id"
        say(words[one.kind], **{subject: one.subject}, since=one.since.isoformat(timespec="seconds"))
