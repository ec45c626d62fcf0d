import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing

import pytest

from receiver import store
from receiver.model import EventFilter
from receiver.store import open_database

WRITE_FOR_EVER = """
import asyncio, sys
from receiver import store
from tests.receiver.store.makers import NOON, a_plan, a_run, an_event

async def write(database):
    while True:
        event = an_event()
        await database.write(lambda conn: store.record(conn, event, a_plan(a_run()), now=NOON))
        print(event.id, flush=True)

async def main():
    async with store.open_database(sys.argv[1]) as database:
        await asyncio.gather(*(write(database) for _ in range(16)))

asyncio.run(main())
"""


def acknowledged(url: str, *, kill_after: int) -> set[str]:
    """The events whose writing was answered by a process that was killed in the middle of it."""
    command = [sys.executable, "-c", WRITE_FOR_EVER, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writing:
        assert writing.stdout is not None
        told = [writing.stdout.readline().strip() for _ in range(kill_after)]
        writing.send_signal(signal.SIGKILL)
        told += [line.strip() for line in writing.stdout if line.endswith("\n")]
    return set(told)


def check_sqlite(url: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert conn.execute("PRAGMA foreign_key_check").fetchall() == []


CHECKS: dict[str, Callable[[str], None]] = {"sqlite": check_sqlite, "postgresql": lambda _: None}


@pytest.mark.anyio
@pytest.mark.parametrize("kill_after", [1, 40, 300])
async def test_what_was_acknowledged_outlives_kill_9(url: str, engine: str, kill_after: int) -> None:
    told = acknowledged(url, kill_after=kill_after)

    async with open_database(url) as database:
        page = await database.read(lambda conn: store.list_events(conn, EventFilter(), cursor=None, limit=100_000))
        counts = await database.read(store.counts)

    kept = {record.event.id for record in page.items}
    assert len(told) >= kill_after
    assert told <= kept
    assert counts.due + counts.waiting_runs > 0
    CHECKS[engine](url)
