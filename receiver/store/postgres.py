"""Engines on PostgreSQL: a pool that reads, connections that write, and what the server must promise.

The address goes to PostgreSQL's own client library as it stands, so whatever that knows can be in it: several hosts,
certificates, a service file. What a session needs is set with statements, which every connection pooler lets through.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import AsyncAdaptedQueuePool, Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from receiver.errors import ConfigError, StoreError
from receiver.store import faults, schema
from receiver.store.dialect import lock

if TYPE_CHECKING:
    import psycopg

SCHEMES: Final = ("postgresql", "postgres")
READERS: Final = 4
LANES: Final = 2
"""How many connections of a process write at the same time: one takes in, one settles."""

# A connection that the network has forgotten is given up in seconds, not in hours.
_USUAL: Final = {
    "application_name": "flow-relay",
    "connect_timeout": "3",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
# A transaction that its process has forgotten, frozen or cut off, holds its locks no longer than that.
_SESSION: Final = (
    "SET timezone = 'UTC'; SET lock_timeout = '2s'; SET statement_timeout = '5s'; "
    "SET idle_in_transaction_session_timeout = '10s'"
)
_SYNCHRONOUS: Final = (
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') <> 'remote_apply'"
)
_UNHURRIED: Final = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0"
_PROMISES: Final = text(
    "SELECT current_setting('server_encoding') AS server_encoding, current_setting('fsync') AS fsync, "
    "current_setting('synchronous_commit') AS synchronous_commit, "
    "current_setting('transaction_read_only') AS read_only"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where a database is, as the client library wants it; not shown by `repr`, for it holds the password."""

    parameters: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """The address that a URL names."""
        from psycopg import ProgrammingError  # noqa: PLC0415 (of the extra `postgres`, see `is_meant`)
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

        try:
            given = conninfo_to_dict(f"postgresql://{url.partition('://')[2]}")
        except ProgrammingError:  # its text quotes parts of the URL, which can be of the password
            raise ConfigError(
                [
                    "DATABASE_URL is no URL that PostgreSQL can read; give postgresql://USER:PASSWORD@HOST/DATABASE, "
                    "with %-codes for what is special in a URL."
                ]
            ) from None
        return cls(parameters=_USUAL | given)

    @property
    def name(self) -> str:
        """What to call the database in front of people."""
        return f"the database {self.parameters.get('dbname') or self.parameters.get('user') or ''!r}"


def is_meant(url: str) -> bool:
    """Whether a URL names a PostgreSQL database; refuses one when its driver is not installed."""
    if url.partition("://")[0].partition("+")[0] not in SCHEMES:
        return False
    try:
        import psycopg  # noqa: F401, PLC0415
    except ImportError as exc:
        raise ConfigError(
            [f"DATABASE_URL names PostgreSQL, whose driver is missing ({exc}): pip install 'flow-relay[postgres]'."]
        ) from exc
    return True


def writing_engine(address: Address) -> Engine:
    """The engine of the lanes that write; each keeps its connection."""
    engine = create_engine(
        "postgresql+psycopg://",
        creator=partial(_connect, address),
        poolclass=NullPool,
        # Others' commits must be seen once a lock has been waited for, whatever the server's own default is.
        isolation_level="READ COMMITTED",
        use_native_hstore=False,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_up_writing)
    return engine


def reading_engine(address: Address) -> AsyncEngine:
    """The engine of the readers: they cannot write; a transaction sees one state of things."""
    engine = create_async_engine(
        "postgresql+psycopg://",
        async_creator=partial(connect_reading, address),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=READERS,
        max_overflow=0,
        pool_pre_ping=True,
        isolation_level="REPEATABLE READ",
        use_native_hstore=False,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _set_up)
    return engine


def open_lanes(address: Address) -> tuple[Connection, ...]:
    """The connections that write, to a database that keeps what it promises; an empty one gets our schema."""
    engine = writing_engine(address)
    with _told(), engine.connect() as conn:
        check_promises(conn)
        revision = schema.revision_of(conn, address.name)
    if revision is None:
        upgrade(engine, name=address.name)
    else:
        _check_revision(revision, address)
    with _told():
        return tuple(engine.connect() for _ in range(LANES))


def check_current(address: Address) -> None:
    """Refuse a database that has not our schema."""
    with _told(), writing_engine(address).connect() as conn:
        revision = schema.revision_of(conn, address.name)
    if revision is None:
        raise StoreError(f"There is nothing in {address.name} yet; `receiver serve` makes its tables.")
    _check_revision(revision, address)


def check_server(url: str) -> None:
    """Refuse a server that the start would refuse, for what it does not promise."""
    with _told(), writing_engine(Address.of(url)).connect() as conn:
        check_promises(conn)


def upgrade(engine: Engine, *, name: str) -> bool:
    """Bring a database to our schema, or make it, one process at a time; False when it has it already."""
    with _told(), engine.begin() as conn:
        check_promises(conn)
        conn.exec_driver_sql(_UNHURRIED)
        lock(conn, "schema")
        if schema.revision_of(conn, name) == schema.REVISIONS[-1]:
            return False
        schema.migrate(conn)
    return True


def check_promises(conn: Connection) -> None:
    """Make sure that a commit means what we promise, and that any text can be kept."""
    found = conn.execute(_PROMISES).one()
    if found.read_only == "on":
        raise StoreError(
            "PostgreSQL takes no writes here: it is a standby, or set to be read-only. Name the primary in "
            "DATABASE_URL; with several hosts, add target_session_attrs=read-write."
        )
    if found.server_encoding != "UTF8":
        raise StoreError(
            f"The database is encoded in {found.server_encoding}; make one with "
            "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and name it in DATABASE_URL."
        )
    if found.fsync != "on" or found.synchronous_commit not in {"on", "remote_apply"}:
        raise StoreError(
            f"PostgreSQL runs with fsync = {found.fsync} and synchronous_commit = {found.synchronous_commit}: "
            "what it confirms could be lost. Set both to on."
        )


def _check_revision(revision: str, address: Address) -> None:
    if revision != schema.REVISIONS[-1]:
        # Not by itself: others of the release before may be at work on it.
        raise StoreError(
            f"{address.name} has the older schema {revision!r}; `receiver db upgrade` brings it up to date."
        )


@contextmanager
def _told() -> Iterator[None]:
    """Let faults of the database come out in the words of the receiver."""
    try:
        yield
    except faults.DATABASE_FAULTS as exc:
        raise faults.told(exc) from faults.cause(exc)


def _connect(address: Address) -> "psycopg.Connection[Any]":
    import psycopg  # noqa: PLC0415

    return psycopg.connect(**address.parameters)


async def connect_reading(address: Address) -> "psycopg.AsyncConnection[Any]":
    """A connection that cannot write."""
    import psycopg  # noqa: PLC0415

    connection = await psycopg.AsyncConnection.connect(**address.parameters)
    await connection.set_read_only(True)
    return connection


def _set_up(connection: DBAPIConnection, _record: object) -> None:
    _run(connection, _SESSION)


def _set_up_writing(connection: DBAPIConnection, _record: object) -> None:
    _run(connection, _SESSION)
    _run(connection, _SYNCHRONOUS)


def _run(connection: DBAPIConnection, statement: str) -> None:
    cursor = connection.cursor()
    cursor.execute(statement)
    cursor.close()
    connection.commit()  # else the next rollback would take the settings back
