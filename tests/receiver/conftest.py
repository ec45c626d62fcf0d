"""The databases of the receiver's tests: what takes `url` runs once on each engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.receiver.postgres import Server, a_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server for all tests of this process."""
    with a_server() as started:
        started.make_template()
        yield started


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """A PostgreSQL server that may be stopped."""
    with a_server() as started:
        started.make_template()
        yield started


@pytest.fixture
def own_url(own_server: Server) -> Iterator[str]:
    """A database of the server that may be stopped."""
    with own_server.database() as made:
        yield made


@pytest.fixture(scope="session")
def shared_database(server: Server) -> Iterator[str]:
    """A PostgreSQL database for tests that leave nothing behind."""
    with server.database() as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where an SQLite database is."""
    return tmp_path / "receiver.db"


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on."""
    found: str = request.param
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run on both engines what does not say which: by taking the `path` of a file, or the `server`, or in words."""
    asked = metafunc.fixturenames
    is_said = any(mark.args[0] == "engine" for mark in metafunc.definition.iter_markers("parametrize"))
    if "engine" in asked and not is_said:
        is_on = {"sqlite": "server" not in asked, "postgresql": "path" not in asked}
        metafunc.parametrize("engine", [name for name, is_wanted in is_on.items() if is_wanted], indirect=True)


@pytest.fixture
def url(engine: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of one's own, as a setting names it."""
    if engine == "sqlite":
        yield f"sqlite:///{request.getfixturevalue('path')}"
        return
    running: Server = request.getfixturevalue("server")
    with running.database() as made:
        yield made
