"""Engines that write to a database, beside or instead of the one that the store opens."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, make_url

from receiver.store import engines, postgres, tables

SQLITE_ONLY = ("engine", ["sqlite"])
POSTGRESQL_ONLY = ("engine", ["postgresql"])


def file_of(url: str) -> Path:
    """The file of an SQLite database."""
    return Path(str(make_url(url).database))


@contextmanager
def writing(url: str) -> Iterator[Engine]:
    """An engine that writes to a database."""
    made = (
        postgres.writing_engine(postgres.Address.of(url))
        if postgres.is_meant(url)
        else engines.writing_engine(file_of(url))
    )
    yield made
    made.dispose()


@contextmanager
def undone(url: str) -> Iterator[Connection]:
    """A connection in a transaction that is undone."""
    with writing(url) as engine, engine.connect() as conn, conn.begin() as transaction:
        yield conn
        transaction.rollback()


def all_that_is_kept(url: str) -> bytes:
    """Every byte of a file, or every row of a server's tables."""
    if not postgres.is_meant(url):
        return b"".join(path.read_bytes() for path in file_of(url).parent.iterdir())
    with writing(url) as engine, engine.connect() as conn:
        found = [conn.execute(table.select()).all() for table in tables.metadata.sorted_tables]
    return repr(found).encode()
