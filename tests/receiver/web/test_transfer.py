from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from receiver.web.access import create_access
from tests.receiver.relays import a_world

pytestmark = pytest.mark.anyio

TOKEN = "an admin token"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


async def asked(folder: Path, path: str, wish: bytes | None, *, headers: Mapping[str, str] = HEADERS) -> httpx.Response:
    """What the API answers to a wish, or with none to a question."""
    async with a_world(folder) as world:
        world.app.state.access = create_access(
            admin_token=TOKEN, secret_keys=["k" * 20], clock=world.relay.clock, new_secret=lambda: "s"
        )
        if wish is None:
            return await world.client.get(path, headers=headers)
        return await world.client.post(path, content=wish, headers=headers)


@pytest.mark.parametrize(
    ("path", "wish", "parameter"),
    [
        ("/api/v1/events/export?since=noon", None, "since"),
        ("/api/v1/events/export?until=0001-01-01T00:00:00%2B14:00", None, "until"),
        ("/api/v1/events/export?type=x", None, "type"),
        ("/api/v1/events/export?cursor=eA", None, "cursor"),
        ("/api/v1/events/import", b"{", "body"),
        ("/api/v1/events/import", b"[]", "body"),
        ("/api/v1/events/import", b" " * (32 * 1024 * 1024 + 1), "body"),
        ("/api/v1/events/import", b"{}", "documents"),
        ("/api/v1/events/import", b'{"documents": [1]}', "documents"),
        ("/api/v1/events/import", b'{"documents": [], "source": "x"}', "source"),
        ("/api/v1/events/import", b'{"documents": [], "source": 1}', "source"),
        ("/api/v1/events/prune", b'{"before": "noon"}', "before"),
    ],
)
async def test_a_wish_that_is_wrong_is_named(tmp_path: Path, path: str, wish: bytes | None, parameter: str) -> None:
    answer = await asked(tmp_path, path, wish)

    assert (answer.status_code, answer.json().get("parameter")) == (400, parameter)


@pytest.mark.parametrize("path", ["export", "import", "prune"])
async def test_nobody_else_may_ask(tmp_path: Path, path: str) -> None:
    answer = await asked(tmp_path, f"/api/v1/events/{path}", None if path == "export" else b"{}", headers={})

    assert answer.status_code == 401
