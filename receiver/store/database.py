"""A database that is open: reading on its own engine, writing through the one writer."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from receiver.errors import DiskError, StoreBusyError, StoreError
from receiver.store import engines, faults, place, postgres, schema
from receiver.store.bell import Bell, SharedBell
from receiver.store.checkpoints import Checkpoints
from receiver.store.inbox import open_inbox
from receiver.store.writer import QUEUE, Writer

Item = TypeVar("Item")
Result = TypeVar("Result")

READ_LIMIT_S: Final = 5.0
STOPPING_S: Final = 1.0
"""How much longer a reader has until it is cut off."""
BELIEVED_S: Final = 1.0
"""How long after a write a server elsewhere is believed to take another one."""

# Changes nothing, yet a page goes to disk: it fails while the disk is full.
_PROBE = text("UPDATE alembic_version SET version_num = version_num")


class Database:
    """Runs functions of a connection: `read` on a snapshot, `write` in a transaction that is on disk at its return."""

    def __init__(
        self,
        path: Path | None,
        *,
        reading: AsyncEngine,
        writer: Writer | None,
        read_limit_s: float = READ_LIMIT_S,
    ) -> None:
        self.path = path
        """The file, where it is one."""
        self.bell = Bell()
        self.lost = asyncio.Event()
        """Set once the disk has not kept what it was given: the process should end."""
        self._reading = reading
        self._writer = writer
        self._read_limit_s = read_limit_s

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run a function that only reads; all its statements see the same state."""
        limit_s = self._read_limit_s
        try:
            # The database stops by itself at the limit; what is cut off in the middle would go on in its thread.
            async with asyncio.timeout(limit_s + STOPPING_S), self._reading.connect() as conn:
                return await conn.run_sync(_limited, work, limit_s)
        except TimeoutError as exc:
            raise StoreBusyError(f"The database did not answer within {limit_s:g} s.") from exc
        except faults.DATABASE_FAULTS as exc:
            raise faults.told(exc) from faults.cause(exc)

    async def write(
        self, work: Callable[[Connection], Result], *, settling: bool = False, locks: Collection[str] = ()
    ) -> Result:
        """Run a function in a transaction, with others in one commit; it may be run twice, so it has no other effect.

        `settling` gives it a place that no flood of events can take; `locks` are the names that it is going to lock.
        """
        return await self._written(lambda writer: writer.write(work, settling=settling, locks=locks))

    async def write_one_of_many(
        self,
        work: Callable[[Connection, Sequence[Item]], Sequence[Result]],
        item: Item,
        *,
        locks: Collection[str] = (),
    ) -> Result:
        """Write an item by a function that takes many: it is given those that share a commit, and may be run twice."""
        return await self._written(lambda writer: writer.write_one_of_many(work, item, locks=locks))

    async def _written(self, write: Callable[[Writer], Awaitable[Result]]) -> Result:
        if self._writer is None:
            raise StoreError("The database is open for reading only.")
        try:
            return await write(self._writer)
        except DiskError:
            self.lost.set()
            raise

    async def is_writable(self, *, room: int = 0) -> bool:
        """Whether so many bytes could be kept now; after a fault it tries, so that it finds out when that is over."""
        if self._writer is None or (self.path and not place.has_room(self.path, room)):
            return False
        if self._writer.is_well and self._writer.idle_s < (BELIEVED_S if self.path is None else math.inf):
            return True
        try:
            await self.write(lambda conn: conn.execute(_PROBE).close(), settling=True)
        except StoreError:
            return False
        return True


@asynccontextmanager
async def open_database(url: str, *, read_only: bool = False, queue: int = QUEUE) -> AsyncIterator[Database]:
    """Open a database, brought up to our schema; as its one owner, or beside the owner with `read_only`."""
    async with AsyncExitStack() as stack:
        open_one = _open_server if postgres.is_meant(url) else _open_file
        yield await open_one(url, stack, read_only=read_only, queue=queue)


def upgrade_database(url: str) -> bool:
    """Bring a database to our schema, or make it; False when it has it already."""
    if postgres.is_meant(url):
        address = postgres.Address.of(url)
        return postgres.upgrade(postgres.writing_engine(address), name=address.name)
    path = place.path_of(url)
    with place.owned(path):
        connection, has_changed = _opened(path)
        connection.close()
    return has_changed


async def _open_file(url: str, stack: AsyncExitStack, *, read_only: bool, queue: int) -> Database:
    path = place.path_of(url)
    writer = None
    if read_only:
        _check_current(path)
    else:
        stack.enter_context(place.owned(path))
        writer = await asyncio.to_thread(_writer, path, queue)
        stack.push_async_callback(_to_the_end, partial(asyncio.to_thread, writer.close))
    reading = engines.reading_engine(path)
    stack.push_async_callback(_to_the_end, reading.dispose)
    return Database(path, reading=reading, writer=writer)


async def _open_server(url: str, stack: AsyncExitStack, *, read_only: bool, queue: int) -> Database:
    address = postgres.Address.of(url)
    writer = None
    if read_only:
        await asyncio.to_thread(postgres.check_current, address)
    else:
        lanes = await asyncio.to_thread(postgres.open_lanes, address)
        writer = Writer(*lanes, queue=queue)
        stack.push_async_callback(_to_the_end, partial(asyncio.to_thread, writer.close))
    reading = postgres.reading_engine(address)
    stack.push_async_callback(_to_the_end, reading.dispose)
    database = Database(None, reading=reading, writer=writer)
    database.bell = SharedBell(partial(postgres.connect_reading, address), partial(database.write, settling=True))
    return database


def _limited(conn: Connection, work: Callable[[Connection], Result], limit_s: float) -> Result:
    """Do what only reads, for so long at most; PostgreSQL has a limit of its own."""
    time = conn.info.get(engines.READING_TIME)
    if time is None:
        return work(conn)
    with time.limited(limit_s):
        return work(conn)


def _writer(path: Path, queue: int) -> Writer:
    connection, _ = _opened(path)
    with connection.begin():
        open_inbox(connection)
    return Writer(connection, queue=queue, between=Checkpoints(connection, path).after_commit)


def _opened(path: Path) -> tuple[Connection, bool]:
    """The writing connection to a file with our schema, and whether it had to be changed for that."""
    place.check_file(path)
    place.check_restored(path)
    place.check_log(path)
    place.check_writable(path)
    revision = schema.schema_of(path, is_alone=True)
    place.make_private(path)
    engine = engines.writing_engine(path)
    has_changed = schema.upgrade(engine, revision=revision)
    try:
        connection = engine.connect()
        engines.check_pragmas(connection)
        connection.rollback()
    except faults.DATABASE_FAULTS as exc:
        raise faults.told(exc) from exc
    return connection, has_changed


def _check_current(path: Path) -> None:
    place.check_file(path)
    revision = schema.schema_of(path)
    if revision is None:
        raise StoreError(f"There is no database at {path} yet; `receiver serve` makes it.")
    if revision != schema.REVISIONS[-1]:
        raise StoreError(f"{path} has the older schema {revision!r}; `receiver db upgrade` brings it up to date.")


async def _to_the_end(close: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Close something even while being cancelled: a connection left open can keep the process from ending."""
    work = asyncio.ensure_future(close())
    cancelled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError as exc:
            cancelled = exc
    if cancelled is not None:
        raise cancelled
    work.result()
