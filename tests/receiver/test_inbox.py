"""A flood is kept first and recorded in its order, whatever happens in between."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection
from structlog.testing import capture_logs

from receiver.config import Config, Pipeline, Rule, Source
from receiver.delivery import Delivery
from receiver.errors import StoreBusyError, StoreError
from receiver.inbox import FEW, FLOOD, PAUSE_S, REST_S, Inbox
from receiver.ingest import Ingest
from receiver.model import Arrival, EventFilter, NewStep, Plan, Recorded
from receiver.store import Database, count_aside, count_waiting, get_event, list_events, open_database, set_oldest_aside
from receiver.store.inbox import MOST_BYTES
from tests.receiver.dispatching import Item, Result, Stumbling
from tests.receiver.relays import a_world, provisions
from tests.receiver.store.connecting import POSTGRESQL_ONLY
from tests.receiver.store.makers import NOON, an_event
from tests.receiver.web.house import a_house, signed_in

pytestmark = pytest.mark.anyio

ALONE = b"x" * MOST_BYTES
"""A body that is recorded by itself."""
GENESYS = Source(name="genesys")
CONFIG = Config(
    pipelines=(Pipeline(name="deploy", rule=Rule(), steps=(NewStep(name="call", target="http", kind="http"),)),)
)


def a_flood(number: int) -> list[bytes]:
    """Bodies that tell of the versions of one flow."""
    data = {"flowId": "f"}
    return [
        json.dumps(
            {"id": f"{each:03}", "event": "flow.version.published", "data": data | {"versionId": f"{each}.0"}}
        ).encode()
        for each in range(number)
    ]


@dataclass(kw_only=True)
class Stage:
    """An ingest on a file, whose inbox nobody empties yet."""

    database: Database
    ingest: Ingest
    woken: list[None] = field(default_factory=list)

    async def accept(self, *bodies: bytes) -> list[Recorded]:
        """Take in all at once."""
        accept = partial(self.ingest.accept, source=GENESYS, headers={}, secret="S")
        return await asyncio.gather(*(accept(body) for body in bodies))

    async def recorded(self) -> list[str]:
        """The dedupe keys of all events, in the order in which they were recorded."""
        wanted = partial(list_events, wanted=EventFilter(), cursor=None, limit=500)
        page = await self.database.read(wanted)
        return [record.event.dedupe_key for record in reversed(page.items)]

    async def followed(self) -> list[str]:
        """The versions of the flow, in the order in which they count as having gone live."""
        wanted = partial(list_events, wanted=EventFilter(), cursor=None, limit=500)
        told = [record.publication for record in (await self.database.read(wanted)).items if record.publication]
        return [one.version_id for one in sorted(told, key=lambda one: one.number)]


@asynccontextmanager
async def a_stage(folder: Path | str) -> AsyncIterator[Stage]:
    url = folder if isinstance(folder, str) else f"sqlite:///{folder / 'receiver.db'}"
    given, woken = provisions(), list[None]()
    async with open_database(url) as database:
        ingest = Ingest(
            database, lambda: CONFIG, clock=given.clock, new_id=given.new_id, wake=lambda: woken.append(None)
        )
        yield Stage(database=database, ingest=ingest, woken=woken)


@asynccontextmanager
async def running(inbox: Inbox) -> AsyncIterator[None]:
    """Its loop, which is told to stop at the end."""
    async with asyncio.TaskGroup() as group:
        group.create_task(inbox.run())
        yield
        inbox.stop()


async def emptied(inbox: Inbox) -> None:
    async with asyncio.timeout(10), running(inbox):
        await inbox.wait_until_empty()


async def test_a_flood_is_answered_once_it_is_kept_and_recorded_after_that(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        answered = await stage.accept(*a_flood(40))
        before, waiting = await stage.recorded(), await stage.database.read(count_waiting)
        woken_before = len(stage.woken)
        await emptied(stage.ingest.inbox)
        record = await stage.database.read(lambda conn: get_event(conn, answered[-1].event_id))
        after, versions = await stage.recorded(), await stage.followed()

    assert (len(before), waiting) == (FLOOD, 40 - FLOOD)
    assert after == [f"{number:03}" for number in range(40)]
    assert versions == [f"{number}.0" for number in range(40)]
    assert (record.event.dedupe_key, len(record.runs)) == ("039", 1)
    assert (woken_before, len(stage.woken)) == (FLOOD, 40)


async def test_what_comes_after_a_flood_waits_behind_it(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        *flood, last = a_flood(30)
        await stage.accept(*flood)
        await stage.accept(last)
        waiting = await stage.database.read(count_waiting)
        await emptied(stage.ingest.inbox)
        versions = await stage.followed()
        await stage.accept(b'{"id": "quiet again"}')
        at_once = await stage.recorded()

    assert waiting == 30 - FLOOD
    assert versions == [f"{number}.0" for number in range(30)]
    assert at_once[-1] == "quiet again"


async def test_what_comes_by_another_way_waits_for_what_came_before(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await stage.accept(*a_flood(30))
        found = asyncio.create_task(stage.ingest.take(an_event(flow_id="f", version_id="99.0")))
        baseline = asyncio.create_task(stage.ingest.keep([an_event(flow_id="f", version_id="100.0")], reason="x"))
        await asyncio.wait([found, baseline], timeout=0)
        waits = not found.done() and not baseline.done()
        await emptied(stage.ingest.inbox)
        await asyncio.gather(found, baseline)
        versions = await stage.followed()

    assert waits
    assert versions == [*(f"{number}.0" for number in range(30)), "99.0", "100.0"]


async def test_who_waits_for_a_turn_waits_for_nothing_that_comes_later(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        letting = Letting(stage.database, looks=3)
        inbox, found = an_inbox(letting)
        await put(inbox, "1", "2", "3", body=ALONE)
        turn = asyncio.create_task(inbox.wait_for_turn())
        await asyncio.wait([turn], timeout=0)
        await put(inbox, "4", "5", "6", body=ALONE)
        async with asyncio.timeout(10), running(inbox):
            await turn
            recorded, left = [*found], inbox.size
            letting.let(looks=10)

    assert (recorded, left) == (["1", "2", "3"], 3)


async def test_who_wants_the_inbox_empty_is_told_when_that_takes_too_long(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        inbox, _ = an_inbox(stage.database, patience_s=0)
        await put(inbox, "1", "2")
        with pytest.raises(StoreBusyError, match="2 deliveries are to be recorded first"):
            await inbox.wait_until_empty()


async def test_what_an_earlier_process_has_left_is_recorded_before_anything_else(tmp_path: Path) -> None:
    *flood, last = a_flood(30)
    async with a_stage(tmp_path) as stage:
        await stage.accept(*flood)
    async with a_stage(tmp_path) as stage:
        await stage.ingest.inbox.open()
        await stage.accept(last)
        await emptied(stage.ingest.inbox)
        versions = await stage.followed()

    assert versions == [f"{number}.0" for number in range(30)]


async def test_where_nobody_serves_what_was_left_is_recorded_at_once(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        await stage.accept(*a_flood(30))
    async with a_stage(tmp_path) as stage:
        await stage.ingest.inbox.finish()
        found = await stage.recorded()

    assert len(found) == 30


async def test_at_a_stop_what_waits_is_recorded(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        async with running(stage.ingest.inbox):
            await stage.accept(*a_flood(300))
        found = await stage.recorded()

    assert len(found) == 300


@pytest.mark.parametrize(*POSTGRESQL_ONLY, indirect=True)
async def test_where_several_may_write_nothing_is_kept_first(url: str) -> None:
    async with a_stage(url) as stage:
        await stage.accept(*a_flood(20))
        found, waiting = await stage.recorded(), await stage.database.read(count_waiting)

    assert (len(found), waiting) == (20, 0)


async def test_who_asks_for_an_event_that_waits_is_told_to_ask_again(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.relay.ingest.inbox.stop()
        answers = await asyncio.gather(*(world.send(body) for body in a_flood(20)))
        with pytest.raises(StoreBusyError, match=r"is recorded once \d+ others are; ask again"):
            await world.relay.database.read(lambda conn: get_event(conn, answers[-1].json()["id"]))
        metrics = await world.client.get("/metrics")

    assert {answer.status_code for answer in answers} == {202}
    assert f'flowrelay_inbox_deliveries{{state="waiting"}} {20 - FLOOD}.0' in metrics.text


async def test_the_page_of_events_tells_of_what_waits_and_of_what_cannot_be_recorded(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        world = house.world
        world.relay.ingest.inbox.stop()
        await asyncio.gather(*(world.send(body) for body in a_flood(20)))
        await world.relay.database.write(partial(set_oldest_aside, fault="ZeroDivisionError"))
        await signed_in(house)
        page = await house.inside.get("/")

    assert f"{20 - FLOOD} more have come in, to be listed once recorded." in page.text
    assert "One delivery could not be recorded." in page.text


class Rests:
    """Notes how long it was asked to rest, and lets something happen then."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.asked: list[float] = []
        self._then = then

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        self._then()
        await asyncio.sleep(0)


