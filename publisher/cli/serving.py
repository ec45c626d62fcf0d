"""Serves an application on a port of this machine, until it is told to stop."""

import asyncio
import contextlib
import json
import logging
import socket
import sys
from collections.abc import Generator

import uvicorn
from starlette.types import ASGIApp

from publisher.errors import PublisherError
from publisher.sandbox import FLOW_ID

SHUTDOWN_S = 1
BACKLOG = 128


def serve(app: ASGIApp, *, host: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C; the line `listening` on stdout says where."""
    listener = _bound(host, port)
    config = uvicorn.Config(
        app, backlog=BACKLOG, log_level="warning", access_log=False, lifespan="on", timeout_graceful_shutdown=SHUTDOWN_S
    )
    asyncio.run(Server(config, url=_url(listener)).serve(sockets=[listener]))


class Server(uvicorn.Server):
    """Says when it listens, and ends without a complaint when it is told to."""

    def __init__(self, config: uvicorn.Config, *, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        print(json.dumps({"event": "listening", "url": self._url}), flush=True)  # noqa: T201 - scripts wait for it
        if sys.stderr.isatty():
            hint = f"GENESYS_API_URL={self._url} GENESYS_FLOW_ID={FLOW_ID}  (Ctrl-C stops)"
            print(hint, file=sys.stderr, flush=True)  # noqa: T201 - a hint for people

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; requests that are cut off from here on are cut off on purpose, which is no error to log."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take the signals as the wish to stop; uvicorn would end the process with them once more afterwards."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP: asyncio sends small answers at once only where the socket says that it is.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, UnicodeError) as exc:
        listener.close()
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise PublisherError(
            f"Cannot listen on {host} port {port}: {reason}. Choose another with --port; 0 takes any free one."
        ) from exc
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
