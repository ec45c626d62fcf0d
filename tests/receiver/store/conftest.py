"""Connections to a database of one's own for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import Connection

from receiver.store import Database, open_database, upgrade_database
from tests.receiver.postgres import Server
from tests.receiver.store.connecting import undone


@pytest.fixture
def clean_url(engine: str, request: pytest.FixtureRequest) -> str:
    """A database with our tables, for tests that leave nothing behind."""
    url: str = request.getfixturevalue("shared_database" if engine == "postgresql" else "url")
    upgrade_database(url)
    return url


@pytest.fixture
def conn(clean_url: str) -> Iterator[Connection]:
    """A connection in a transaction that is undone, for the functions of the store."""
    with undone(clean_url) as connection:
        yield connection


@pytest.fixture
async def database(url: str, anyio_backend: str) -> AsyncIterator[Database]:
    """An open database."""
    async with open_database(url) as opened:
        yield opened


@pytest.fixture
async def nodes(server: Server, url: str, anyio_backend: str) -> AsyncIterator[tuple[Database, Database]]:
    """One database, open as in two processes."""
    async with open_database(url) as one, open_database(url) as two:
        yield one, two
