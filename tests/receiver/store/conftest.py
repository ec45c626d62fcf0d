"""A database of one's own for each test: a real file."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from receiver.store import Database, open_database, upgrade_database
from receiver.store.engines import writing_engine


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "receiver.db"


@pytest.fixture
def url(path: Path) -> str:
    """The database as a setting names it."""
    return f"sqlite:///{path}"


@pytest.fixture
def conn(path: Path, url: str) -> Iterator[Connection]:
    """A connection in a transaction, for the functions of the store."""
    upgrade_database(url)
    engine = writing_engine(path)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
async def database(url: str, anyio_backend: str) -> AsyncIterator[Database]:
    """An open database."""
    async with open_database(url) as opened:
        yield opened
