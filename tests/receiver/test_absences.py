"""Looking for what is absent: said once when it begins and once when it ends, whatever is restarted meanwhile."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from receiver.absences import Absences
from receiver.config import Config, parse_config
from receiver.errors import StoreError
from receiver.hearing import Hearing
from receiver.ingest import Ingest
from receiver.model import Origin
from receiver.present import Present
from receiver.silence import AbsenceKind
from receiver.store import Database, hearings_of, open_absences, open_database
from tests.receiver.dispatching import FakeClock
from tests.receiver.relays import a_world
from tests.receiver.store.makers import an_event

pytestmark = pytest.mark.anyio

HOURLY = parse_config("sources: {genesys: {secrets: [A], expect_within: 1h}}", file="f")
BEGUN, ENDED = "source is silent for longer than it expects", "source is heard from again, or expected no more"


@dataclass
class Node:
    """One process on the database, with what it has logged."""

    database: Database
    clock: FakeClock
    present: Present
    logs: list[Mapping[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hearing = Hearing(self.database, self.present, clock=self.clock)
        self.absences = Absences(self.database, self.present, self.hearing, clock=self.clock)
        self.ingest = Ingest(
            self.database,
            lambda: self.present.config,
            clock=self.clock,
            new_id=lambda: an_event().id,
            wake=lambda: None,
            heard=lambda event, _: self.hearing.heard(event),
        )

    async def take(self, **changes: object) -> str:
        """Take in an event now; its id."""
        event = an_event(received_at=self.clock(), occurred_at=self.clock(), **changes)
        return (await self.ingest.take(event)).event_id

    async def look(self, *, after_s: float = 0) -> list[str]:
        """Do the chores of a node; what it logged."""
        self.clock.advance(after_s)
        with capture_logs() as logs:
            await self.hearing.write()
            await self.absences.do()
        self.logs += logs
        return [line["event"] for line in logs]

    async def kinds(self) -> list[AbsenceKind]:
        return [one.absence.kind for one in await self.database.read(open_absences)]


@asynccontextmanager
async def a_node(folder: Path, config: Config = HOURLY) -> AsyncIterator[Node]:
    async with open_database(f"sqlite:///{folder / 'receiver.db'}") as database:
        yield Node(database, FakeClock(), Present(config, {}))


def another(node: Node) -> Node:
    """A process that has just started on the same database."""
    return Node(node.database, node.clock, node.present)


async def test_silence_is_told_when_it_begins_and_when_it_ends(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        first = await node.look()
        begun = await node.look(after_s=3601)
        still = await node.look(after_s=60)
        await node.take()
        ended = await node.look(after_s=60)

    assert [first, begun, still, ended] == [[], [BEGUN], [], [ENDED]]
    assert [line["log_level"] for line in node.logs] == ["warning", "info"]
    assert node.logs[0]["source"] == "genesys"


async def test_another_node_and_one_that_starts_anew_say_it_no_more(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        await node.look()
        begun = await node.look(after_s=3601)

        assert (begun, await another(node).look()) == ([BEGUN], [])


async def test_a_repeated_event_counts_as_heard(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        await node.take(dedupe_key="same")
        await node.look(after_s=3000)
        await node.take(dedupe_key="same")

        assert await node.look(after_s=1000) == []


async def test_what_was_heard_outlives_the_process(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        await node.look()
        node.clock.advance(3000)
        await node.take()

        assert await another(node).look(after_s=1000) == []


async def test_a_source_is_watched_from_when_it_came_into_the_config(tmp_path: Path) -> None:
    async with a_node(tmp_path, parse_config("sources: {old: {secrets: [A]}}", file="f")) as node:
        await node.look()
        node.clock.advance(9000)
        node.present.put_in_force(HOURLY, {}, at=node.clock())

        assert [await node.look(), await node.look(after_s=3600), await node.look(after_s=1)] == [[], [], [BEGUN]]


async def test_nothing_is_written_where_nothing_was_heard(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        await node.look()
        async with open_database(f"sqlite:///{tmp_path / 'receiver.db'}", read_only=True) as reading:
            await Node(reading, node.clock, node.present).absences.do()
        await node.hearing.write()


async def test_what_could_not_be_written_is_written_the_next_time(tmp_path: Path) -> None:
    async with a_node(tmp_path) as node:
        event = an_event(received_at=node.clock())
        async with open_database(f"sqlite:///{tmp_path / 'receiver.db'}", read_only=True) as reading:
            hearing = Hearing(reading, node.present, clock=node.clock)
            hearing.heard(event)
            with pytest.raises(StoreError):
                await hearing.write()
            heard = await hearing.listed()

    assert heard["genesys"].last_event_at == event.received_at


async def test_an_announcement_that_no_other_source_confirms_is_told(tmp_path: Path) -> None:
    config = parse_config("sources: {genesys: {secrets: [A]}}", file="f")
    async with a_node(tmp_path, config) as node:
        await node.take(version_id="1.0")
        event_id = await node.take(origin=Origin.ANNOUNCE, version_id="2.0")
        early = await node.look(after_s=299)
        late = await node.look(after_s=1)
        kinds = await node.kinds()
        await node.take(version_id="2.0")
        seen = await node.look(after_s=60)

    assert (early, kinds) == ([], [AbsenceKind.CONFIRMATION])
    assert late == ["publication was announced, and no other source has told of it"]
    assert seen == ["announced publication was told of, or is awaited no more"]
    assert node.logs[0]["event_id"] == event_id


async def test_after_a_day_an_announcement_is_awaited_no_more(tmp_path: Path) -> None:
    async with a_node(tmp_path, parse_config("sources: {genesys: {secrets: [A]}}", file="f")) as node:
        await node.take(origin=Origin.ANNOUNCE, type="flow.version.publishing")
        begun = await node.look(after_s=301)
        ended = await node.look(after_s=86400)

    assert begun == ["publication was announced to be under way, and has not come"]
    assert ended == ["announced publication has come, or is awaited no more"]


async def test_a_relay_keeps_what_it_heard_at_its_end(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.send()

    async with open_database(f"sqlite:///{tmp_path / 'receiver.db'}", read_only=True) as database:
        heard = await database.read(hearings_of)

    assert heard["genesys"].last_told_at is not None
