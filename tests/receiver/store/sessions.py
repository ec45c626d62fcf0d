"""What an administrator of PostgreSQL does to a database and its sessions."""

from typing import LiteralString

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.receiver.postgres import Server


def name_of(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"])


def alter(server: Server, url: str, change: LiteralString) -> None:
    """Change a setting of a database, for the sessions that begin from now on."""
    server.run(sql.SQL("ALTER DATABASE {} {}").format(sql.Identifier(name_of(url)), sql.SQL(change)))


def terminate(server: Server, url: str) -> int:
    """End all sessions on a database; how many."""
    found = server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name_of(url))
    return len(found)
