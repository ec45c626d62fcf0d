"""The application: its routes, and what it says where there is none."""

from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from tests.receiver.relays import a_world

pytestmark = pytest.mark.anyio


async def test_every_route_names_its_methods(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        routes = [route for route in world.app.routes if isinstance(route, Route)]

        assert len(routes) == len(world.app.routes)
        assert all(route.methods for route in routes)


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere", "/webhooks", "/livez/", "/readyz/x"])
async def test_programs_are_told_in_json_that_there_is_nothing(tmp_path: Path, path: str) -> None:
    async with a_world(tmp_path) as world:
        response = await world.client.get(path)

        assert response.status_code == 404
        assert response.headers["Content-Type"] == "application/problem+json"


async def test_people_are_told_on_a_page(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        response = await world.client.get("/nowhere", headers={"Accept": "text/html"})

        assert response.status_code == 404
        assert response.headers["Content-Type"].startswith("text/html")


async def test_nothing_is_redirected_for_a_slash(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        statuses = [(await world.client.get(path)).status_code for path in ("/livez/", "/runs/", "/webhooks/genesys/")]

        assert statuses == [404, 404, 405]


@pytest.mark.parametrize("path", ["/webhooks/", "/webhooks//", "/webhooks/genesys//", "/webhooks/genesys/more"])
async def test_webhooks_go_to_a_source_and_nowhere_else(tmp_path: Path, path: str) -> None:
    async with a_world(tmp_path) as world:
        response = await world.client.post(path, json={})

        assert response.status_code == 404


async def test_without_an_admin_token_pages_and_api_are_closed_and_the_door_is_open(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        page, listed, taken = (
            await world.client.get("/"),
            await world.client.get("/api/v1/events"),
            await world.send(),
        )

        assert (page.status_code, listed.status_code, taken.status_code) == (503, 503, 202)


async def test_a_fault_of_our_own_tells_nothing(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.relay.gates = None  # type: ignore[assignment]  # anything that breaks

        response: httpx.Response = await world.send()

        assert response.status_code == 500
        assert response.json()["detail"] == "The receiver itself failed; its log says more."