def an_inbox(
    database: Database,
    *,
    rests: Rests | None = None,
    bad: Sequence[str] = (),
    refused: Sequence[str] = (),
    most: int = 1000,
    most_bytes: int = 10**9,
    patience_s: float = 10.0,
) -> tuple[Inbox, list[str]]:
    """An inbox, and the ids of what it has recorded; of some ids it cannot, and some the database refuses."""
    given, found = provisions(), list[str]()

    def arrival_of(delivery: Delivery) -> Arrival:
        if delivery.id in bad:
            raise ZeroDivisionError
        event_id = "0" if delivery.id in refused else delivery.id
        event = an_event(id=event_id, dedupe_key=delivery.id, flow_id=delivery.id)
        return Arrival(event=event, plan=Plan(), at=NOON)

    inbox = Inbox(
        database,
        arrival_of,
        new_id=given.new_id,
        recorded=lambda event, _: found.append(event.id),
        sleep=rests or Rests(),
        most=most,
        most_bytes=most_bytes,
        patience_s=patience_s,
    )
    return inbox, found


async def put(inbox: Inbox, *ids: str, body: bytes = b"{}") -> list[Recorded]:
    deliveries = [Delivery(id=each, source="genesys", received_at=NOON, body=body) for each in ids]
    return await asyncio.gather(*(inbox.put(one, dedupe_key=one.id) for one in deliveries))


