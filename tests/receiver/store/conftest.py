"""Connections to a database of one's own for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import Connection

from receiver.store import Database, open_database, upgrade_database
from tests.receiver.store.connecting import writing


@pytest.fixture
def conn(engine: str, request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A connection in a transaction that is undone, for the functions of the store."""
    url = request.getfixturevalue("shared_database" if engine == "postgresql" else "url")
    upgrade_database(url)
    with writing(url) as writer, writer.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@pytest.fixture
async def database(url: str, anyio_backend: str) -> AsyncIterator[Database]:
    """An open database."""
    async with open_database(url) as opened:
        yield opened
