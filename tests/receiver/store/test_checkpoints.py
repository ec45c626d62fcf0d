import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Connection, insert, text

from receiver.model import Event
from receiver.store import checkpoints, engines, record, tables
from receiver.store.checkpoints import Checkpoints
from receiver.store.database import Database, open_database
from receiver.store.place import log_of
from receiver.store.schema import upgrade
from tests.receiver.store.makers import NOON, a_plan, a_run, an_event

KIB = 1024


@pytest.fixture
def writing(path: Path) -> Iterator[Connection]:
    """A writing connection to a database with our tables."""
    engine = engines.writing_engine(path)
    upgrade(engine, revision=None)
    with engine.connect() as connection:
        yield connection


def write(connection: Connection, name: str, *, size: int = 10 * KIB) -> None:
    with connection.begin():
        connection.execute(insert(tables.configs), {"digest": name, "text": "x" * size, "loaded_at": NOON})


def log_size(path: Path) -> int:
    return log_of(path).stat().st_size


def test_sqlite_never_moves_the_log_by_itself(writing: Connection) -> None:
    assert writing.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one() == 0


def test_the_log_begins_anew_once_it_has_been_moved(writing: Connection, path: Path) -> None:
    seeing = Checkpoints(writing, path, step=100 * KIB, most=200 * KIB)

    for number in range(200):
        write(writing, str(number))
        seeing.after_commit()

    assert log_size(path) < 300 * KIB


def test_a_reader_that_stays_is_told_of_once_and_holds_nobody_up(writing: Connection, path: Path) -> None:
    seeing = Checkpoints(writing, path, step=1_000 * KIB, most=2_000 * KIB)
    reader = engines.looking_engine(path).connect()
    reader.exec_driver_sql("BEGIN")
    reader.execute(text("SELECT count(*) FROM configs")).scalar_one()

    with structlog.testing.capture_logs() as said:
        for number in range(2):
            write(writing, str(number), size=checkpoints.NOTABLE_BYTES)
            seeing.after_commit()

    reader.invalidate()
    assert [line["log_level"] for line in said] == ["warning"]
    assert writing.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == engines.BUSY_S * 1000


def test_a_log_that_cannot_be_moved_is_left_for_the_next_time(writing: Connection, path: Path) -> None:
    seeing = Checkpoints(writing, path, step=1)
    write(writing, "one")
    reader = engines.looking_engine(path).connect()
    reader.execute(text("SELECT count(*) FROM configs")).scalar_one()
    driver = writing.connection.driver_connection
    assert driver is not None
    driver.close()

    seeing.after_commit()

    assert log_size(path) > 0
    reader.close()


def test_without_a_log_there_is_nothing_to_move(writing: Connection, tmp_path: Path) -> None:
    Checkpoints(writing, tmp_path / "elsewhere.db").after_commit()


@pytest.mark.anyio
async def test_readers_that_overlap_do_not_let_the_log_grow(url: str, path: Path) -> None:
    done = asyncio.Event()

    async def read_on(database: Database) -> None:
        while not done.is_set():
            await database.read(lambda conn: conn.execute(text("SELECT count(*) FROM events")).scalar_one())

    async with open_database(url) as database:
        readers = [asyncio.ensure_future(read_on(database)) for _ in range(3)]
        for _ in range(160):
            await asyncio.gather(*(database.write(recording(an_event(body=bytes(64 * KIB)))) for _ in range(8)))
        done.set()
        await asyncio.gather(*readers)

        size = log_size(path)

    written = path.stat().st_size  # noqa: ASYNC240
    assert written > 2 * checkpoints.MOST_BYTES
    assert size < 1.5 * checkpoints.MOST_BYTES  # a commit or two can come before a moment without readers


def recording(event: Event) -> Callable[[Connection], object]:
    return lambda conn: record(conn, event, a_plan(a_run()), now=NOON)
