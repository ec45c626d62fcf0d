"""The writer: threads that own the writing connections, one on SQLite, and put many units of work into one commit.

A flush to disk costs the same for one unit as for a hundred, so whatever has queued up while the last commit was under
way goes into the next. A unit is a plain function of the connection, or an item for a function that does many at once;
it may be run twice, so it changes nothing but the database. It is answered only when its commit is on disk.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from threading import Condition, Thread
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from receiver.errors import DiskError, StoreBusyError, StoreError
from receiver.failpoints import Failpoint, reach
from receiver.store import faults
from receiver.store.dialect import lock_all, renew
from receiver.store.patience import Patience

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Connection], Result]
WorkOnMany = Callable[[Connection, Sequence[Item]], Sequence[Result]]
"""Does in one call, with a result for each, what it would do for the items one after the other."""

QUEUE: Final = 1_000
"""How many units may wait; the settling of steps has as many places of its own."""
BATCH: Final = 128
"""How many units of each queue share a commit: more gain nothing [measured], and hold the first ones up."""
LIMIT_S: Final = 10.0
"""How long a unit is waited for."""
TRIES: Final = 3
"""How often a transaction is begun that another one was in the way of, or whose connection had gone stale."""


@dataclass(frozen=True, slots=True, eq=False)
class _Unit:
    """One piece of work, and where its result is awaited."""

    work: WorkOnMany[Any, Any]
    item: Any
    locks: Collection[str]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class _Answer:
    """What became of a unit: its result is in the database, or its fault kept it out."""

    unit: _Unit
    result: Any = None
    fault: Exception | None = None

    def give(self) -> None:
        """Hand it over, in the loop that waits for it."""
        if self.unit.future.done():  # its waiter has gone
            return
        if self.fault is not None:
            self.unit.future.set_exception(self.fault)
        else:
            self.unit.future.set_result(self.result)


class Writer:
    """Takes units of work and begins them in order of arrival, many at a time; each connection is a lane of its own."""

    def __init__(
        self,
        *connections: Connection,
        queue: int = QUEUE,
        batch: int = BATCH,
        limit_s: float = LIMIT_S,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        """Write through connections; `between` is called after every commit, once its units have their answers."""
        self._between = between
        self._patience = Patience(
            limit_s, fault=lambda: StoreBusyError(f"The database did not answer within {limit_s:g} s.")
        )
        self._loss: Exception | None = None
        self._queue, self._batch = queue, batch
        self._intake: deque[_Unit] = deque()
        self._settling: deque[_Unit] = deque()
        self._changed = Condition()
        self._is_closing = False
        self.is_well = True
        """Whether the last commit found the database able to take it."""
        self._written_at = time.monotonic()
        self._lanes = [
            Thread(target=self._work, args=(number, lane), name="store writer", daemon=True)
            for number, lane in enumerate(connections)
        ]
        for lane in self._lanes:
            lane.start()

    @property
    def idle_s(self) -> float:
        """How long ago the last commit succeeded."""
        return time.monotonic() - self._written_at

    async def write(self, work: Work[Result], *, settling: bool = False, locks: Collection[str] = ()) -> Result:
        """Do a unit of work and return once it is on disk; what it raises has changed nothing.

        `locks` are the names that it will lock: those of all units of a commit are locked together, before the first.
        """
        return await self.write_one_of_many(_each, work, settling=settling, locks=locks)

    async def write_one_of_many(
        self, work: WorkOnMany[Item, Result], item: Item, *, settling: bool = False, locks: Collection[str] = ()
    ) -> Result:
        """The same for an item: those for the same function that are next to each other are given to it together."""
        loop = asyncio.get_running_loop()
        unit = _Unit(work, item, locks, loop.create_future(), loop)
        self._put(unit, self._settling if settling else self._intake)
        result: Result = await self._patience.wait(unit.future)
        return result

    def close(self) -> None:
        """Finish what has been taken in, then end; blocks until then."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        for lane in self._lanes:
            lane.join()

    def _put(self, unit: _Unit, queue: deque[_Unit]) -> None:
        with self._changed:
            if self._loss is not None:
                raise self._loss
            if self._is_closing:
                raise StoreBusyError("The database is being closed.")
            if len(queue) >= self._queue:
                raise StoreBusyError(f"{len(queue)} writes are waiting for the disk already.")
            queue.append(unit)
            self._changed.notify_all()

    def _work(self, number: int, lane: Connection) -> None:
        try:
            while self._loss is None and (units := self._next(number)):
                _give(self._commit_all(lane, units))
                self._see_between()
        finally:
            self._refuse_the_rest()
            if self._loss is None:  # to close is to flush once more, which would seem to succeed
                lane.close()

    def _next(self, number: int) -> list[_Unit]:
        """The next units of a lane, those that settle steps first; none when it is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._line(number) or self._is_closing)
            units = [_taken(queue, self._batch) for queue in self._line(number)]
        return [unit for taken in units for unit in taken]

    def _line(self, number: int) -> Sequence[deque[_Unit]]:
        """What a lane does now. Several keep intake and settling apart, so that each locks all it needs at once.

        The first takes in, the others settle, and take in where it falls behind: many small commits cost more than a
        few large ones [measured].
        """
        if len(self._lanes) == 1:
            return [queue for queue in (self._settling, self._intake) if queue]
        if number > 0 and self._settling:
            return [self._settling]
        is_wanted = self._intake if number == 0 else len(self._intake) > self._batch
        return [self._intake] if is_wanted else []

    def _commit_all(self, lane: Connection, units: Sequence[_Unit]) -> list[_Answer]:
        """Commit all at once; when that fails, one by one, so that a bad unit fails alone."""
        awaited = [unit for unit in units if not unit.future.done()]
        try:
            return self._commit_firmly(lane, awaited)
        except Exception as exc:  # a unit may raise anything; whoever waits for it gets it
            if faults.is_misplaced(exc):
                renew(lane)
            if len(awaited) == 1 or faults.is_of_the_database(exc):
                return self._failed(awaited, exc)
        return [answer for unit in awaited for answer in self._commit_alone(lane, unit)]

    def _commit_alone(self, lane: Connection, unit: _Unit) -> list[_Answer]:
        try:
            return self._commit_firmly(lane, [unit])
        except Exception as exc:  # as above
            return self._failed([unit], exc)

    def _commit_firmly(self, lane: Connection, units: Sequence[_Unit]) -> list[_Answer]:
        """Commit, in another transaction when the first had to give way to somebody or found its connection stale."""
        for _ in range(TRIES - 1):
            try:
                return self._commit(lane, units)
            except faults.DATABASE_FAULTS as exc:
                if not faults.is_worth_repeating(exc):
                    raise
        return self._commit(lane, units)

    def _commit(self, lane: Connection, units: Sequence[_Unit]) -> list[_Answer]:
        with lane.begin():
            lock_all(lane, (name for unit in units for name in unit.locks))
            results = [result for alike in _alike(units) for result in _results(lane, alike)]
            reach(Failpoint.BEFORE_COMMIT)
        reach(Failpoint.AFTER_COMMIT)
        self.is_well, self._written_at = True, time.monotonic()
        return [_Answer(unit, result=result) for unit, result in zip(units, results, strict=True)]

    def _failed(self, units: Sequence[_Unit], exc: Exception) -> list[_Answer]:
        told = _caused(faults.told(exc), exc)
        if faults.is_of_the_database(exc):
            self.is_well = False
        if isinstance(told, DiskError):
            self._loss = told
        return [_Answer(unit, fault=told) for unit in units]

    def _see_between(self) -> None:
        try:
            self._between()
        except faults.DATABASE_FAULTS as exc:
            self._failed([], exc)

    def _refuse_the_rest(self) -> None:
        """Leave nobody waiting, should this thread ever end before its time."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
            left = [*self._settling, *self._intake]
            self._settling.clear()
            self._intake.clear()
        _give([_Answer(unit, fault=self._loss or StoreError("The writer has ended.")) for unit in left])


