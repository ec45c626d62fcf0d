"""A receiver whose PostgreSQL server goes away and comes back."""

import asyncio

import pytest
from structlog.testing import capture_logs

from receiver.config import parse_config
from tests.receiver.postgres import PASSWORD, Server
from tests.receiver.relays import World, a_body, a_world

pytestmark = pytest.mark.anyio

RECONNECT_S = 5


async def until_ready(world: World) -> None:
    async with asyncio.timeout(RECONNECT_S):
        while (await world.client.get("/readyz")).status_code != 200:
            continue


async def test_while_the_server_is_away_events_are_put_off_and_then_taken_in(own_server: Server, own_url: str) -> None:
    with capture_logs() as lines:
        async with a_world(own_url, has_worker=True) as world:
            before = await world.send()
            own_server.control("stop", "-m", "immediate")
            during, ready = await world.send(a_body(id="another")), await world.client.get("/readyz")
            alive, history = await world.client.get("/livez"), await world.client.get("/api/v1/events")
            own_server.start_again()
            await until_ready(world)
            after = await world.send(a_body(id="another"))

    assert [one.status_code for one in (before, during, ready, alive, after)] == [202, 503, 503, 200, 202]
    assert during.headers["Retry-After"] == ready.headers["Retry-After"] == "5"
    assert history.status_code == 503
    assert PASSWORD not in f"{during.text}{ready.text}{history.text}{lines}"


async def test_a_step_that_is_done_while_the_server_is_away_is_settled_when_it_is_back(
    own_server: Server, own_url: str
) -> None:
    called, answering = asyncio.Event(), asyncio.Event()

    async def downstream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        called.set()
        await answering.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(downstream, "127.0.0.1", 0)
    target = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    config = parse_config(
        f"pipelines: {{p: {{on: {{}}, steps: [{{id: call, target: http, url: '{target}'}}]}}}}", file="receiver.yaml"
    )
    async with server, a_world(own_url, config=config, has_worker=True) as world:
        await world.send()
        async with asyncio.timeout(RECONNECT_S):
            await called.wait()
        await asyncio.to_thread(own_server.control, "restart", "-m", "immediate")
        answering.set()
        await until_ready(world)
        step = await world.ended_step()

    assert (step.status.value, step.attempts) == ("succeeded", 1)
