"""Ingest: requests a second at our door, beside an endpoint that keeps nothing and one that commits each request.

Every server is a process on loopback with the same server class and settings; the load comes from this process, from
64 connections that are kept open. Rounds are interleaved, so that a busy machine is as busy for each of them.
"""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from rich import box
from rich.console import Console
from rich.table import Table
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.loops.auto import auto_loop_factory

from receiver.server import Server, bind, url_of

CONNECTIONS = 64
ROUND_S = 2.5
ROUNDS = 5
BODY_BYTES = 600
SECRET = uuid.uuid4().hex
PATH = "/webhooks/genesys"
ROOT = Path(__file__).parent.parent
RIVALS: Mapping[str, str] = {
    "reads the body only": "nothing",
    "our door, on disk before the 202": "door",
    "one commit for each request": "commit",
}


@dataclass(slots=True)
class Measured:
    """What the rounds of one server gave."""

    rates: list[float] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)

    def quantile_ms(self, share: float) -> float:
        """The time within which a share of the answers came."""
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def run(console: Console) -> None:
    """Measure, and print one table."""
    measured = {name: Measured() for name in RIVALS}
    with tempfile.TemporaryDirectory(prefix="flow-relay-bench-") as folder, ExitStack() as stack:
        urls = {name: stack.enter_context(a_server(kind, Path(folder))) for name, kind in RIVALS.items()}
        for url in urls.values():
            asyncio.run(a_round(url, Measured(), seconds=0.5))
        for _ in range(ROUNDS):
            for name, url in urls.items():
                asyncio.run(a_round(url, measured[name], seconds=ROUND_S))
    console.print(a_table(measured))


def a_table(measured: Mapping[str, Measured]) -> Table:
    """The medians, and each as a ratio to the first."""
    title = f"Ingest: {CONNECTIONS} connections, bodies of {BODY_BYTES} bytes, SQLite with synchronous=FULL"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for number, heading in enumerate(("server", "requests/s", "range", "ratio", "p50 ms", "p99 ms")):
        table.add_column(heading, justify="right" if number else "left")
    base = median(next(iter(measured.values())).rates)
    for name, one in measured.items():
        rate = median(one.rates)
        span = f"{min(one.rates):,.0f}-{max(one.rates):,.0f}"
        p50, p99 = (f"{one.quantile_ms(share):.1f}" for share in (0.5, 0.99))
        table.add_row(name, f"{rate:,.0f}", span, f"{rate / base:.2f}", p50, p99)
    return table


@contextmanager
def a_server(kind: str, folder: Path) -> Iterator[str]:
    """A server as a process; its URL, once it listens."""
    command = [sys.executable, "-m", "bench.ingest", kind]
    if kind == "door":
        command = [sys.executable, "-c", "import sys; from receiver.cli import main; sys.exit(main())"]
        command += ["serve", "--port", "0"]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "CI_WEBHOOK_SECRET": SECRET}
    server = subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line, f"{kind} did not start"
        yield json.loads(line)["url"]
    finally:
        server.terminate()
        server.wait(timeout=15)
        if server.stdout is not None:
            server.stdout.close()


async def a_round(url: str, measured: Measured, *, seconds: float) -> None:
    """Send from all connections for so long."""
    address = urlsplit(url)
    ends_at = time.perf_counter() + seconds
    counts = await asyncio.gather(
        *(send(str(address.hostname), int(address.port or 0), ends_at, measured) for _ in range(CONNECTIONS))
    )
    measured.rates.append(sum(counts) / seconds)


async def send(host: str, port: int, ends_at: float, measured: Measured) -> int:
    """One connection: a request after each answer; how many there were."""
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    while (began := time.perf_counter()) < ends_at:
        writer.write(a_request())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 202"), head
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        measured.latencies_s.append(time.perf_counter() - began)
        count += 1
    writer.close()
    await writer.wait_closed()
    return count


def a_request() -> bytes:
    """A publication that nobody told of before."""
    body = {
        "id": str(uuid.uuid4()),
        "event": "flow.version.published",
        "timestamp": "2026-11-23T09:49:26.031Z",
        "organizationId": "23faea37-1117-4c0a-88a2-572c46780b03",
        "data": {"flowId": str(uuid.uuid4()), "flowName": "Main IVR", "versionId": "16.0", "status": "published"},
        "note": "",
    }
    body["note"] = "x" * (BODY_BYTES - len(json.dumps(body)))
    content = json.dumps(body).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: relay\r\nX-Genesys-Webhook-Secret: {SECRET}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def keep_nothing(request: Request) -> Response:
    """Read the body, and that is all."""
    await request.body()
    return JSONResponse({"status": "accepted"}, status_code=202)


class Committing:
    """Commits each request by itself, one after the other."""

    def __init__(self, file: Path) -> None:
        self._lock = asyncio.Lock()
        self._database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute("CREATE TABLE events (id TEXT PRIMARY KEY, body BLOB)")

    async def keep(self, request: Request) -> Response:
        """Keep the body, in a thread, so that the disk holds up no other connection."""
        body = await request.body()
        async with self._lock:
            await asyncio.to_thread(self._insert, str(uuid.uuid4()), body)
        return JSONResponse({"status": "accepted"}, status_code=202)

    def _insert(self, identifier: str, body: bytes) -> None:
        self._database.execute("INSERT INTO events VALUES (?, ?)", (identifier, body))


async def serve(kind: str) -> None:
    """Serve one of the rivals, with our server."""
    endpoint = keep_nothing if kind == "nothing" else Committing(Path("rival.db")).keep
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    with bind("127.0.0.1", 0) as bound:
        server = Server(
            Starlette(routes=[Route(PATH, endpoint, methods=["POST"])]),
            stopping=stopping,
            on_listening=lambda: print(json.dumps({"event": "listening", "url": url_of(bound)}), flush=True),
            on_stopping=lambda: None,
        )
        await server.serve(sockets=[bound])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(serve(sys.argv[1]))
