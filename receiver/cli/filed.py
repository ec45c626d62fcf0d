"""The JSON API over the database file alone: what the commands ask where no receiver is named."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import httpx
from starlette.applications import Starlette

from receiver.cli.surroundings import Surroundings
from receiver.settings import DEFAULT_DATABASE_URL, read_variable
from receiver.store import open_database
from receiver.web import api
from receiver.web.access import create_access


@asynccontextmanager
async def open_file(around: Surroundings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API over the file that DATABASE_URL names; a receiver may go on writing to it."""
    named = read_variable(around.environ, "DATABASE_URL") or DEFAULT_DATABASE_URL
    token = around.new_secret()
    async with open_database(named, read_only=True) as database:
        app = Starlette(routes=api.routes)
        app.state.relay = SimpleNamespace(database=database)
        app.state.access = create_access(
            admin_token=token, secret_keys=[around.new_secret()], clock=around.clock, new_secret=around.new_secret
        )
        headers = {"Authorization": f"Bearer {token}"}
        yield httpx.AsyncClient(base_url="http://localhost", headers=headers, transport=httpx.ASGITransport(app=app))
