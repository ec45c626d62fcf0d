"""What a PostgreSQL server can do to us, and what becomes of it."""

import asyncio
import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Connection, text

from receiver.errors import ConfigError, StoreBusyError, StoreError
from receiver.store import Database, open_database, postgres, schema, upgrade_database
from receiver.store.dialect import lock
from tests.receiver.postgres import PASSWORD, Server
from tests.receiver.store.sessions import add_one, alter, event_ids, terminate

pytestmark = pytest.mark.anyio

RECONNECT_S = 5.0


async def until_writable(database: Database) -> float:
    """How many seconds it takes until something can be written again."""
    began = time.monotonic()
    async with asyncio.timeout(RECONNECT_S):
        while not await database.is_writable():
            continue
    return time.monotonic() - began


def no_password(exc: BaseException) -> bool:
    return PASSWORD not in "".join(traceback.format_exception(exc))


@contextmanager
def refused(match: str, *, kind: type[Exception] = StoreError) -> Iterator[None]:
    """A start that fails with one line, which holds no password."""
    with pytest.raises(kind, match=match) as caught:
        yield
    assert "\n" not in str(caught.value)
    assert no_password(caught.value)


async def test_a_server_that_is_not_there_is_said_in_one_line() -> None:
    with refused(r"Connection refused\. Is PostgreSQL up, and is DATABASE_URL right\?$"):
        async with open_database(f"postgresql://relay:{PASSWORD}@127.0.0.1:1/relay"):
            pass


async def test_a_database_that_is_not_there_is_said_with_what_to_do(server: Server) -> None:
    with refused('database "nowhere" does not exist. Create it with CREATE DATABASE, or mend DATABASE_URL.'):
        async with open_database(server.url("nowhere")):
            pass


async def test_a_user_that_is_not_there_is_said_with_what_to_do(server: Server) -> None:
    with refused('role "nobody" does not exist. Mend the user or the password in DATABASE_URL.'):
        async with open_database(server.url(user="nobody")):
            pass


async def test_a_database_in_another_encoding_is_refused(server: Server) -> None:
    server.run("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")

    with refused("encoded in LATIN1; make one with CREATE DATABASE … ENCODING 'UTF8'"):
        async with open_database(server.url("latin")):
            pass
    with refused("encoded in LATIN1"):
        upgrade_database(server.url("latin"))


async def test_a_database_of_something_else_is_refused(server: Server) -> None:
    with server.empty_database() as url:
        with psycopg.connect(url) as other:
            other.execute("CREATE TABLE songs (name text)")

        with refused("the database 'test_.*' is a database of something else: it holds the table 'songs'"):
            async with open_database(url):
                pass


async def test_an_older_schema_is_left_to_the_upgrade(server: Server) -> None:
    with a_database_of(server, schema.REVISIONS[0]) as url, refused("has the older schema .*; `receiver db upgrade`"):
        async with open_database(url):
            pass


async def test_a_newer_schema_is_refused(server: Server) -> None:
    with a_database_of(server, "9999") as url, refused("has schema '9999'; this release knows schemas up to"):
        async with open_database(url, read_only=True):
            pass


@contextmanager
def a_database_of(server: Server, revision: str) -> Iterator[str]:
    """A database that says it has another schema."""
    with server.empty_database() as url:
        upgrade_database(url)
        with psycopg.connect(url) as other:
            other.execute("UPDATE alembic_version SET version_num = %s", [revision])
        yield url


async def test_a_read_only_database_is_refused(server: Server, url: str) -> None:
    alter(server, url, "SET default_transaction_read_only = on")

    with refused("takes no writes here: it is a standby, or set to be read-only. Name the primary"):
        async with open_database(url):
            pass


async def test_a_server_that_does_not_flush_is_refused(own_server: Server, own_url: str) -> None:
    own_server.run("ALTER SYSTEM SET fsync = off")
    own_server.control("reload")
    try:
        with refused("fsync = off and synchronous_commit = on: what it confirms could be lost"):
            async with open_database(own_url):
                pass
    finally:
        own_server.run("ALTER SYSTEM RESET fsync")
        own_server.control("reload")


async def test_commits_are_flushed_whatever_the_default_is(server: Server, url: str) -> None:
    alter(server, url, "SET synchronous_commit = off")

    async with open_database(url) as database:
        found = await database.write(lambda conn: conn.execute(text("SHOW synchronous_commit")).scalar_one())

    assert found == "on"


async def test_a_missing_driver_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)

    with refused("whose driver is missing .*: pip install 'flow-relay\\[postgres\\]'", kind=ConfigError):
        upgrade_database("postgres://h/db")


def test_a_database_is_brought_up_to_date_once(server: Server) -> None:
    with server.empty_database() as url:
        assert [upgrade_database(url), upgrade_database(url)] == [True, False]


async def test_of_two_that_upgrade_at_once_one_does_it(server: Server) -> None:
    with server.empty_database() as url:
        changed = await asyncio.gather(*(asyncio.to_thread(upgrade_database, url) for _ in range(2)))

    assert sorted(changed) == [False, True]


async def test_an_empty_database_gets_its_tables_at_the_start(server: Server) -> None:
    with server.empty_database() as url:
        async with open_database(url) as database:
            assert await event_ids(database) == set()


