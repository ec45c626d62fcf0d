"""What a worker shows of itself."""

from pathlib import Path

import httpx
import pytest

from receiver.relay import Relay
from receiver.web.watching import create_watch
from tests.receiver.relays import a_world

pytestmark = pytest.mark.anyio


async def test_a_worker_tells_of_its_health_and_its_figures(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, watcher_of(world.relay) as watcher:
        answers = {path: await watcher.get(path) for path in ("/livez", "/readyz", "/metrics")}
        figures = (await world.client.get("/metrics")).text

    assert [answer.status_code for answer in answers.values()] == [200] * 3
    assert names(answers["/metrics"].text) == names(figures)


async def test_a_worker_about_to_end_is_not_ready(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, watcher_of(world.relay) as watcher:
        world.relay.begin_stop()

        answer = await watcher.get("/readyz")

    assert answer.status_code == 503


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/api/v1/events", 404),
        ("POST", "/webhooks/genesys", 404),
        ("GET", "/sign-in", 404),
        ("POST", "/metrics", 405),
    ],
)
async def test_a_worker_has_no_doors_and_no_pages(tmp_path: Path, method: str, path: str, status: int) -> None:
    async with a_world(tmp_path) as world, watcher_of(world.relay) as watcher:
        answer = await watcher.request(method, path, headers={"Accept": "text/html"})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "receiver serve" in answer.json()["detail"]


def watcher_of(relay: Relay) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_watch(relay)), base_url="http://worker.test")


def names(exposition: str) -> set[str]:
    return {line.split()[2] for line in exposition.splitlines() if line.startswith("# TYPE")}
