"""Addresses are checked where they are dialled, however they are spelt."""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address

import httpcore
import pytest

from receiver.errors import AddressRefusedError
from receiver.targets.network import AddressPolicy, GuardedBackend, Resolver, faces, resolve


class Dialler(httpcore.AsyncNetworkBackend):
    """Notes what is dialled; reaches some addresses, and waits for ever on others."""

    def __init__(self, *, reachable: Sequence[str] = (), mute: Sequence[str] = ()) -> None:
        self.dialled: list[str] = []
        self._reachable = reachable
        self._mute = mute

    async def connect_tcp(
        self,
        host: str,
        port: int,  # noqa: ARG002 - httpcore's signature
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,  # noqa: ARG002
        socket_options: object = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append(host)
        if host in self._mute:
            try:
                async with asyncio.timeout(timeout):
                    await asyncio.Event().wait()
            except TimeoutError as exc:
                raise httpcore.ConnectTimeout from exc
        if host not in self._reachable:
            raise httpcore.ConnectError("refused")
        return httpcore.AsyncMockStream([])


def a_resolver(*addresses: str) -> Resolver:
    async def answer(host: str, port: int) -> Sequence[str]:
        return addresses

    return answer


def a_backend(*addresses: str, dialler: Dialler, deny: Sequence[str] = ()) -> GuardedBackend:
    return GuardedBackend(AddressPolicy(deny), resolver=a_resolver(*addresses), dialler=dialler)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.170.2",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",  # noqa: S104
        "::",
        "224.0.0.1",
        "255.255.255.255",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:5601:5601",
    ],
)
def test_some_addresses_are_never_called(address: str) -> None:
    assert AddressPolicy().refusal(address) is not None


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "fd12::1", "93.184.216.34", "2a00:1450::1"]
)
def test_internal_systems_may_be_called(address: str) -> None:
    assert AddressPolicy().refusal(address) is None


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "2002:0a01:0203::", "127.0.0.1", "::ffff:7f00:1", "::1"],
)
def test_the_config_can_deny_more(address: str) -> None:
    policy = AddressPolicy(["10.0.0.0/8", "127.0.0.0/8", "::1/128"])

    assert "outbound.deny" in (policy.refusal(address) or "")


def test_an_address_is_also_what_it_wraps() -> None:
    found = list(faces(ip_address("::ffff:10.1.2.3")))

    assert found == [ip_address("::ffff:10.1.2.3"), ip_address("10.1.2.3")]


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "127.0.0.1"])
async def test_the_system_reads_strange_spellings_as_loopback(host: str) -> None:
    assert list(await resolve(host, 80)) == ["127.0.0.1"]


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "::ffff:127.0.0.1", "::1"])
async def test_no_spelling_gets_past_the_policy(host: str) -> None:
    dialler = Dialler(reachable=["127.0.0.1", "::1"])
    backend = GuardedBackend(AddressPolicy(["127.0.0.0/8", "::1/128"]), dialler=dialler)

    with pytest.raises(AddressRefusedError):
        await backend.connect_tcp(host, 80)

    assert dialler.dialled == []


@pytest.mark.anyio
async def test_the_address_that_was_checked_is_dialled() -> None:
    dialler = Dialler(reachable=["93.184.216.34"])

    await a_backend("93.184.216.34", dialler=dialler).connect_tcp("ci.example.com", 443)

    assert dialler.dialled == ["93.184.216.34"]


@pytest.mark.anyio
async def test_a_name_is_resolved_once() -> None:
    answers = [["93.184.216.34"], ["169.254.169.254"]]

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    dialler = Dialler(reachable=["93.184.216.34"])

    await GuardedBackend(AddressPolicy(), resolver=rebinding, dialler=dialler).connect_tcp("ci.example.com", 443)

    assert dialler.dialled == ["93.184.216.34"]


@pytest.mark.anyio
async def test_one_bad_address_condemns_the_name() -> None:
    dialler = Dialler(reachable=["93.184.216.34"])
    backend = a_backend("93.184.216.34", "169.254.169.254", dialler=dialler)

    with pytest.raises(AddressRefusedError, match=r"'ci\.example\.com' is 169\.254\.169\.254: link-local"):
        await backend.connect_tcp("ci.example.com", 443)

    assert dialler.dialled == []


@pytest.mark.anyio
async def test_the_next_address_is_tried_where_one_refuses() -> None:
    dialler = Dialler(reachable=["127.0.0.1"])

    await a_backend("::1", "127.0.0.1", dialler=dialler).connect_tcp("localhost", 80)

    assert dialler.dialled == ["::1", "127.0.0.1"]


@pytest.mark.anyio
async def test_a_mute_address_leaves_time_for_the_next() -> None:
    dialler = Dialler(reachable=["127.0.0.1"], mute=["::1"])

    await a_backend("::1", "127.0.0.1", dialler=dialler).connect_tcp("localhost", 80, timeout=0.2)

    assert dialler.dialled == ["::1", "127.0.0.1"]


@pytest.mark.anyio
async def test_a_resolver_that_hangs_is_left() -> None:
    async def hangs(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    backend = GuardedBackend(AddressPolicy(), resolver=hangs, dialler=Dialler())

    with pytest.raises(httpcore.ConnectTimeout):
        await backend.connect_tcp("ci.example.com", 443, timeout=0.05)


@pytest.mark.anyio
async def test_a_name_that_does_not_resolve_is_a_fault_of_the_connection() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError(-2, "Name or service not known")

    backend = GuardedBackend(AddressPolicy(), resolver=unknown, dialler=Dialler())

    with pytest.raises(httpcore.ConnectError, match="does not resolve: Name or service not known"):
        await backend.connect_tcp("ci.example.com", 443)


@pytest.mark.anyio
async def test_a_name_without_addresses_is_a_fault_of_the_connection() -> None:
    with pytest.raises(httpcore.ConnectError, match="has no address"):
        await a_backend(dialler=Dialler()).connect_tcp("ci.example.com", 443)


@pytest.mark.anyio
async def test_a_unix_socket_is_no_target() -> None:
    with pytest.raises(AddressRefusedError):
        await a_backend(dialler=Dialler()).connect_unix_socket("/run/docker.sock")
