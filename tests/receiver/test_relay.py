"""What lives as long as the process: opened together, closed in the right order."""

import asyncio
from pathlib import Path

import pytest

from receiver.config import Config, Source, parse_config
from receiver.errors import OwnedError, StoreError
from receiver.relay import open_relay
from tests.receiver.relays import a_body, provisions

pytestmark = pytest.mark.anyio


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
