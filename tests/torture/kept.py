"""What a receiver keeps, as the checker sees it: an SQLite file, or a database on a PostgreSQL server."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, LiteralString, Protocol

import psycopg
from psycopg import sql

from receiver.store import tables
from tests.receiver.store.connecting import all_that_is_kept

ID_TABLES: Final = ("events", "publications", "runs", "steps", "attempts")


class Kept(Protocol):
    """A database that a receiver writes to."""

    @property
    def url(self) -> str:
        """As the receiver is told of it."""

    def rows(self, query: LiteralString) -> list[tuple[Any, ...]]:
        """What a query finds."""

    def damage(self) -> Iterator[str]:
        """What is broken in it, in words."""

    def content(self) -> bytes:
        """Everything that it holds."""

    def end_leases(self) -> None:
        """Let the time go by that those who have died without a word still hold their steps for."""


@dataclass(frozen=True, kw_only=True)
class FileKept:
    """An SQLite file."""

    path: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def rows(self, query: LiteralString) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as conn:
            return conn.execute(query).fetchall()

    def damage(self) -> Iterator[str]:
        yield from (row[0] for row in self.rows("PRAGMA integrity_check") if row[0] != "ok")
        yield from (f"a broken link: {row}" for row in self.rows("PRAGMA foreign_key_check"))

    def content(self) -> bytes:
        beside = [self.path.with_name(self.path.name + end) for end in ("", "-wal", "-shm")]
        return b"".join(file.read_bytes() for file in beside if file.exists())

    def end_leases(self) -> None:
        """The next owner of the file does that itself."""


@dataclass(frozen=True, kw_only=True)
class ServerKept:
    """A database on a server, and what the server writes down beside it."""

    url: str
    log: Path

    def rows(self, query: LiteralString) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as conn:
            return conn.execute(query).fetchall()

    def damage(self) -> Iterator[str]:
        with psycopg.connect(self.url, autocommit=True) as conn:
            yield from _broken_links(conn)
            for table in ID_TABLES:
                if _ids(conn, table, by_index=False) != _ids(conn, table, by_index=True):
                    yield f"{table} and its index do not hold the same"

    def content(self) -> bytes:
        return all_that_is_kept(self.url) + self.log.read_bytes()

    def end_leases(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute("UPDATE steps SET due_at = now() WHERE lease IS NOT NULL AND due_at > now()")


def _broken_links(conn: psycopg.Connection) -> Iterator[str]:
    for table in tables.metadata.sorted_tables:
        for key in table.foreign_keys:
            names = (table.name, key.parent.name, key.column.name, key.column.table.name)
            query = sql.SQL("SELECT id FROM {} WHERE {} NOT IN (SELECT {} FROM {})").format(*map(sql.Identifier, names))
            yield from (f"a broken link: {table.name} {row[0]}" for row in conn.execute(query))


def _ids(conn: psycopg.Connection, table: str, *, by_index: bool) -> list[str]:
    """The ids of a table, read from its index or past it."""
    for way in ("enable_seqscan", "enable_sort"):
        conn.execute(sql.SQL("SET {} = {}").format(sql.Identifier(way), "off" if by_index else "on"))
    for way in ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan"):
        conn.execute(sql.SQL("SET {} = {}").format(sql.Identifier(way), "on" if by_index else "off"))
    query = sql.SQL("SELECT id FROM {} ORDER BY id").format(sql.Identifier(table))
    return [row[0] for row in conn.execute(query)]
