"""`publisher sandbox`: a Genesys Cloud organization in memory, on a port of this machine."""

import asyncio
import contextlib
import json
import logging
import socket
import sys
from collections.abc import Generator
from typing import Annotated

import typer
import uvicorn
from starlette.types import ASGIApp

from publisher.errors import PublisherError, UsageError
from publisher.sandbox import FLOW_ID, Fault, SandboxSettings, WebhookApi, create_sandbox
from publisher.sandbox.faults import parse_fault

SHUTDOWN_S = 1
BACKLOG = 128


def sandbox(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes any free one.")] = 8090,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Misbehave from the start, such as limited:times=3 (docs/sandbox.md). May be repeated."),
    ] = None,
    client_id: Annotated[
        str | None, typer.Option(envvar="SANDBOX_CLIENT_ID", help="The only client that gets a token.")
    ] = None,
    client_secret: Annotated[
        str | None, typer.Option(envvar="SANDBOX_CLIENT_SECRET", help="That client's secret.", show_envvar=True)
    ] = None,
    validation_polls: Annotated[
        int, typer.Option(min=0, help="How many looks at a new version find its validation in progress.")
    ] = 1,
    publish_s: Annotated[float, typer.Option(min=0, help="How many seconds a publish action takes.")] = 0.0,
    webhook_api: Annotated[
        WebhookApi, typer.Option(help="How much the organization knows of webhook registrations.")
    ] = WebhookApi.FULL,
) -> None:
    """Serve a Genesys Cloud organization from memory, to try things out and for tests."""
    settings = SandboxSettings(
        client_id=client_id or None,
        client_secret=client_secret or None,
        validation_polls=validation_polls,
        publish_s=publish_s,
        webhook_api=webhook_api,
        faults=tuple(_parsed(text) for text in fault or ()),
    )
    serve(create_sandbox(settings), host=host, port=port)


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


def _parsed(text: str) -> Fault:
    try:
        return parse_fault(text)
    except ValueError as exc:
        raise UsageError(f"--fault: {exc}") from exc
