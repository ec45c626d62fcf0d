"""Where a command works that asks one organization something: its project, its console, and the time that it has."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

import typer

from publisher.cli.connection import Connection, connect, credentials_of, hosts_of
from publisher.cli.console import Console
from publisher.cli.ledgers import open_ledger
from publisher.cli.person import agree
from publisher.cli.project import Project, read_project
from publisher.cli.surroundings import Surroundings, run
from publisher.deadline import Deadline
from publisher.genesys.client import GenesysClient
from publisher.ledger.ledger import Ledger

DEFAULT_TIMEOUT_S = 120.0

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """The place of one command."""

    around: Surroundings
    project: Project
    console: Console
    timeout_s: float = DEFAULT_TIMEOUT_S

    @classmethod
    def of(
        cls,
        context: typer.Context,
        *,
        as_json: bool,
        config: Path | None,
        env: str | None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> Self:
        """The desk that the command line asks for."""
        around: Surroundings = context.obj
        project = read_project(around.environ, config_file=config, env=env)
        return cls(around=around, project=project, console=around.console(as_json=as_json), timeout_s=timeout_s)

    def agree(self, doing: str, *, yes: bool) -> None:
        """Have somebody agree to a change where the environment is protected."""
        agree(self.around, self.project.environment, doing, yes=yes)

    def do(self, work: Callable[[GenesysClient], Awaitable[Answer]]) -> Answer:
        """Do the work with a client of the organization."""
        return self.do_connected(lambda connection: work(connection.client))

    def do_knowing(
        self, work: Callable[[GenesysClient, Ledger | None], Awaitable[Answer]], *, state: Path | None
    ) -> Answer:
        """Do work that has to know, too, what was published; it changes nothing of that."""

        async def knowing(connection: Connection) -> Answer:
            async with open_ledger(self.around, self.project, connection.http, state=state, writes=False) as ledger:
                return await work(connection.client, ledger)

        return self.do_connected(knowing)

    def do_connected(self, work: Callable[[Connection], Awaitable[Answer]]) -> Answer:
        """Do the work with an open way to the organization."""
        with self.console.progress():
            self.console.stage("Asking Genesys Cloud")
            return run(self._in_time(work))

    async def _in_time(self, work: Callable[[Connection], Awaitable[Answer]]) -> Answer:
        async with self._connected() as connection, Deadline(self.timeout_s).limit("the command"):
            return await work(connection)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        settings = self.project.settings
        hosts, credentials = hosts_of(settings), credentials_of(settings)
        environment, voice = self.project.environment, self.console.voice
        async with connect(
            self.around, hosts=hosts, credentials=credentials, voice=voice, environment=environment
        ) as connection:
            yield connection
