"""Alive, and ready."""

from pathlib import Path

import pytest

from receiver.store import Database
from tests.receiver.relays import a_world

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_receiver_at_work_is_alive_and_ready(tmp_path: Path, path: str, method: str) -> None:
    async with a_world(tmp_path) as world:
        response = await world.client.request(method, path)

        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-store"


async def test_a_receiver_about_to_end_is_alive_but_not_ready(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.relay.begin_stop()

        alive, ready = await world.client.get("/livez"), await world.client.get("/readyz")

        assert (alive.status_code, ready.status_code) == (200, 503)
        assert ready.json()["detail"] == "It is about to end."


async def test_a_receiver_that_cannot_write_is_not_ready(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.relay.database = Database(tmp_path, reading=world.relay.database._reading, writer=None)

        ready = await world.client.get("/readyz")

        assert ready.status_code == 503
        assert ready.json()["type"] == "urn:flow-relay:problem:not-ready"
