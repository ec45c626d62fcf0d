"""What an administrator of PostgreSQL does to a database and its sessions, and what is in it afterwards."""

from typing import LiteralString

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection

from receiver import store
from receiver.model import EventFilter
from receiver.store import Database
from tests.receiver.postgres import Server
from tests.receiver.store.makers import NOON, a_plan, a_run, an_event


def name_of(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"])


def alter(server: Server, url: str, change: LiteralString) -> None:
    """Change a setting of a database, for the sessions that begin from now on."""
    server.run(sql.SQL("ALTER DATABASE {} {}").format(sql.Identifier(name_of(url)), sql.SQL(change)))


def terminate(server: Server, url: str) -> int:
    """End all sessions on a database; how many."""
    found = server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name_of(url))
    return len(found)


def add_one(conn: Connection) -> str:
    """Record an event that sets off a run; the event's id."""
    return store.record(conn, an_event(), a_plan(a_run()), now=NOON).event_id


async def event_ids(database: Database) -> set[str]:
    """The events that are in a database."""
    page = await database.read(lambda conn: store.list_events(conn, EventFilter(), cursor=None, limit=1000))
    return {record.event.id for record in page.items}
