"""A database of an earlier release is brought up to date with all that is in it, or left as it was."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from receiver import store
from receiver.errors import StoreError
from receiver.store import look_over, schema, upgrade_database
from receiver.store.engines import writing_engine
from tests.receiver.postgres import Server
from tests.receiver.store.connecting import writing
from tests.receiver.store.makers import NOON

EVENT = "01a2126f-66fa-73ef-b759-df9e992de0c2"
ADD_EVENT = text(
    "INSERT INTO events (id, source, dedupe_key, type, origin, received_at, faults, body, body_digest, headers, "
    "verdicts, duplicates, conflicts) VALUES (:id, 'genesys', 'key', 'flow.deleted', 'webhook', :at, '[]', :body, "
    "'digest', '{}', '[]', 0, 0)"
)


def bring_to(conn: Connection, revision: str) -> None:
    """Give an empty database the schema of an earlier release."""
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    config.attributes["connection"] = conn
    command.upgrade(config, revision)


def add_event(conn: Connection) -> None:
    at = NOON.isoformat(timespec="microseconds") if conn.dialect.name == "sqlite" else NOON
    conn.execute(ADD_EVENT, {"id": EVENT, "at": at, "body": b"{}"})


@pytest.fixture
def empty(engine: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with nothing in it, on each engine."""
    if engine == "sqlite":
        yield f"sqlite:///{request.getfixturevalue('path')}"
        return
    running: Server = request.getfixturevalue("server")
    with running.empty_database() as made:
        yield made


@pytest.mark.parametrize("revision", schema.REVISIONS[:-1])
def test_what_an_earlier_release_kept_is_still_there(empty: str, revision: str) -> None:
    with writing(empty) as engine, engine.begin() as conn:
        bring_to(conn, revision)
        add_event(conn)

    changed = upgrade_database(empty)

    with writing(empty) as engine, engine.connect() as conn:
        assert store.get_event(conn, EVENT).event.body == b"{}"
    assert changed


def test_what_was_upgraded_is_sound(path: Path) -> None:
    with writing_engine(path).begin() as conn:
        bring_to(conn, schema.REVISIONS[0])
        add_event(conn)

    upgrade_database(f"sqlite:///{path}")

    assert list(look_over(path)) == []


def test_an_upgrade_that_fails_changes_nothing(path: Path) -> None:
    with writing_engine(path).begin() as conn:
        bring_to(conn, schema.REVISIONS[0])
        conn.execute(text("CREATE INDEX ix_events_received_at_id ON configs (text)"))  # in the way of what comes later
    before = shape(path)

    with pytest.raises(StoreError, match="already exists"):
        upgrade_database(f"sqlite:///{path}")

    assert shape(path) == before


def shape(path: Path) -> tuple[list[str], str]:
    """Everything that the schema is made of, and which one it says it is."""
    conn = sqlite3.connect(path)
    made = [row[0] for row in conn.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")]
    revision = conn.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    conn.close()
    return made, revision
