"""An open relay on a real file, and its application without a socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from secrets import token_urlsafe

import httpx
from starlette.applications import Starlette

from receiver.app import create_app
from receiver.clock import new_id, utc_now
from receiver.config import DEFAULT_CONFIG, Config
from receiver.model import EventFilter, EventRecord, RunFilter, Step
from receiver.relay import Provisions, Relay, open_relay
from receiver.states import is_final
from receiver.store import list_events, list_runs

SECRET = "the present secret"
SAMPLE = Path(__file__).parent.parent / "samples/genesys/flow-version-published.json"
SECRET_HEADER = "X-Genesys-Webhook-Secret"


def provisions(values: Mapping[str, str] | None = None) -> Provisions:
    return Provisions(
        secrets=values or {"CI_WEBHOOK_SECRET": SECRET},
        clock=utc_now,
        new_id=new_id,
        new_secret=token_urlsafe,
        rng=Random(7),  # noqa: S311
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """A relay at work, and a client of its application."""

    relay: Relay
    app: Starlette
    client: httpx.AsyncClient

    async def send(
        self, body: bytes | None = None, *, source: str = "genesys", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Post a body as Genesys Cloud does; `headers` are added to or take the place of the usual ones."""
        usual = {SECRET_HEADER: SECRET, "Content-Type": "application/json"}
        content = a_body() if body is None else body
        return await self.client.post(f"/webhooks/{source}", content=content, headers=usual | dict(headers or {}))

    async def events(self) -> tuple[EventRecord, ...]:
        """Everything that was recorded."""
        page = await self.relay.database.read(lambda conn: list_events(conn, EventFilter(), cursor=None, limit=100))
        return page.items

    async def ended_step(self) -> Step:
        """The one step of the one run, once it has ended."""
        async with asyncio.timeout(10):
            while True:
                page = await self.relay.database.read(lambda conn: list_runs(conn, RunFilter(), cursor=None, limit=1))
                [step] = page.items[0].steps
                if is_final(step.status):
                    return step


@asynccontextmanager
async def a_world(
    home: Path | str,
    *,
    config: Config = DEFAULT_CONFIG,
    secrets: Mapping[str, str] | None = None,
    has_worker: bool = False,
    read_timeout_s: float = 10.0,
) -> AsyncIterator[World]:
    """A relay on a database, or on a file in a folder."""
    url = home if isinstance(home, str) else f"sqlite:///{home / 'receiver.db'}"
    async with open_relay(url, config, provisions(secrets), has_worker=has_worker, grace_s=0.2) as relay:
        app = create_app(relay, access=None, read_timeout_s=read_timeout_s)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://relay.test") as client:
            yield World(relay=relay, app=app, client=client)


def a_body(**fields: object) -> bytes:
    body = json.loads(SAMPLE.read_bytes())
    return json.dumps(body | fields).encode()
