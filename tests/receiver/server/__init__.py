"""A server on a real socket, and requests written byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from receiver.config import DEFAULT_CONFIG, Config
from receiver.server import Limits, Server, bind
from receiver.web.forwarded import behind
from tests.receiver.relays import SECRET, World, a_body, a_world

LIMIT_S = 5.0
QUICK = Limits(
    write_timeout_s=0.2, head_timeout_s=0.2, body_timeout_s=0.3, linger_s=0.1, keep_alive_s=1, linger_bytes=100_000
)

HOST = b"Host: relay.test\r\n"
KEY = b"X-Genesys-Webhook-Secret: " + SECRET.encode() + b"\r\n"
POST = b"POST /webhooks/genesys HTTP/1.1\r\n" + HOST + KEY
CLOSE = b"Connection: close\r\n"


def a_request(body: bytes | None = None, *, more: bytes = b"") -> bytes:
    """A whole request at the door."""
    content = a_body() if body is None else body
    return POST + more + b"Content-Length: %d\r\n\r\n" % len(content) + content


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A world that is served."""

    world: World
    server: Server
    address: tuple[str, int]
    stopping: asyncio.Event
    ended: asyncio.Task[None]

    @asynccontextmanager
    async def connection(
        self, *, peer: str = "127.0.0.1"
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection(*self.address, local_addr=(peer, 0))
        try:
            async with asyncio.timeout(LIMIT_S):
                yield reader, writer
        finally:
            writer.close()

    async def exchange(self, *parts: bytes, peer: str = "127.0.0.1") -> bytes:
        """Everything that is answered until the server hangs up."""
        async with self.connection(peer=peer) as (reader, writer):
            for part in parts:
                writer.write(part)
            return await reader.read()

    async def has_connections(self) -> bool:
        """Whether anybody is connected."""
        await asyncio.sleep(0)
        return bool(self.server.server_state.connections)

    async def has_none(self) -> bool:
        """Whether nobody is."""
        return not await self.has_connections()

    async def stop(self) -> float:
        """End the server; how long that took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.stopping.set()
        async with asyncio.timeout(LIMIT_S):
            await self.ended
        return loop.time() - began


@asynccontextmanager
async def a_server(
    folder: Path,
    *,
    limits: Limits = QUICK,
    config: Config = DEFAULT_CONFIG,
    read_timeout_s: float = 0.2,
    grace_s: float = 1.0,
    trusted_proxies: Sequence[str] = (),
    host: str = "127.0.0.1",
    app: ASGIApp | None = None,
) -> AsyncIterator[Served]:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(a_world(folder, config=config, read_timeout_s=read_timeout_s))
        stopping, listening = asyncio.Event(), asyncio.Event()
        bound = stack.enter_context(bind(host, 0))
        server = Server(
            behind(trusted_proxies, app or world.app),
            stopping=stopping,
            on_listening=listening.set,
            on_stopping=world.relay.begin_stop,
            on_refused=world.relay.refused_unread,
            trusted_proxies=trusted_proxies,
            limits=limits,
            grace_s=grace_s,
        )
        async with asyncio.TaskGroup() as group:
            ended = group.create_task(server.serve(sockets=[bound]), name="server")
            await listening.wait()
            yield Served(
                world=world,
                server=server,
                address=("127.0.0.1", bound.getsockname()[1]),
                stopping=stopping,
                ended=ended,
            )
            stopping.set()


def status(answer: bytes) -> int:
    """The status of the first answer; 0 where there is none."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


async def until(look: Callable[[], Awaitable[object]]) -> None:
    """Wait until there is something to see."""
    async with asyncio.timeout(LIMIT_S):
        while not await look():
            pass
