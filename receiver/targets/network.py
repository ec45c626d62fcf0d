"""Which addresses may be called, decided on the very address that is dialled.

Looking at the host in a URL is useless: `2130706433`, `0x7f000001` and `127.1` are all 127.0.0.1, and a name can
resolve to something else the second time. So the name is resolved once, each address is checked, and one of those
is dialled, while TLS and the Host header keep the name.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore

from receiver.errors import AddressRefusedError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

NEVER: tuple[tuple[str, str], ...] = (
    ("169.254.0.0/16", "link-local, where clouds keep their metadata"),
    ("fe80::/10", "link-local"),
    ("fd00:ec2::254/128", "the metadata address of AWS"),
    ("fd20:ce::254/128", "the metadata address of Google Cloud"),
    ("100.100.100.200/32", "the metadata address of Alibaba Cloud"),
    ("192.0.0.192/32", "the metadata address of Oracle Cloud"),
    ("168.63.129.16/32", "the metadata address of Azure"),
    ("0.0.0.0/8", "no address of a host"),
    ("::/128", "no address of a host"),
    ("224.0.0.0/4", "multicast"),
    ("ff00::/8", "multicast"),
    ("255.255.255.255/32", "broadcast"),
)
"""What no target may be, whatever the config allows; private networks and loopback are not in it: CI is often there."""

_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_V4_COMPATIBLE = IPv6Network("::/96")


class AddressPolicy:
    """Which addresses may be called; `deny` holds networks such as `10.0.0.0/8`."""

    def __init__(self, deny: Iterable[str] = ()) -> None:
        self.deny(deny)

    def deny(self, networks: Iterable[str]) -> None:
        """Refuse these networks from now on, and no others but those that are never called."""
        never = ((ip_network(network), reason) for network, reason in NEVER)
        denied = (
            (ip_network(network, strict=False), f"in {network}, which outbound.deny names") for network in networks
        )
        self._refused: tuple[tuple[Network, str], ...] = (*never, *denied)

    def refusal(self, text: str) -> str | None:
        """Why an address may not be called; None when it may."""
        for address in faces(ip_address(text)):
            for network, reason in self._refused:
                if address.version == network.version and address in network:
                    return reason
        return None


def faces(address: Address) -> Iterator[Address]:
    """An address and every IPv4 address that it stands for: a gateway on the way may unwrap it."""
    yield address
    if isinstance(address, IPv4Address):
        return
    wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    compatible = address in _V4_COMPATIBLE and int(address) > 1  # not :: and ::1, which are themselves
    if compatible or any(address in network for network in _NAT64):
        wrapped.append(IPv4Address(int(address) & 0xFFFFFFFF))
    yield from (inner for inner in wrapped if inner is not None)


async def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name, best first, from the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Dials checked addresses only; everything else is httpcore's own backend."""

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        resolver: Resolver = resolve,
        dialler: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._policy = policy
        self._resolve = resolver
        self._dialler = dialler or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve once, check every address, dial the first that answers."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._checked(host, port)
                return _Stream(await self._dial(addresses, port, timeout, local_address, socket_options))
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout(f"no connection within {timeout} s") from exc

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - httpcore's signature
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
        socket_options: Iterable[SocketOption] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: a target is a host."""
        raise AddressRefusedError("A Unix socket cannot be a target.")

    async def sleep(self, seconds: float) -> None:
        """Wait, where httpcore wants to."""
        await self._dialler.sleep(seconds)

    async def _checked(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._resolve(host, port)
        except OSError as exc:
            raise httpcore.ConnectError(f"the name {host!r} does not resolve: {exc.strerror or exc}") from exc
        except UnicodeError as exc:  # the IDNA codec refuses empty and overlong labels
            raise httpcore.ConnectError(f"{host!r} is no host name") from exc
        if not addresses:
            raise httpcore.ConnectError(f"the name {host!r} has no address")
        for address in addresses:
            # One bad address condemns them all: who can add it to the name can also remove the others.
            if reason := self._policy.refusal(address):
                raise AddressRefusedError(f"{host!r} is {address}: {reason}. It is never called.")
        return addresses

    async def _dial(
        self,
        addresses: Sequence[str],
        port: int,
        timeout: float | None,  # noqa: ASYNC109 - the whole of it is watched by the caller
        local_address: str | None,
        socket_options: Iterable[SocketOption] | None,
    ) -> httpcore.AsyncNetworkStream:
        """Try the addresses in turn; each has its share of the time, so that a mute one leaves some to the next."""
        share = timeout / len(addresses) if timeout is not None else None
        options = list(socket_options or ())
        for address in addresses[:-1]:
            try:
                return await self._dialler.connect_tcp(address, port, share, local_address, options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._dialler.connect_tcp(addresses[-1], port, share, local_address, options)


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that is closed too when its TLS handshake is broken off: httpcore's own forgets it then."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        try:
            return await self._inner.start_tls(ssl_context, server_hostname, timeout)
        except asyncio.CancelledError:
            await self._inner.aclose()
            raise

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)
