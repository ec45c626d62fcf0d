"""A relay with somebody inside: one who has the admin token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from receiver.app import create_app
from receiver.clock import utc_now
from receiver.config import DEFAULT_CONFIG, Config
from receiver.web.access import create_access
from tests.receiver.relays import World, a_world
from tests.receiver.web.face import FROM_OUR_PAGE, TOKEN


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """A world with somebody inside."""

    world: World
    inside: httpx.AsyncClient


@asynccontextmanager
async def a_house(folder: Path, *, config: Config = DEFAULT_CONFIG) -> AsyncIterator[House]:
    async with a_world(folder, config=config) as world:
        access = create_access(admin_token=TOKEN, secret_keys=["k"], clock=utc_now, new_secret=lambda: "s")
        app = create_app(world.relay, access=access)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://relay.test", headers=headers) as inside:
            yield House(world=world, inside=inside)


async def signed_in(house: House) -> httpx.Response:
    """The page, as a browser that has signed in gets it."""
    await house.inside.post("/sign-in", data={"token": TOKEN, "next": "/"}, headers=FROM_OUR_PAGE)
    return await house.inside.get("/door")
