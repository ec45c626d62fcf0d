import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event as Gate

import pytest
from sqlalchemy import Connection, func, insert, select, text

from receiver.errors import DiskError, NotFoundError, StoreBusyError, StoreError
from receiver.store import tables, upgrade_database
from receiver.store.engines import writing_engine
from receiver.store.writer import Writer
from tests.receiver.store.connecting import writing
from tests.receiver.store.makers import NOON

pytestmark = pytest.mark.anyio


class Stage:
    """A writer of small queues whose thread can be held up."""

    def __init__(self, connection: Connection, *, limit_s: float = 10.0) -> None:
        self.writer = Writer(connection, queue=2, batch=10, limit_s=limit_s)
        self._gates: list[Gate] = []

    async def hold(self) -> Callable[[], None]:
        """Keep the writer busy until the answer is called."""
        begun, gate = Gate(), Gate()
        self._gates.append(gate)

        def wait(_conn: Connection) -> None:
            begun.set()
            gate.wait(10)

        self.held = asyncio.ensure_future(self.writer.write(wait))
        await asyncio.to_thread(begun.wait, 10)
        return gate.set

    async def close(self) -> None:
        for gate in self._gates:
            gate.set()
        await asyncio.to_thread(self.writer.close)


@pytest.fixture
async def stage(url: str, anyio_backend: str) -> AsyncIterator[Stage]:
    upgrade_database(url)
    with writing(url) as engine:
        opened = Stage(engine.connect())
        yield opened
        await opened.close()


def add(digest: str) -> Callable[[Connection], str]:
    def work(conn: Connection) -> str:
        conn.execute(insert(tables.configs), {"digest": digest, "text": "", "loaded_at": NOON})
        return digest

    return work


def transaction(conn: Connection) -> int:
    """Which transaction this is: one number for all units that share it."""
    return id(conn.get_transaction())


def fail(_conn: Connection) -> None:
    raise NotFoundError("There is no such thing.")


def digests(conn: Connection) -> list[str]:
    return list(conn.execute(select(tables.configs.c.digest).order_by(tables.configs.c.digest)).scalars())


async def queued(stage: Stage, *works: Callable[[Connection], object], settling: bool = False) -> list[object]:
    """What becomes of units that queue up while the writer is busy: results and faults."""
    release = await stage.hold()
    waiting = [asyncio.ensure_future(stage.writer.write(work, settling=settling)) for work in works]
    await asyncio.sleep(0)
    release()
    return list(await asyncio.gather(*waiting, return_exceptions=True))


async def test_units_that_queue_up_share_a_commit(stage: Stage) -> None:
    first, second = await queued(stage, transaction, transaction)

    assert first == second


async def test_a_bad_unit_fails_alone(stage: Stage) -> None:
    good, bad = await queued(stage, add("good"), fail)

    assert good == "good"
    assert isinstance(bad, NotFoundError)
    assert await stage.writer.write(digests) == ["good"]


async def test_what_a_bad_unit_wrote_is_undone(stage: Stage) -> None:
    def half(conn: Connection) -> None:
        add("half")(conn)
        fail(conn)

    with pytest.raises(NotFoundError):
        await stage.writer.write(half)

    assert await stage.writer.write(digests) == []


async def test_a_full_queue_refuses(stage: Stage) -> None:
    *_, third = await queued(stage, transaction, transaction, transaction)

    assert isinstance(third, StoreBusyError)
    assert "2 writes are waiting" in str(third)


async def test_a_flooded_intake_leaves_settling_its_places(stage: Stage) -> None:
    release = await stage.hold()
    flood = [asyncio.ensure_future(stage.writer.write(transaction)) for _ in range(2)]
    await asyncio.sleep(0)

    settled = asyncio.ensure_future(stage.writer.write(add("settled"), settling=True))
    await asyncio.sleep(0)
    release()

    assert await settled == "settled"
    await asyncio.gather(*flood)


async def test_settling_comes_first(stage: Stage) -> None:
    release = await stage.hold()
    order: list[str] = []
    intake = asyncio.ensure_future(stage.writer.write(lambda _conn: order.append("intake")))
    await asyncio.sleep(0)
    settling = asyncio.ensure_future(stage.writer.write(lambda _conn: order.append("settling"), settling=True))
    await asyncio.sleep(0)
    release()

    await asyncio.gather(intake, settling)

    assert order == ["settling", "intake"]


async def test_a_unit_that_nobody_waits_for_is_left_out(stage: Stage) -> None:
    release = await stage.hold()
    waiting = asyncio.ensure_future(stage.writer.write(add("abandoned")))
    await asyncio.sleep(0)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    release()

    assert await stage.writer.write(digests) == []


