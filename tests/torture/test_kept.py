"""What the checker sees of a database on a server, so that its silence means something there, too."""

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest

from receiver import store
from tests.receiver.postgres import Server
from tests.receiver.store.connecting import writing
from tests.receiver.store.makers import NOON, a_plan, a_run, after, an_event
from tests.torture.kept import ServerKept


@pytest.fixture
def kept(server: Server) -> Iterator[ServerKept]:
    """A database with an event, whose step somebody has leased."""
    with server.database() as url:
        with writing(url) as engine, engine.begin() as conn:
            store.record(conn, an_event(), a_plan(a_run()), now=NOON)
            store.claim_due(conn, limit=1, now=after(1), lease_s=1e9, new_lease="one")
        yield ServerKept(url=url, log=server.folder / "log")


def change(kept: ServerKept, *statements: LiteralString) -> None:
    """Do to a database what its own rules forbid."""
    with psycopg.connect(kept.url, autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        for statement in statements:
            conn.execute(statement)


def test_a_sound_database_is_fine(kept: ServerKept) -> None:
    assert list(kept.damage()) == []


def test_a_broken_link_is_found(kept: ServerKept) -> None:
    change(kept, "UPDATE steps SET run_id = 'none'")

    [fault] = kept.damage()

    assert fault.startswith("a broken link: steps ")


def test_a_row_that_its_index_lacks_is_found(kept: ServerKept) -> None:
    change(
        kept,
        "UPDATE pg_index SET indisready = false WHERE indexrelid = 'pk_attempts'::regclass",
        "INSERT INTO attempts SELECT 'another', step_id, number + 1, result, started_at FROM attempts",
        "UPDATE pg_index SET indisready = true WHERE indexrelid = 'pk_attempts'::regclass",
    )

    assert list(kept.damage()) == ["attempts and its index do not hold the same"]


def test_all_rows_and_the_log_of_the_server_are_looked_through(kept: ServerKept) -> None:
    change(kept, "DO $$ BEGIN RAISE WARNING 'hush'; END $$")

    assert b"CI_WEBHOOK_SECRET" in kept.content()  # the name, which an event has
    assert b"hush" in kept.content()


def test_leases_end_as_if_their_time_were_over(kept: ServerKept) -> None:
    kept.end_leases()

    assert kept.rows("SELECT due_at <= now(), lease FROM steps") == [(True, "one")]
