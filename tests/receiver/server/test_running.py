"""Starting and ending, whatever clients do."""

import asyncio
import contextlib
import re
import socket
from pathlib import Path

import pytest

from receiver.errors import ConfigError, ReceiverError
from receiver.server import bind, url_of
from tests.receiver.server import POST, a_request, a_server, status, until

pytestmark = pytest.mark.anyio


async def test_idle_and_half_sent_requests_hold_nothing_up(tmp_path: Path) -> None:
    half_sent = [b"", b"PO", POST, POST + b"Content-Length: 100\r\n\r\n{", a_request()]
    async with a_server(tmp_path, read_timeout_s=60) as served, contextlib.AsyncExitStack() as clients:
        for sent in half_sent:
            _, writer = await clients.enter_async_context(served.connection())
            writer.write(sent)
            await writer.drain()

        assert await served.stop() < 1.0


async def test_a_request_that_has_come_in_is_answered(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served, served.connection() as (reader, writer):
        writer.write(a_request())
        await until(served.world.events)

        await served.stop()

        answer = await reader.read()
        assert status(answer) == 202


async def test_an_ending_server_is_not_ready_and_takes_nobody_new(tmp_path: Path) -> None:
    async with a_server(tmp_path) as served:
        await served.stop()

        assert served.world.relay.is_stopping
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*served.address)


def test_a_port_in_use_is_said_in_one_line() -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(ReceiverError, match=rf"^Port {port} of 127\.0\.0\.1 cannot be had: .* --port or PORT\.$"):
            bind("127.0.0.1", port)
        with pytest.raises(ReceiverError, match=r"--port or RECEIVER_WORKER_PORT\.$"):
            bind("127.0.0.1", port, setting="RECEIVER_WORKER_PORT")


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"], ids=["unknown name", "elsewhere"])
def test_a_host_that_is_none_of_ours_is_a_wrong_setting(host: str) -> None:
    with pytest.raises(ConfigError, match=rf"^'{re.escape(host)}' is no address of this machine .* RECEIVER_HOST, "):
        bind(host, 0)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("localhost", "127.0.0.1")],  # noqa: S104
)
def test_the_url_is_one_that_opens_on_this_machine(host: str, shown: str) -> None:
    with bind(host, 0) as bound:
        assert url_of(bound) == f"http://{shown}:{bound.getsockname()[1]}"


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_an_address_with_colons_stands_in_brackets() -> None:
    with bind("::1", 0) as bound:
        assert url_of(bound).startswith("http://[::1]:")
