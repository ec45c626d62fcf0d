import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from receiver import store
from receiver.errors import OwnedError, StoreBusyError, StoreError
from receiver.model import EventFilter
from receiver.store import Database, engines, open_database, upgrade_database
from tests.receiver.postgres import Server
from tests.receiver.store.connecting import POSTGRESQL_ONLY, SQLITE_ONLY, writing
from tests.receiver.store.makers import NOON, a_plan, a_run, an_event

pytestmark = pytest.mark.anyio

sqlite_only = pytest.mark.parametrize(*SQLITE_ONLY, indirect=True)
postgresql_only = pytest.mark.parametrize(*POSTGRESQL_ONLY, indirect=True)

OPEN_AND_FAIL = """
import asyncio, sys, time
from receiver import store

async def main():
    async with store.open_database(sys.argv[1]) as database:
        await database.read(store.counts)
        print(time.monotonic(), flush=True)
        raise RuntimeError("the start failed")

asyncio.run(main())
"""
OPEN_AND_LEAVE = """
import asyncio, sys, time
from receiver import store

async def main():
    database = await store.open_database(sys.argv[1]).__aenter__()
    await asyncio.gather(*(database.read(store.counts) for _ in range(4)))
    print(time.monotonic(), flush=True)
    raise SystemExit(3)

asyncio.run(main())
"""


def pragma(conn: Connection, name: str) -> object:
    return conn.execute(text(f"PRAGMA {name}")).scalar_one()


def add_one(conn: Connection) -> None:
    store.record(conn, an_event(), a_plan(a_run()), now=NOON)


async def count(database: Database) -> int:
    page = await database.read(lambda conn: store.list_events(conn, EventFilter(), cursor=None, limit=100))
    return len(page.items)


async def test_what_was_written_is_read(database: Database) -> None:
    await database.write(add_one)

    assert await count(database) == 1
    assert (await database.read(store.counts)).due == 1


@postgresql_only
async def test_a_commit_is_confirmed_when_it_is_on_disk(database: Database) -> None:
    found = await database.write(lambda conn: conn.execute(text("SHOW synchronous_commit")).scalar_one())

    assert found == "on"


@postgresql_only
async def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError, match="read-only transaction"):
        await database.read(add_one)


@sqlite_only
async def test_a_commit_is_flushed_to_the_disk(database: Database) -> None:
    found = await database.write(lambda conn: [pragma(conn, name) for name in ("journal_mode", "synchronous")])

    assert found == ["wal", 2]


@sqlite_only
async def test_readers_cannot_write_and_never_checkpoint(database: Database) -> None:
    found = await database.read(lambda conn: [pragma(conn, name) for name in ("query_only", "wal_autocheckpoint")])

    assert found == [1, 0]
    with pytest.raises(StoreError, match=r"readonly.* Its file and its folder must be writable"):
        await database.read(add_one)


async def test_a_reader_sees_one_state_of_things(database: Database, url: str) -> None:
    def configs(conn: Connection) -> list[object]:
        return list(conn.execute(text("SELECT digest FROM configs")).scalars())

    def read_around_a_write(conn: Connection) -> tuple[list[object], list[object]]:
        before = configs(conn)
        with writing(url) as engine, engine.begin() as other:
            store.save_config(other, "c0ffee", "", now=NOON)
        return before, configs(conn)

    assert await database.read(read_around_a_write) == ([], [])
    assert await database.read(configs) == ["c0ffee"]


async def test_a_database_outlives_its_process(url: str) -> None:
    async with open_database(url) as first:
        await first.write(add_one)

    async with open_database(url) as second:
        assert await count(second) == 1


@sqlite_only
async def test_an_sqlite_file_has_one_owner(database: Database, url: str) -> None:
    with pytest.raises(OwnedError, match=f"in use by process {os.getpid()}"):
        async with open_database(url):
            pass


@sqlite_only
async def test_a_link_to_a_file_makes_no_second_owner(database: Database, path: Path) -> None:
    link = path.with_name("link.db")
    link.symlink_to(path)

    with pytest.raises(OwnedError, match=f"{path} is in use by process {os.getpid()}"):
        async with open_database(f"sqlite:///{link}"):
            pass


async def test_one_may_read_beside_the_owner(database: Database, url: str) -> None:
    await database.write(add_one)

    async with open_database(url, read_only=True) as beside:
        assert await count(beside) == 1
        assert not await beside.is_writable()
        with pytest.raises(StoreError, match="for reading only"):
            await beside.write(add_one)


async def test_one_may_read_without_an_owner(url: str) -> None:
    async with open_database(url) as first:
        await first.write(add_one)

    async with open_database(url, read_only=True) as beside:
        assert await count(beside) == 1


async def test_there_must_be_tables_to_read(server: Server) -> None:
    with server.empty_database() as empty, pytest.raises(StoreError, match="nothing in the database 'test_"):
        async with open_database(empty, read_only=True):
            pass


@sqlite_only
async def test_there_must_be_something_to_read(url: str) -> None:
    with pytest.raises(StoreError, match=r"There is no database at .*receiver\.db yet; `receiver serve` makes it"):
        async with open_database(url, read_only=True):
            pass


@sqlite_only
async def test_a_lock_of_somebody_foreign_is_waited_for_but_not_for_ever(database: Database, path: Path) -> None:
    foreign = sqlite3.connect(path, isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    started = time.monotonic()

    with pytest.raises(StoreBusyError, match="database is locked"):
        await database.write(add_one)
    waited = time.monotonic() - started
    was_writable = await database.is_writable()
    foreign.close()

    assert waited < engines.BUSY_S + 1.5
    assert not was_writable
    assert await database.is_writable()
    await database.write(add_one)


FOR_EVER = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


async def test_who_reads_for_too_long_is_stopped_and_holds_nobody_up(path: Path) -> None:
    upgrade_database(f"sqlite:///{path}")
    reading = engines.reading_engine(path)
    database = Database(path, reading=reading, writer=None, read_limit_s=0.1)
    endless = [database.read(lambda conn: conn.execute(text(FOR_EVER)).all()) for _ in range(2 * engines.READERS)]

    async with asyncio.timeout(10):
        ended = await asyncio.gather(*endless, return_exceptions=True)
        after = await count(database)
    await reading.dispose()

    assert {type(fault) for fault in ended} == {StoreBusyError}
    assert "it took too long" in str(ended[0])
    assert after == 0


async def test_closing_ends_although_cancelled(url: str) -> None:
    opened = asyncio.Event()

    async def serve() -> None:
        async with open_database(url) as database:
            await database.read(store.counts)
            opened.set()
            await asyncio.Event().wait()

    serving = asyncio.ensure_future(serve())
    await opened.wait()
    serving.cancel()
    await asyncio.sleep(0)
    serving.cancel()  # once more, while it is closing

    with pytest.raises(asyncio.CancelledError):
        await serving
    async with open_database(url) as again:
        assert await count(again) == 0


@pytest.mark.parametrize(
    ("program", "status"), [pytest.param(OPEN_AND_FAIL, 1, id="fails"), pytest.param(OPEN_AND_LEAVE, 3, id="leaves")]
)
def test_a_process_that_breaks_off_ends_at_once(url: str, program: str, status: int) -> None:
    ended = subprocess.run([sys.executable, "-c", program, url], check=False, capture_output=True, timeout=30)
    took = time.monotonic() - float(ended.stdout)

    assert ended.returncode == status
    assert took < 2
