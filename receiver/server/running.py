"""Starts the server on a socket, and ends it in time."""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import uvicorn
from starlette.types import ASGIApp

from receiver.errors import ConfigError, ReceiverError
from receiver.server.guard import GuardedProtocol, OnRefused
from receiver.server.limits import Limits

BACKLOG = 2048
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what to call them, not where to bind


class Server(uvicorn.Server):
    """uvicorn, held to the limits; it ends when told to, and within its grace."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        stopping: asyncio.Event,
        on_listening: Callable[[], None],
        on_stopping: Callable[[], None],
        grace_s: float = 5.0,
        limits: Limits | None = None,
        trusted_proxies: Sequence[str] = (),
        on_refused: OnRefused | None = None,
    ) -> None:
        protocol = GuardedProtocol.held_to(limits or Limits(), on_refused=on_refused)
        super().__init__(_config(app, protocol, trusted_proxies=trusted_proxies))
        self._stopping = stopping
        self._on_listening = on_listening
        self._on_stopping = on_stopping
        self._grace_s = grace_s

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._on_listening()

    async def on_tick(self, counter: int) -> bool:
        """Whether to end; uvicorn asks ten times a second."""
        return await super().on_tick(counter) or self._stopping.is_set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, finish what has come in whole, hang up on the rest."""
        self._on_stopping()
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        for connection in tuple(self.server_state.connections):
            connection.shutdown()
        if not await self._is_idle_within(self._grace_s):
            for connection in tuple(self.server_state.connections):
                cast("GuardedProtocol", connection).abort()
            await self._is_idle_within(0.5)
        for task in self.server_state.tasks:
            task.cancel()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the command: uvicorn would raise them again at the end, and exit with them."""
        yield

    async def _is_idle_within(self, limit_s: float) -> bool:
        try:
            async with asyncio.timeout(limit_s):
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - sets tell of no change
                    await asyncio.sleep(0.02)
        except TimeoutError:
            return False
        return True


def bind(host: str, port: int, *, setting: str = "PORT") -> socket.socket:
    """A socket at the address, not yet listening; `setting` is where another port can be set."""
    family, kind, protocol, _, address = _resolved(host, port)
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as exc:
        bound.close()
        if exc.errno == errno.EADDRNOTAVAIL:
            raise _not_ours(host, exc) from exc
        raise ReceiverError(
            f"Port {port} of {host} cannot be had: {exc.strerror}. Choose another with --port or {setting}."
        ) from exc
    return bound


def url_of(bound: socket.socket) -> str:
    """The address to call a server by on this machine."""
    host, port = bound.getsockname()[:2]
    host = WILDCARDS.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as exc:
        raise _not_ours(host, exc) from exc
    return cast("tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int]]", found)


def _not_ours(host: str, exc: OSError) -> ConfigError:
    wanted = "give one with --host or RECEIVER_HOST, such as 127.0.0.1, or 0.0.0.0 for all"
    return ConfigError([f"{host!r} is no address of this machine ({exc.strerror}); {wanted}."])


def _config(app: ASGIApp, protocol: type[GuardedProtocol], *, trusted_proxies: Sequence[str]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_keep_alive=protocol.limits.keep_alive_s,
        backlog=BACKLOG,
    )
