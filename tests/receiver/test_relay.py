"""What lives as long as the process: opened together, closed in the right order."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from receiver.clock import utc_now
from receiver.config import DEFAULT_CONFIG, Config, Source, parse_config
from receiver.errors import ConfigError, OwnedError, StoreError
from receiver.model import EventFilter
from receiver.relay import Relay, open_relay
from receiver.store import Database, list_events
from tests.receiver.relays import SECRET, SECRET_HEADER, a_body, a_world, provisions

pytestmark = pytest.mark.anyio


def chores() -> set[asyncio.Task[object]]:
    return {task for task in asyncio.all_tasks() if task.get_name().startswith("chore ")}


async def test_a_relay_is_ready_until_it_is_about_to_end(tmp_path: Path) -> None:
    async with open_relay(f"sqlite:///{tmp_path / 'receiver.db'}", Config(), provisions()) as relay:
        before = await relay.is_ready()
        relay.begin_stop()

        assert (before, await relay.is_ready()) == (True, False)


async def test_one_process_owns_the_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'receiver.db'}"
    async with open_relay(url, Config(), provisions()):
        with pytest.raises(OwnedError, match="one owner"):
            async with open_relay(url, Config(), provisions()):
                pass


async def test_a_database_that_cannot_be_used_is_said_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a directory"):
        async with open_relay(f"sqlite:///{tmp_path}", Config(), provisions()):
            pass


async def test_what_breaks_inside_comes_out_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with open_relay(f"sqlite:///{tmp_path / 'receiver.db'}", Config(), provisions()):
            raise ZeroDivisionError


async def test_a_relay_about_to_end_begins_no_step(tmp_path: Path) -> None:
    calls: list[bytes] = []

    async def downstream(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(b"called")
        writer.close()

    server = await asyncio.start_server(downstream, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    config = parse_config(
        f"pipelines: {{p: {{on: {{}}, steps: [{{id: call, target: http, url: '{url}'}}]}}}}", file="receiver.yaml"
    )
    async with server, open_relay(f"sqlite:///{tmp_path / 'receiver.db'}", config, provisions()) as relay:
        relay.begin_stop()
        recorded = await relay.ingest.accept(a_body(), source=Source(name="genesys"), headers={}, secret="S")

    assert len(recorded.run_ids) == 1
    assert calls == []


async def test_a_relay_about_to_end_begins_no_chore(tmp_path: Path) -> None:
    async with open_relay(f"sqlite:///{tmp_path / 'receiver.db'}", Config(), provisions()) as relay:
        await asyncio.sleep(0)  # they begin
        before = chores()
        relay.begin_stop()
        await asyncio.wait(before, timeout=10)

        assert {task.get_name() for task in before} >= {"chore aging", "chore polls"}
        assert chores() == set()


async def test_a_config_that_has_gone_stays_in_force(tmp_path: Path) -> None:
    config = replace(DEFAULT_CONFIG, file="config/receiver.yaml", digest="d")
    async with a_world(tmp_path, config=config) as world:
        await world.relay.reload(lambda: (DEFAULT_CONFIG, {"CI_WEBHOOK_SECRET": SECRET}))

        assert world.relay.config is config
        assert world.relay.present.last_reload is not None
        assert world.relay.present.last_reload.faults == ("The config config/receiver.yaml is not there any more.",)


async def test_a_reload_puts_another_config_and_other_secrets_in_force(tmp_path: Path) -> None:
    other = Config(sources=(Source(name="other", secrets=("OTHER",)),), max_body_bytes=2000, digest="d", text="t")
    async with a_world(tmp_path) as world:
        await world.relay.reload(lambda: (other, {"OTHER": "new"}))

        old = await world.send()
        new = await world.send(source="other", headers={SECRET_HEADER: "new"})
        large = await world.send(b"x" * 2001, source="other")

        assert [response.status_code for response in (old, new, large)] == [401, 202, 413]
        assert world.relay.config == other
        assert world.relay.present.last_reload is not None
        assert world.relay.present.last_reload.faults == ()


async def test_a_faulty_config_leaves_the_one_before_it_in_force(tmp_path: Path) -> None:
    fault = "receiver.yaml:2:3: there is a fault."

    def faulty() -> tuple[Config, Mapping[str, str]]:
        raise ConfigError([fault])

    async with a_world(tmp_path) as world:
        with capture_logs() as lines:
            await world.relay.reload(faulty)

        response = await world.send()

        assert response.status_code == 202
        assert [line["faults"] for line in lines] == [(fault,)]
        assert world.relay.present.last_reload is not None
        assert world.relay.present.last_reload.faults == (fault,)
        assert (world.relay.present.reloads, world.relay.present.failed_reloads) == (1, 1)


async def test_a_config_that_cannot_be_kept_is_not_put_in_force(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.relay.database = Database(tmp_path, reading=world.relay.database._reading, writer=None)

        await world.relay.reload(lambda: (replace(DEFAULT_CONFIG, digest="d"), {"CI_WEBHOOK_SECRET": SECRET}))

        assert world.relay.config == DEFAULT_CONFIG
        assert world.relay.present.failed_reloads == 1


async def test_a_reload_closes_networks_to_the_steps_that_follow(tmp_path: Path) -> None:
    text = """
        outbound: {deny: [%s]}
        pipelines: {p: {on: {}, steps: [{id: call, target: http, url: "http://127.0.0.1:9", retry: {attempts: 1}}]}}
        """
    async with a_world(tmp_path, config=parse_config(text % "", file="r.yaml"), has_worker=True) as world:
        await world.relay.reload(lambda: (parse_config(text % "loopback", file="r.yaml"), provisions().secrets))
        await world.send()

        step = await world.ended_step()

        assert "which outbound.deny names" in str(step.message)


async def test_old_history_goes_while_it_works(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'receiver.db'}"
    later = replace(provisions(), clock=lambda: utc_now() + timedelta(days=401))
    async with open_relay(url, Config(), provisions(), has_worker=False) as relay:
        await relay.ingest.accept(a_body(event="flow.deleted"), source=Source(name="genesys"), headers={}, secret="S")

    async with open_relay(url, Config(), later) as relay, asyncio.timeout(10):
        await emptied(relay)


async def emptied(relay: Relay) -> None:
    """Wait until no event is left."""
    while True:
        page = await relay.database.read(lambda conn: list_events(conn, EventFilter(), cursor=None, limit=1))
        if not page.items:
            return
