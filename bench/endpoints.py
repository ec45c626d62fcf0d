"""What is held against our door, each a process with the same server class: `python -m bench.endpoints KIND`."""

import asyncio
import importlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import SystemRandom

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from uvicorn.loops.auto import auto_loop_factory

from bench.load import PATH
from receiver.app import create_app
from receiver.clock import new_id, utc_now
from receiver.config import DEFAULT_CONFIG
from receiver.relay import Provisions, open_relay
from receiver.server import Server, bind, url_of

FILE = Path("rival.db")

Endpoint = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def nothing() -> AsyncIterator[ASGIApp]:
    """Reads the body, and that is all."""

    async def keep_nothing(request: Request) -> Response:
        await request.body()
        return JSONResponse({"status": "accepted"}, status_code=202)

    yield _one_route(keep_nothing)


@asynccontextmanager
async def commit() -> AsyncIterator[ASGIApp]:
    """Our own door and our own statements, with a commit for each event."""
    provisions = Provisions(
        secrets={"CI_WEBHOOK_SECRET": os.environ["CI_WEBHOOK_SECRET"]},
        clock=utc_now,
        new_id=new_id,
        new_secret=new_id,
        rng=SystemRandom(),
    )
    async with open_relay(f"sqlite:///{FILE}", DEFAULT_CONFIG, provisions) as relay:
        writer = relay.database._writer
        assert writer is not None
        writer._batch = 1
        relay.ingest.inbox._flood = sys.maxsize
        yield create_app(relay, access=None)


@asynccontextmanager
async def huey() -> AsyncIterator[ASGIApp]:
    """Queues the body with huey, in SQLite, flushed; a thread, so that the disk holds up no other connection."""
    queue = importlib.import_module("huey").SqliteHuey(filename=str(FILE), fsync=True)
    task = queue.task()(len)

    async def enqueue(request: Request) -> Response:
        await asyncio.to_thread(task, await request.body())
        return JSONResponse({"status": "accepted"}, status_code=202)

    yield _one_route(enqueue)


KINDS: Mapping[str, Callable[[], AbstractAsyncContextManager[ASGIApp]]] = {
    "nothing": nothing,
    "commit": commit,
    "huey": huey,
}


def _one_route(endpoint: Endpoint) -> Starlette:
    return Starlette(routes=[Route(PATH, endpoint, methods=["POST"])])


async def serve(kind: str) -> None:
    """Serve one of them until told to stop."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with KINDS[kind]() as app:
        with bind("127.0.0.1", 0) as bound:
            server = Server(
                app,
                stopping=stopping,
                on_listening=lambda: print(json.dumps({"event": "listening", "url": url_of(bound)}), flush=True),
                on_stopping=lambda: None,
            )
            await server.serve(sockets=[bound])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(serve(sys.argv[1]))
