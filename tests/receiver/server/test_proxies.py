"""Whose word counts for where a request comes from: the socket's, and that of proxies that were named."""

import socket
from pathlib import Path

import pytest

from receiver.config import Config, Source
from tests.receiver.server import CLOSE, KEY, POST, a_request, a_server, status

pytestmark = pytest.mark.anyio

OURS = Config(sources=(Source(name="genesys", networks=("192.0.2.0/24",)),))
REFUSED = POST.replace(KEY, b"") + CLOSE + b"Content-Length: 2\r\n%s\r\n{}"


@pytest.mark.parametrize(
    ("header", "address"),
    [
        pytest.param(b"X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1", id="one"),
        pytest.param(b"X-Forwarded-For: 6.6.6.6, 192.0.2.1\r\n", "192.0.2.1", id="two"),
        pytest.param(b"X-Forwarded-For: 6.6.6.6, 192.0.2.1, 127.0.0.1\r\n", "192.0.2.1", id="with our own"),
        pytest.param(b"X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 192.0.2.1:4711\r\n", "192.0.2.1", id="two headers"),
        pytest.param(b"X-Forwarded-For: [2001:db8::1]:443\r\n", "2001:db8::1", id="IPv6"),
        pytest.param(b"X-Forwarded-For: <b>\r\n", "<b>", id="markup"),
        pytest.param(b"X-Forwarded-For: " + b"x" * 500 + b"\r\n", "x" * 64, id="long"),
        pytest.param(b"X-Forwarded-For:\r\n", "127.0.0.1", id="empty"),
        pytest.param(b"X-Real-IP: 6.6.6.6\r\n", "127.0.0.1", id="another header"),
        pytest.param(b"Forwarded: for=192.0.2.1;proto=https\r\n", "192.0.2.1", id="forwarded"),
        pytest.param(b"Forwarded: for=6.6.6.6\r\nForwarded: for=192.0.2.1\r\n", "192.0.2.1", id="forwarded twice"),
        pytest.param(b"Forwarded: for=6.6.6.6\r\nX-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1", id="both"),
        pytest.param(b"Forwarded: for=6.6.6.6\r\nX-Forwarded-For: 127.0.0.1\r\n", "127.0.0.1", id="both, from a proxy"),
        pytest.param(b"Forwarded: for=6.6.6.6\r\nX-Forwarded-Proto: https\r\n", "127.0.0.1", id="both in part"),
        pytest.param(b"", "127.0.0.1", id="none"),
    ],
)
async def test_a_proxy_that_was_named_says_who_asked(tmp_path: Path, header: bytes, address: str) -> None:
    async with a_server(tmp_path, trusted_proxies=["127.0.0.1"]) as served:
        await served.exchange(REFUSED % header)

        assert served.world.relay.refusals.latest()[0].address == address


@pytest.mark.parametrize("header", [b"X-Forwarded-For: 192.0.2.1\r\n", b"Forwarded: for=192.0.2.1\r\n"])
@pytest.mark.parametrize("proxies", [(), ("10.0.0.0/8",)], ids=["none", "another"])
async def test_nobody_else_does(tmp_path: Path, proxies: tuple[str, ...], header: bytes) -> None:
    async with a_server(tmp_path, trusted_proxies=proxies) as served:
        await served.exchange(REFUSED % header)

        assert served.world.relay.refusals.latest()[0].address == "127.0.0.1"


async def test_a_trailer_says_nothing_of_where_it_comes_from(tmp_path: Path) -> None:
    chunks = b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"
    async with a_server(tmp_path, config=OURS, trusted_proxies=["127.0.0.1"]) as served:
        answer = await served.exchange(POST + CLOSE + chunks)

        assert status(answer) == 401


@pytest.mark.parametrize(
    ("address", "wanted"), [(b"192.0.2.1", 202), (b"192.0.3.1", 401), (b"192.0.2.1, 6.6.6.6", 401)]
)
async def test_the_networks_of_a_source_go_by_that(tmp_path: Path, address: bytes, wanted: int) -> None:
    async with a_server(tmp_path, config=OURS, trusted_proxies=["127.0.0.1"]) as served:
        answer = await served.exchange(a_request(more=CLOSE + b"X-Forwarded-For: " + address + b"\r\n"))

        assert status(answer) == wanted


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
async def test_an_address_of_ipv4_is_one_at_a_socket_of_ipv6_too(tmp_path: Path) -> None:
    async with a_server(tmp_path, host="::", trusted_proxies=["127.0.0.1"]) as served:
        await served.exchange(REFUSED % b"")
        await served.exchange(REFUSED % b"X-Forwarded-For: 192.0.2.1\r\n")

        assert [refusal.address for refusal in served.world.relay.refusals.latest()] == ["192.0.2.1", "127.0.0.1"]
