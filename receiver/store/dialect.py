"""Where SQLite and PostgreSQL need different words for the same thing."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, Insert, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

POSTGRESQL: Final = "postgresql"
SQLITE: Final = "sqlite"


def insert_if_new(table: Table, *unique: str) -> Mapping[str, Insert]:
    """An insert that leaves alone a row whose `unique` columns are taken, by the dialect's name."""
    return {
        POSTGRESQL: postgresql.insert(table).on_conflict_do_nothing(index_elements=unique),
        SQLITE: sqlite.insert(table).on_conflict_do_nothing(index_elements=unique),
    }


def has_one_owner(conn: Connection) -> bool:
    """Whether no other process can be writing here: an SQLite file is locked by its owner."""
    return conn.dialect.name == SQLITE


def lock(conn: Connection, name: str) -> None:
    """Let nobody else hold `name` until this transaction ends; on SQLite one writes at a time anyway."""
    if conn.dialect.name == POSTGRESQL:
        conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