async def test_sessions_that_are_ended_cost_nothing(server: Server, url: str) -> None:
    async with open_database(url) as database:
        first = await database.write(add_one)
        await event_ids(database)
        ended = terminate(server, url)

        second = await database.write(add_one)

        assert ended > postgres.LANES
        assert await event_ids(database) == {first, second}


async def test_a_crash_of_the_server_is_survived(own_server: Server, own_url: str) -> None:
    async with open_database(own_url) as database:
        before = await database.write(add_one)
        own_server.control("stop", "-m", "immediate")
        with pytest.raises(StoreBusyError, match="cannot take this now") as caught:
            await database.write(add_one)
        with pytest.raises(StoreBusyError):
            await event_ids(database)
        was_writable = await database.is_writable()
        own_server.start_again()

        took = await until_writable(database)
        after = await database.write(add_one)

        assert not was_writable
        assert took < RECONNECT_S
        assert no_password(caught.value)
        assert await event_ids(database) == {before, after}


async def test_what_was_acknowledged_outlives_a_crash_under_load(own_server: Server, own_url: str) -> None:
    told: set[str] = set()
    enough = asyncio.Event()

    async def write(database: Database) -> None:
        while True:
            told.add(await database.write(add_one))
            if len(told) > 50:
                enough.set()

    async with open_database(own_url) as database:
        writing = [asyncio.ensure_future(write(database)) for _ in range(8)]
        await enough.wait()
        await asyncio.to_thread(own_server.control, "restart", "-m", "immediate")
        ended = await asyncio.gather(*writing, return_exceptions=True)
        await until_writable(database)

        assert all(isinstance(fault, StoreBusyError) for fault in ended)
        assert told <= await event_ids(database)


async def test_a_database_that_turns_read_only_is_still_read_and_recovers(server: Server, url: str) -> None:
    async with open_database(url) as database:
        kept = await database.write(add_one)
        alter(server, url, "SET default_transaction_read_only = on")
        terminate(server, url)
        with pytest.raises(StoreBusyError, match="name the primary in DATABASE_URL"):
            await database.write(add_one)
        was_writable = await database.is_writable()
        seen = await event_ids(database)
        alter(server, url, "RESET default_transaction_read_only")

        await until_writable(database)

        assert (was_writable, seen) == (False, {kept})


async def test_a_server_out_of_connections_is_busy_and_recovers(server: Server, url: str) -> None:
    server.run("DROP ROLE IF EXISTS few")
    server.run("CREATE ROLE few LOGIN CONNECTION LIMIT 3 IN ROLE pg_read_all_data, pg_write_all_data")
    as_few = url.replace("postgresql://postgres:", "postgresql://few:")
    async with open_database(as_few) as database:
        await database.write(add_one)
        server.run("ALTER ROLE few CONNECTION LIMIT 0")
        terminate(server, url)
        with pytest.raises(StoreBusyError, match="Raise max_connections, or run fewer processes"):
            await database.write(add_one)
        was_writable = await database.is_writable()
        server.run("ALTER ROLE few CONNECTION LIMIT 3")

        await until_writable(database)

        assert not was_writable


async def test_a_lock_of_somebody_foreign_is_waited_for_but_not_for_ever(server: Server, url: str) -> None:
    async with open_database(url) as database:
        with psycopg.connect(url) as foreign:
            foreign.execute("LOCK TABLE events")
            began = time.monotonic()
            with pytest.raises(StoreBusyError, match=r"lock timeout\. pg_stat_activity and pg_locks show"):
                await database.write(add_one)
            waited = time.monotonic() - began

        await database.write(add_one)

        assert 1.5 < waited < 4


async def test_a_statement_that_takes_too_long_is_broken_off(server: Server, url: str) -> None:
    def dawdle(conn: Connection) -> None:
        conn.execute(text("SET LOCAL statement_timeout = '50ms'"))
        conn.execute(text("SELECT pg_sleep(30)"))

    async with open_database(url) as database:
        with pytest.raises(StoreBusyError, match=r"statement timeout\. pg_stat_activity shows"):
            await database.write(dawdle)


async def test_units_that_wait_for_each_other_are_both_done(server: Server, url: str) -> None:
    alter(server, url, "SET deadlock_timeout = '50ms'")

    def take(first: str, second: str) -> Callable[[Connection], str]:
        def work(conn: Connection) -> str:
            lock(conn, first)
            conn.execute(text("SELECT pg_sleep(0.2)"))
            lock(conn, second)
            return add_one(conn)

        return work

    async with open_database(url) as one, open_database(url) as two:
        done = await asyncio.gather(one.write(take("a", "b")), two.write(take("b", "a")))

        assert await event_ids(one) == set(done)


async def test_no_value_and_no_password_is_told_of_a_refused_statement(
    server: Server, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    def keep(conn: Connection) -> None:
        conn.execute(text("INSERT INTO configs VALUES ('known-secret', '', now())"))

    caplog.set_level(logging.DEBUG)
    async with open_database(url) as database:
        await database.write(keep)
        with pytest.raises(StoreError, match='violates unique constraint "pk_configs"') as caught:
            await database.write(keep)

    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "known-secret" not in shown
    assert PASSWORD not in shown


async def test_an_address_is_not_shown() -> None:
    assert PASSWORD not in repr(postgres.Address.of(f"postgres://relay:{PASSWORD}@h/db"))
