"""Retention at work: what is old or too much goes in small writes, whatever the clock says and whoever else does it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random

import pytest
import structlog

from receiver import store
from receiver.aging import BATCH, Aging
from receiver.config import Retention
from receiver.model import EventFilter, EventRecord
from receiver.store import Database, open_database
from receiver.sweep import Chore, Sweep
from tests.receiver.store.makers import NOON, a_plan, an_event

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
KIB = 1024
FOREVER = Retention(events_s=None, bodies_s=None, max_bytes=None)


@dataclass
class Stage:
    """A database, a clock to turn, and what was rested."""

    database: Database
    now: datetime = NOON
    rests: list[float] = field(default_factory=list)
    chance: Random = field(default_factory=lambda: Random(1))  # noqa: S311 - for bodies that cannot be packed

    def aging(self, rules: Retention) -> Aging:
        return Aging(self.database, lambda: rules, clock=lambda: self.now, sleep=self.rest)

    async def rest(self, seconds: float) -> None:
        self.rests.append(seconds)

    async def add(self, number: int, *, size: int = 100, kind: str = "flow.deleted") -> None:
        for _ in range(number):
            event = an_event(type=kind, received_at=self.now, body=self.chance.randbytes(size))
            await self.database.write(partial(store.record, event=event, plan=a_plan(), now=self.now))

    async def kept(self) -> tuple[EventRecord, ...]:
        page = await self.database.read(lambda conn: store.list_events(conn, EventFilter(), cursor=None, limit=10_000))
        return page.items

    async def bodies(self) -> int:
        records = [
            await self.database.read(partial(store.get_event, event_id=record.event.id)) for record in await self.kept()
        ]
        return sum(1 for record in records if record.event.body)


@pytest.fixture
async def stage(url: str, anyio_backend: str) -> AsyncIterator[Stage]:
    async with open_database(url) as database:
        yield Stage(database)


async def test_by_default_events_go_after_400_days_and_bodies_after_30(stage: Stage) -> None:
    aging = stage.aging(Retention())
    await stage.add(3)

    seen = []
    for days in (29, 2, 368, 2):
        stage.now += days * DAY
        await aging.do()
        seen.append((len(await stage.kept()), await stage.bodies()))

    assert seen == [(3, 3), (3, 0), (3, 0), (0, 0)]


async def test_what_is_to_stay_for_ever_stays(stage: Stage) -> None:
    await stage.add(3)
    stage.now += 10_000 * DAY

    await stage.aging(FOREVER).do()

    assert (len(await stage.kept()), await stage.bodies()) == (3, 3)


async def test_many_go_in_small_writes_with_rests(stage: Stage) -> None:
    await stage.add(2 * BATCH + 1)
    stage.now += 500 * DAY

    await stage.aging(replace(FOREVER, events_s=DAY.total_seconds())).do()

    assert await stage.kept() == ()
    assert len(stage.rests) == 3


async def test_at_a_stop_no_further_write_is_begun(stage: Stage) -> None:
    await stage.add(2 * BATCH + 1)
    stage.now += 2 * DAY

    async def stop_for_ever(_: float) -> None:
        sweep.stop()
        await asyncio.Event().wait()

    rules = replace(FOREVER, events_s=DAY.total_seconds())
    aging = Aging(stage.database, lambda: rules, clock=lambda: stage.now, sleep=stop_for_ever)
    sweep = Sweep([Chore(name="aging", every_s=60.0, do=aging.do)])
    async with asyncio.timeout(10):
        await sweep.run()

    assert len(await stage.kept()) == BATCH + 1


async def test_over_its_size_the_oldest_go_until_the_rest_fits(stage: Stage) -> None:
    for _ in range(3):
        await stage.add(BATCH, size=10 * KIB)
        stage.now += DAY
    aging = stage.aging(replace(FOREVER, max_bytes=1_600 * KIB))

    with structlog.testing.capture_logs() as said:
        await aging.do()

    assert {record.event.received_at for record in await stage.kept()} == {NOON + DAY, NOON + 2 * DAY}
    assert (aging.fill or 2) <= 1
    assert [line["log_level"] for line in said] == ["warning", "info"]


async def test_it_warns_once_from_80_percent_on(stage: Stage) -> None:
    await stage.add(50, size=10 * KIB)
    size = await stage.database.read(store.size_of)
    aging = stage.aging(replace(FOREVER, max_bytes=round(size / 0.85)))

    with structlog.testing.capture_logs() as said:
        await aging.do()
        await aging.do()

    assert [line["event"] for line in said] == ["the database becomes full: beyond max_size the oldest events go"]
    assert len(await stage.kept()) == 50


async def test_what_may_not_go_does_not_keep_it_trying(stage: Stage) -> None:
    await stage.add(1, kind="flow.version.published", size=500 * KIB)

    await stage.aging(replace(FOREVER, max_bytes=100 * KIB)).do()

    assert len(await stage.kept()) == 1


async def test_two_nodes_at_once_do_no_harm(stage: Stage) -> None:
    await stage.add(3 * BATCH)
    stage.now += 500 * DAY

    await asyncio.gather(*(stage.aging(Retention()).do() for _ in range(2)))

    assert await stage.kept() == ()


async def test_a_body_that_was_needed_goes_at_the_next_round_of_the_day_after(stage: Stage) -> None:
    aging = stage.aging(replace(FOREVER, bodies_s=DAY.total_seconds()))
    await stage.add(2)
    stage.now += 2 * DAY
    await aging.do()
    stage.now -= 2 * DAY
    await stage.add(1)  # one that was not seen to when the others were
    stage.now += 3 * DAY

    await aging.do()

    assert await stage.bodies() == 0
