"""A PostgreSQL server to strike at."""

from collections.abc import Iterator

import pytest

from tests.receiver.postgres import Server, a_server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL server of one's own."""
    with a_server() as started:
        started.make_template()
        yield started
