"""Engines that write to a database, beside or instead of the one that the store opens."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, make_url

from receiver.store import engines, postgres

SQLITE_ONLY = ("engine", ["sqlite"])
POSTGRESQL_ONLY = ("engine", ["postgresql"])


@contextmanager
def writing(url: str) -> Iterator[Engine]:
    """An engine that writes to a database."""
    made = (
        postgres.writing_engine(postgres.Address.of(url))
        if postgres.is_meant(url)
        else engines.writing_engine(Path(str(make_url(url).database)))
    )
    yield made
    made.dispose()