async def test_large_ones_are_recorded_like_any(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        inbox, found = an_inbox(stage.database)
        await put(inbox, "1", "2", "3", body=ALONE)
        await emptied(inbox)

    assert found == ["1", "2", "3"]


async def test_one_that_cannot_be_recorded_is_set_aside_and_stops_no_other(tmp_path: Path) -> None:
    with capture_logs() as lines:
        async with a_stage(tmp_path) as stage:
            inbox, found = an_inbox(stage.database, bad=("3",))
            await put(inbox, *map(str, range(10)))
            await emptied(inbox)
            aside = await stage.database.read(count_aside)

    assert found == ["0", "1", "2", "4", "5", "6", "7", "8", "9"]
    assert aside == 1
    [line] = [line for line in lines if line["log_level"] == "error"]
    assert line["event"] == "a delivery could not be recorded, and was set aside"
    assert line["fault"].startswith("ZeroDivisionError in ")


async def test_one_that_the_database_refuses_is_set_aside_too(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        inbox, found = an_inbox(stage.database, refused=("3",))
        await put(inbox, *map(str, range(5)))
        await emptied(inbox)
        aside = await stage.database.read(count_aside)

    assert (found, aside) == (["0", "1", "2", "4"], 1)


async def test_at_a_stop_one_that_cannot_be_recorded_stops_no_other(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        inbox, found = an_inbox(stage.database, bad=("3",))
        await put(inbox, *map(str, range(10)))
        inbox.stop()
        async with asyncio.timeout(10):
            await inbox.run()
        aside = await stage.database.read(count_aside)

    assert (len(found), aside) == (9, 1)


async def test_where_nobody_serves_a_database_that_is_busy_is_told_at_once(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        stumbling = Stumbling(stage.database, times=0)
        inbox, _ = an_inbox(stumbling)
        await put(inbox, "1")
        stumbling.left = 3
        with pytest.raises(StoreBusyError):
            await inbox.finish()


async def test_while_the_database_is_busy_it_waits_and_says_so_once(tmp_path: Path) -> None:
    rests = Rests()
    with capture_logs() as lines:
        async with a_stage(tmp_path) as stage:
            stumbling = Stumbling(stage.database, times=0)
            inbox, found = an_inbox(stumbling, rests=rests)
            await put(inbox, "1", "2")
            stumbling.left = 3
            await emptied(inbox)

    assert found == ["1", "2"]
    assert rests.asked == [REST_S] * 3
    assert [line["log_level"] for line in lines] == ["warning", "info"]


async def test_a_delivery_that_could_not_be_kept_does_not_count(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        inbox, found = an_inbox(Refusing(stage.database))
        with pytest.raises(StoreBusyError):
            await inbox.put(Delivery(id="1", source="genesys", received_at=NOON, body=b"{}"), dedupe_key="1")
        await emptied(inbox)

    assert (found, inbox.size) == ([], 0)


async def test_a_delivery_that_is_kept_after_nobody_waited_for_it_any_more_is_recorded(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        inbox, found = an_inbox(KeepingLate(stage.database))
        late = asyncio.create_task(put(inbox, "1"))
        await asyncio.wait([late], timeout=0)
        await emptied(inbox)
        with pytest.raises(StoreBusyError):
            await late

    assert found == ["1"]


async def test_a_flood_has_some_time_for_itself_before_the_next_are_recorded(tmp_path: Path) -> None:
    rests = Rests()
    async with a_stage(tmp_path) as stage:
        inbox, found = an_inbox(stage.database, rests=rests)
        async with running(inbox):
            await put(inbox, *map(str, range(FEW)))
        assert len(found) == FEW

    assert rests.asked[0] == PAUSE_S


async def test_a_crowded_inbox_is_emptied_without_a_pause(tmp_path: Path) -> None:
    rests = Rests()
    async with a_stage(tmp_path) as stage:
        inbox, found = an_inbox(stage.database, rests=rests, most=FEW)
        async with running(inbox):
            await put(inbox, *map(str, range(FEW)))
        assert len(found) == FEW

    assert rests.asked == []


async def test_who_comes_to_a_full_inbox_waits_for_room(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        inbox, found = an_inbox(stage.database, most=10)
        await put(inbox, *map(str, range(10)))
        before = await kept_before_there_is_room(stage.database, inbox, "late", "later")

    assert before == 10
    assert found == [*map(str, range(10)), "late", "later"]


async def test_large_bodies_fill_it_sooner(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        inbox, found = an_inbox(stage.database, most_bytes=4)
        await put(inbox, "1", "2")
        before = await kept_before_there_is_room(stage.database, inbox, "late")

    assert before == 2
    assert found == ["1", "2", "late"]


async def kept_before_there_is_room(database: Database, inbox: Inbox, *late: str) -> int:
    """How many are kept while more want to come in; at the end all have come in and are recorded."""
    coming = asyncio.create_task(put(inbox, *late))
    await asyncio.wait([coming], timeout=0)
    before = await database.read(count_waiting)
    await emptied(inbox)
    await coming
    await emptied(inbox)
    return before


async def test_a_damaged_database_is_no_fault_of_a_delivery(tmp_path: Path) -> None:
    rests = Rests()
    async with a_stage(tmp_path) as stage:
        damaged = Stumbling(stage.database, times=0, fault=StoreError("The database refuses: malformed."))
        inbox, found = an_inbox(damaged, rests=rests)
        await put(inbox, "1", "2")
        damaged.left = 2
        await emptied(inbox)
        aside = await stage.database.read(count_aside)

    assert (found, aside) == (["1", "2"], 0)
    assert rests.asked == [REST_S] * 2


async def test_who_finds_no_room_in_time_is_told_to_come_again(tmp_path: Path) -> None:
    async with a_stage(tmp_path) as stage:
        inbox, _ = an_inbox(stage.database, most=1, patience_s=0)
        await put(inbox, "1")
        with pytest.raises(StoreBusyError, match=r"1 deliveries are to be recorded first; try again"):
            await put(inbox, "2")
        waiting = await stage.database.read(count_waiting)

    assert (waiting, inbox.size) == (1, 1)


class Refusing(Stumbling):
    """A database that keeps no delivery."""

    def __init__(self, inner: Database) -> None:
        super().__init__(inner, times=0)

    async def write_one_of_many(self, *_: object, **__: object) -> Recorded:  # type: ignore[override]
        raise StoreBusyError("full")


class Letting(Stumbling):
    """A database in which the inbox can be looked into so many times, and then when it is let again."""

    def __init__(self, inner: Database, *, looks: int) -> None:
        super().__init__(inner, times=0)
        self._looks = asyncio.Semaphore(looks)

    def let(self, *, looks: int) -> None:
        for _ in range(looks):
            self._looks.release()

    async def write(
        self, work: Callable[[Connection], Result], *, settling: bool = False, locks: Collection[str] = ()
    ) -> Result:
        await self._looks.acquire()
        return await super().write(work, settling=settling, locks=locks)


class KeepingLate(Stumbling):
    """A database that keeps a delivery while somebody looks for one, after its sender has been let go."""

    def __init__(self, inner: Database) -> None:
        super().__init__(inner, times=0)
        self._looked, self._kept = asyncio.Event(), asyncio.Event()

    async def write(
        self, work: Callable[[Connection], Result], *, settling: bool = False, locks: Collection[str] = ()
    ) -> Result:
        found = await super().write(work, settling=settling, locks=locks)
        self._looked.set()
        await self._kept.wait()
        return found

    async def write_one_of_many(
        self,
        work: Callable[[Connection, Sequence[Item]], Sequence[Result]],
        item: Item,
        *,
        locks: Collection[str] = (),
    ) -> Result:
        await self._looked.wait()
        await super().write_one_of_many(work, item, locks=locks)
        self._kept.set()
        raise StoreBusyError("The database did not answer within 10 s.")
