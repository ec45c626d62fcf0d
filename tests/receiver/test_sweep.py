"""Chores are done again and again, and no fault of one ends it or another."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from receiver.errors import StoreBusyError
from receiver.sweep import Chore, Sweep

pytestmark = pytest.mark.anyio
LIMIT_S = 5


class Rests:
    """Notes how long is rested; the last rest that is allowed never ends."""

    def __init__(self, *, most: int) -> None:
        self.taken_s: list[float] = []
        self.is_over = asyncio.Event()
        self._most = most

    async def __call__(self, seconds: float) -> None:
        self.taken_s.append(seconds)
        if len(self.taken_s) >= self._most:
            self.is_over.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)


class Work:
    """Something that takes until it may end, and notes how far it came."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.is_begun, self.may_end = asyncio.Event(), asyncio.Event()

    async def do(self) -> float:
        self.done.append("begun")
        self.is_begun.set()
        await self.may_end.wait()
        self.done.append("ended")
        return 0.0


def a_chore(do: Callable[[], Awaitable[float | None]], *, name: str = "dust") -> Chore:
    return Chore(name=name, every_s=60.0, do=do)


async def swept(*chores: Chore, rests: Rests) -> None:
    """Run chores until the last rest, then stop."""
    sweep = Sweep(chores, sleep=rests)
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        group.create_task(sweep.run())
        await rests.is_over.wait()
        sweep.stop()


@asynccontextmanager
async def a_stop_amid(work: Work, *, has_grace: bool, grace_s: float = LIMIT_S) -> AsyncIterator[None]:
    """A sweep that is told to stop while it is at work; it has ended afterwards."""
    sweep = Sweep([Chore(name="work", every_s=60.0, do=work.do, has_grace=has_grace)], grace_s=grace_s)
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as group:
        group.create_task(sweep.run())
        await work.is_begun.wait()
        sweep.stop()
        yield


async def test_a_chore_is_done_at_once_and_again_after_each_rest() -> None:
    done: list[str] = []
    rests = Rests(most=3)

    async def dust() -> None:
        done.append("dust")

    await swept(a_chore(dust), rests=rests)

    assert done == ["dust"] * 3
    assert rests.taken_s == [60.0] * 3


async def test_a_chore_says_when_it_wants_to_be_done_next() -> None:
    rests = Rests(most=1)

    async def dust() -> float:
        return 0.0

    await swept(a_chore(dust), rests=rests)

    assert rests.taken_s == [0.0]


async def test_a_chore_that_takes_long_holds_no_other_up_and_ends_with_the_sweep() -> None:
    rests = Rests(most=2)

    async def brood() -> None:
        await asyncio.Event().wait()

    async def dust() -> None:
        pass

    await swept(a_chore(brood, name="brood"), a_chore(dust), rests=rests)

    assert len(rests.taken_s) == 2


async def test_what_has_its_grace_may_end_at_a_stop_and_is_not_begun_again() -> None:
    work = Work()
    async with a_stop_amid(work, has_grace=True):
        work.may_end.set()

    assert work.done == ["begun", "ended"]


async def test_what_has_not_ended_within_its_grace_is_broken_off() -> None:
    work = Work()
    async with a_stop_amid(work, has_grace=True, grace_s=0.0):
        pass

    assert work.done == ["begun"]


async def test_without_grace_what_is_under_way_is_broken_off_at_once() -> None:
    work = Work()
    async with a_stop_amid(work, has_grace=False):
        pass

    assert work.done == ["begun"]


async def test_a_fault_is_outlived_and_logged_once() -> None:
    rests = Rests(most=4)
    answers = iter([StoreBusyError("The disk is full."), StoreBusyError("The disk is full."), None, None])

    async def dust() -> None:
        fault = next(answers)
        if fault is not None:
            raise fault

    with capture_logs() as logs:
        await swept(a_chore(dust), rests=rests)

    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("chore failed, and will be tried again", "warning"),
        ("chore works again", "info"),
    ]
    assert rests.taken_s == [60.0] * 4


async def test_a_fault_of_our_own_is_an_error_without_its_words() -> None:
    rests = Rests(most=1)

    async def dust() -> None:
        raise ValueError("the token is s3cret")

    with capture_logs() as logs:
        await swept(a_chore(dust), rests=rests)

    assert [line["log_level"] for line in logs] == ["error"]
    assert "s3cret" not in str(logs)