async def test_a_unit_that_waited_too_long_is_left_out(url: str) -> None:
    upgrade_database(url)
    with writing(url) as engine:
        stage = Stage(engine.connect(), limit_s=0.0)
        release = await stage.hold()

        with pytest.raises(StoreBusyError, match="did not answer within 0 s"):
            await stage.writer.write(add("late"))
        release()
        await asyncio.gather(stage.held, return_exceptions=True)
        await stage.close()

        with engine.connect() as conn:
            assert digests(conn) == []


async def test_items_for_one_function_are_given_to_it_together(stage: Stage) -> None:
    release = await stage.hold()
    given: list[list[str]] = []

    def count(_conn: Connection, items: Sequence[str]) -> list[int]:
        given.append(list(items))
        return [len(item) for item in items]

    works = [stage.writer.write_one_of_many(count, item) for item in ("a", "bb")]
    waiting = [asyncio.ensure_future(work) for work in works]
    await asyncio.sleep(0)
    release()

    assert await asyncio.gather(*waiting) == [1, 2]
    assert given == [["a", "bb"]]


async def test_a_bad_item_fails_alone(stage: Stage) -> None:
    release = await stage.hold()

    def add_all(conn: Connection, names: Sequence[str]) -> list[object]:
        works = {"bad": fail, "good": add("good")}
        return [works[name](conn) for name in names]

    works = [stage.writer.write_one_of_many(add_all, item) for item in ("good", "bad")]
    waiting = [asyncio.ensure_future(work) for work in works]
    await asyncio.sleep(0)
    release()
    good, bad = await asyncio.gather(*waiting, return_exceptions=True)

    assert good == "good"
    assert isinstance(bad, NotFoundError)
    assert await stage.writer.write(digests) == ["good"]


async def test_closing_finishes_what_was_taken_in(stage: Stage, url: str) -> None:
    release = await stage.hold()
    waiting = asyncio.ensure_future(stage.writer.write(add("last")))
    await asyncio.sleep(0)
    release()

    await stage.close()

    assert await waiting == "last"
    with writing(url) as engine, engine.connect() as conn:
        assert digests(conn) == ["last"]


async def test_a_closed_writer_refuses(stage: Stage) -> None:
    await stage.close()

    with pytest.raises(StoreBusyError, match="being closed"):
        await stage.writer.write(transaction)


async def test_a_full_disk_refuses_and_is_recovered_from(stage: Stage, path: Path) -> None:
    await stage.writer.write(lambda conn: conn.execute(text("PRAGMA max_page_count = 1")).all())
    with pytest.raises(StoreBusyError, match="database or disk is full"):
        await stage.writer.write(add("x" * 100_000))
    was_well = stage.writer.is_well

    await stage.writer.write(lambda conn: conn.execute(text("PRAGMA max_page_count = 1000000")).all())
    await stage.writer.write(add("after"))

    assert not was_well
    assert stage.writer.is_well
    assert await stage.writer.write(digests) == ["after"]


def flush_failing(_conn: Connection | None = None) -> None:
    fault = sqlite3.OperationalError("disk I/O error")
    fault.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    raise fault


async def test_after_a_flush_that_failed_nothing_more_is_taken_in(stage: Stage) -> None:
    lost, waiting = await queued(stage, flush_failing, add("behind"))

    assert [type(fault) for fault in (lost, waiting)] == [DiskError, DiskError]
    assert not stage.writer.is_well
    with pytest.raises(DiskError, match="did not keep what it was given"):
        await stage.writer.write(add("later"))


async def test_what_is_seen_to_between_commits_comes_after_the_answer(path: Path) -> None:
    gate = Gate()
    writer = Writer(a_connection(path), between=lambda: assert_set(gate))

    assert await writer.write(add("first")) == "first"
    gate.set()
    assert await writer.write(add("second")) == "second"
    await asyncio.to_thread(writer.close)


async def test_a_flush_that_fails_between_commits_ends_it_too(path: Path) -> None:
    writer = Writer(a_connection(path), between=flush_failing)
    await writer.write(add("first"))

    await asyncio.to_thread(writer.close)

    with pytest.raises(DiskError):
        await writer.write(add("second"))


def a_connection(path: Path) -> Connection:
    upgrade_database(f"sqlite:///{path}")
    return writing_engine(path).connect()


def assert_set(gate: Gate) -> None:
    assert gate.wait(10)


async def test_a_fault_of_the_statement_names_no_values(stage: Stage) -> None:
    await stage.writer.write(add("known-secret"))

    with pytest.raises(StoreError) as caught:
        await stage.writer.write(add("known-secret"))

    assert re.search(r"UNIQUE constraint failed: configs.digest|unique constraint \"pk_configs\"", str(caught.value))
    assert "known-secret" not in f"{caught.value!r} {caught.value.__cause__!r}"


async def test_units_run_in_order_of_arrival(stage: Stage) -> None:
    await queued(stage, add("1"), add("2"))

    assert (
        await stage.writer.write(lambda conn: conn.execute(select(func.count(tables.configs.c.digest))).scalar()) == 2
    )
