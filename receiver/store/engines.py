"""Engines on an SQLite file: one that writes, and those that only read."""

import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import quote

import aiosqlite
from sqlalchemy import AdaptedConnection, AsyncAdaptedQueuePool, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from receiver.errors import StoreError
from receiver.store.place import has_log
from receiver.store.reading_time import ASKED_EVERY, ReadingTime

BUSY_S: Final = 2.0
"""How long a statement waits for a lock of somebody foreign."""
READERS: Final = 4
STATEMENTS: Final = 512
"""How many statements the writer keeps ready: those on many rows are there in ten sizes each."""
READING_TIME: Final = "reading_time"
"""Under which name a reader's connection keeps how long it may go on."""
_FULL: Final = 2
_WRITING: Final = (
    *("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=0"),
    # Each flow and each sender's id has a place of its own in the indexes. With SQLite's own 2 MB, a third of the time
    # went into reading and writing those places over and over, among a million events [measured].
    "cache_size=-24000",
    # What undoes a statement of many rows that fails half-way: else a file, made and removed for each.
    "temp_store=MEMORY",
)
_READING: Final = ("query_only=1", "wal_autocheckpoint=0")


def writing_engine(path: Path) -> Engine:
    """The engine of the only writer: write-ahead log, every commit flushed, the only checkpointer."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: connect_writing(path),
        poolclass=NullPool,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up_writing)
    # At once, not at the first write: SQLite ignores the busy timeout where a reading transaction turns into a writing
    # one.
    event.listen(engine, "begin", lambda conn: conn.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def reading_engine(path: Path) -> AsyncEngine:
    """The engine of the readers: they cannot write and never checkpoint; a transaction sees one state of things."""
    engine = create_async_engine(
        "sqlite+aiosqlite://",
        async_creator=lambda: _connect_reading(path),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=READERS,
        max_overflow=0,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _set_up_reading)
    event.listen(engine.sync_engine, "connect", _limit)
    event.listen(engine.sync_engine, "begin", lambda conn: conn.exec_driver_sql("BEGIN"))
    return engine


def looking_engine(path: Path, *, is_alone: bool = False) -> Engine:
    """An engine to look at a file with, before it is known whether it is one of ours.

    Where nobody else can be writing, and no log has to be read, not even an empty log is made beside the file.
    """
    mode = "ro&immutable=1" if is_alone and not has_log(path) else "ro"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(_uri(path, mode), uri=True, timeout=BUSY_S, isolation_level=None),
        poolclass=NullPool,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up_reading)
    return engine


def connect_writing(path: Path) -> sqlite3.Connection:
    """A bare connection that may write, and makes the file where there is none."""
    return sqlite3.connect(
        _uri(path, "rwc"),
        uri=True,
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=STATEMENTS,
    )


def connect_reading(path: Path) -> sqlite3.Connection:
    """A bare connection that cannot write and never checkpoints; the owner may go on writing."""
    connection = sqlite3.connect(_uri(path, "ro"), uri=True, timeout=BUSY_S, isolation_level=None)
    for pragma in _READING:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def check_pragmas(conn: Connection) -> None:
    """Make sure that a commit means what we promise: SQLite ignores a pragma that it cannot fulfil."""
    found = {name: conn.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous")}
    wanted = {"journal_mode": "wal", "synchronous": _FULL}
    if found != wanted:
        raise StoreError(f"SQLite gives {found} on this disk; the receiver needs {wanted}. Use a local disk.")


async def _connect_reading(path: Path) -> aiosqlite.Connection:
    connecting = aiosqlite.connect(_uri(path, "ro"), uri=True, timeout=BUSY_S, isolation_level=None)
    connecting._thread.daemon = True  # else one left open keeps the process from ending (aiosqlite 0.22)
    return await connecting


def _set_up_writing(connection: DBAPIConnection, _record: object) -> None:
    for pragma in _WRITING:
        connection.execute(f"PRAGMA {pragma}")


def _set_up_reading(connection: DBAPIConnection, _record: object) -> None:
    for pragma in _READING:
        connection.execute(f"PRAGMA {pragma}")


def _limit(connection: AdaptedConnection, record: ConnectionPoolEntry) -> None:
    """Let a reader be stopped once its time, which is kept with its connection, is over."""
    time = record.info[READING_TIME] = ReadingTime()
    connection.run_async(lambda raw: raw.set_progress_handler(time.is_over, ASKED_EVERY))


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.absolute()))}?mode={mode}"
