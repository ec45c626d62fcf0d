"""What Prometheus is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from receiver.errors import StoreBusyError
from receiver.store import Database, end_turn, take_turn
from tests.receiver.polling import a_config
from tests.receiver.relays import a_world
from tests.receiver.store.makers import NOON, after

pytestmark = pytest.mark.anyio


async def test_metrics_tell_how_things_stand_and_need_no_secret(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.send(headers={"X-Genesys-Webhook-Secret": "wrong"})
        response = await world.client.get("/metrics")

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    assert "flowrelay_requests_refused_total 1.0" in response.text
    assert "flowrelay_queue_depth 0.0" in response.text
    assert "flowrelay_queue_oldest_age_seconds 0.0" in response.text
    assert 'flowrelay_build_info{version="' in response.text


async def test_metrics_tell_of_polls_by_their_source(tmp_path: Path) -> None:
    async with a_world(tmp_path, config=a_config()) as world:
        state = await world.relay.database.write(lambda conn: take_turn(conn, "prod-poll", now=NOON, until=after(60)))
        assert state is not None
        ended = replace(state, failures=2, answered_at=NOON)
        await world.relay.database.write(lambda conn: end_turn(conn, ended))
        response = await world.client.get("/metrics")

    assert 'flowrelay_poll_failures{source="prod-poll"} 2.0' in response.text
    assert 'flowrelay_poll_last_success_timestamp_seconds{source="prod-poll"}' in response.text


async def test_metrics_wait_for_a_database_that_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(*_: object) -> None:
        raise StoreBusyError("The database did not answer within 5 s.")

    async with a_world(tmp_path) as world:
        monkeypatch.setattr(Database, "read", busy)
        response = await world.client.get("/metrics")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
