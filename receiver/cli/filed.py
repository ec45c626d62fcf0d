"""The JSON API over the database alone: what the commands ask where no receiver is named."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path

import httpx
from starlette.applications import Starlette

from receiver.aging import Aging
from receiver.cli.config_file import read_config
from receiver.cli.exits import CommandError, ExitCode
from receiver.cli.surroundings import Surroundings
from receiver.config import Config
from receiver.errors import OwnedError
from receiver.hearing import Hearing
from receiver.importing import Importer
from receiver.ingest import Ingest
from receiver.keyring import Keyring
from receiver.present import Present
from receiver.settings import DEFAULT_DATABASE_URL, read_secrets, read_variable
from receiver.store import Database, open_database
from receiver.web import api, doorkeeping, sources, transfer
from receiver.web.access import create_access


@asynccontextmanager
async def open_file(around: Surroundings, *, is_changing: bool = False) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API over what DATABASE_URL names; to change a file is to own it meanwhile."""
    named = read_variable(around.environ, "DATABASE_URL") or DEFAULT_DATABASE_URL
    token = around.new_secret()
    try:
        async with open_database(named, read_only=not is_changing) as database:
            app = Starlette(routes=[*transfer.routes, *api.routes, *doorkeeping.secret_routes, *sources.routes])
            app.state.relay = Desk(around, database)
            app.state.access = create_access(
                admin_token=token, secret_keys=[around.new_secret()], clock=around.clock, new_secret=around.new_secret
            )
            headers = {"Authorization": f"Bearer {token}"}
            transport = httpx.ASGITransport(app=app)
            yield httpx.AsyncClient(base_url="http://localhost", headers=headers, transport=transport)
    except OwnedError as exc:
        message = f"{exc} Or ask it: set RECEIVER_URL and RECEIVER_ADMIN_TOKEN."
        raise CommandError(message, code=ExitCode.CONFLICT) from exc


class Desk:
    """What the routes work with instead of a relay; the next `receiver serve` runs what was set off here."""

    def __init__(self, around: Surroundings, database: Database) -> None:
        self._around = around
        self.database = database
        self.clock = around.clock

    @cached_property
    def config(self) -> Config:
        """The config, read when something goes by it."""
        named = self._around.environ.get("RECEIVER_CONFIG")
        return read_config(Path(named) if named else None)

    @cached_property
    def aging(self) -> Aging:
        """What lets old history go."""
        return Aging(self.database, lambda: self.config.retention, clock=self.clock, sleep=_hurry)

    @cached_property
    def importer(self) -> Importer:
        """What takes in files."""
        ingest = Ingest(
            self.database,
            lambda: self.config,
            clock=self.clock,
            new_id=self._around.new_id,
            wake=lambda: None,
        )
        return Importer(
            self.database,
            lambda: self.config,
            clock=self.clock,
            new_id=self._around.new_id,
            first=ingest.inbox.finish,
        )

    @cached_property
    def hearing(self) -> Hearing:
        """When the sources were heard from."""
        return Hearing(self.database, Present(self.config, {}), clock=self.clock)

    @cached_property
    def keyring(self) -> Keyring:
        """The secrets of sources, as they are set where the command is called."""
        secrets = read_secrets(self._around.environ, self.config.variables)
        return Keyring(self.database, Present(self.config, secrets), clock=self.clock)


async def _hurry(_: float) -> None:
    """Rest not at all: where no receiver is asked, nobody is waiting."""