def _taken(queue: deque[_Unit], most: int) -> list[_Unit]:
    return [queue.popleft() for _ in range(min(most, len(queue)))]


def _alike(units: Sequence[_Unit]) -> Iterator[list[_Unit]]:
    """Parts of a line, in its order, that one function does."""
    return (list(alike) for _, alike in groupby(units, key=lambda unit: unit.work))


def _results(lane: Connection, alike: Sequence[_Unit]) -> Sequence[Any]:
    return alike[0].work(lane, [unit.item for unit in alike])


def _each(conn: Connection, works: Sequence[Work[Any]]) -> list[Any]:
    return [work(conn) for work in works]


def _caused(fault: Exception, exc: Exception) -> Exception:
    if fault is not exc:
        fault.__cause__ = faults.cause(exc)
    return fault


def _give(answers: Sequence[_Answer]) -> None:
    """Wake each loop once for all its answers: a wake-up is a system call."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Answer]] = {}
    for answer in answers:
        by_loop.setdefault(answer.unit.loop, []).append(answer)
    for loop, own in by_loop.items():
        with suppress(RuntimeError):  # the loop has been closed: nobody waits there any more
            loop.call_soon_threadsafe(_give_each, own)


def _give_each(answers: Sequence[_Answer]) -> None:
    for answer in answers:
        answer.give()
