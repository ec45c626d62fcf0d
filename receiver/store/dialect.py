"""Where SQLite and PostgreSQL need different words for the same thing."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Connection, Dialect, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPICursor

POSTGRESQL: Final = "postgresql"
SQLITE: Final = "sqlite"


def insert_if_new(
    table: Table, *unique: str, values: Sequence[Mapping[str, ColumnElement[Any]]] = ()
) -> Mapping[str, Insert]:
    """An insert, of `values` where given, that leaves alone rows whose `unique` columns are taken, by the dialect."""
    return {
        POSTGRESQL: postgresql.insert(table).values(values or {}).on_conflict_do_nothing(index_elements=unique),
        SQLITE: sqlite.insert(table).values(values or {}).on_conflict_do_nothing(index_elements=unique),
    }


def open_cursor(conn: Connection) -> DBAPICursor:
    """The driver's own cursor; on PostgreSQL one that takes statements as the server does.

    Its usual one reads each statement again to find the places of values: two fifths of the time of a large one
    [measured].
    """
    if conn.dialect.name != POSTGRESQL or conn.dialect.is_async:
        return conn.connection.cursor()
    from psycopg import RawCursor  # noqa: PLC0415 (of the extra `postgres`)

    return cast("DBAPICursor", RawCursor(cast("Any", conn.connection.driver_connection)))


def dialect_of_cursor(dialect: Dialect) -> Dialect:
    """The dialect of what that cursor takes: values have numbers there, not names."""
    if dialect.name != POSTGRESQL or dialect.is_async:
        return dialect
    return type(dialect)(paramstyle="numeric_dollar")  # type: ignore[call-arg]  # of every dialect of the library


def has_one_owner(conn: Connection) -> bool:
    """Whether no other process can be writing here: an SQLite file is locked by its owner."""
    return conn.dialect.name == SQLITE


def lock(conn: Connection, name: str) -> None:
    """Let nobody else hold a name until this transaction ends; on SQLite one writes at a time anyway."""
    lock_all(conn, (name,))


def lock_all(conn: Connection, names: Iterable[str]) -> None:
    """Lock many names, in an order that is the same for everybody, so that no two wait for each other."""
    if conn.dialect.name != POSTGRESQL:
        return
    held = _held(conn)
    wanted = set(names) - held
    if wanted:
        conn.exec_driver_sql(_LOCK, {"keys": sorted(map(_key, wanted))})
        held |= wanted


_LOCK: Final = "SELECT pg_advisory_xact_lock(key) FROM unnest(%(keys)s::bigint[]) AS key"


def _key(name: str) -> int:
    """The number that PostgreSQL knows a name by."""
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), signed=True)


def renew(conn: Connection) -> None:
    """Let the next transaction begin on a new connection, which may find another server; a file is what it is."""
    if conn.dialect.name == POSTGRESQL and not conn.invalidated:
        conn.invalidate()


def _held(conn: Connection) -> set[str]:
    """The names that the present transaction holds already."""
    present = conn.get_transaction()
    if present is None or conn.info.get("locking") is not present:
        conn.info["locking"], conn.info["locked"] = present, set()
    held: set[str] = conn.info["locked"]
    return held
