"""The door beside a backlog: how long an acknowledgement takes while nothing is due, and while much is.

200 events a second come at times that were settled beforehand, so that waiting counts however long it is. They set off
nothing; what is due was there before. Each receiver has a database of its own, and rounds are interleaved.
"""

import asyncio
import socket
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median
from threading import Thread
from urllib.parse import urlsplit

from rich import box
from rich.console import Console
from rich.table import Table

from bench.load import a_body, a_request
from bench.processes import SECRET, Running, receivers
from bench.senders import record
from receiver.clock import new_id, utc_now
from receiver.config import Config, Source, parse_config
from receiver.envelopes import read_event
from receiver.ingest import plan_for
from receiver.model import Arrival
from receiver.store import open_database

A_SECOND = 200
ROUND_S = 3.0
ROUNDS = 5
CONNECTIONS = 16

CONFIG = """
sources: {{genesys: {{secrets: [CI_WEBHOOK_SECRET]}}}}
pipelines:
  call:
    on: {{flow: [backlog]}}
    steps:
      - {{id: call, target: http, url: "http://127.0.0.1:{port}/", attempt_timeout: 10s}}
"""


def run(console: Console) -> None:
    """Measure, and print one table."""
    with tempfile.TemporaryDirectory(prefix="flow-relay-bench-") as folder, ExitStack() as stack:
        silent, answering = stack.enter_context(a_silent_port()), stack.enter_context(an_answering_port())
        backlogs = {
            "nothing is due": (0, silent),
            "every target is silent": (64, silent),
            "10,000 steps due, target silent": (10_000, silent),
            "10,000 steps due, target answers": (10_000, answering),
        }
        found: dict[str, list[list[float]]] = {name: [] for name in backlogs}
        for _ in range(ROUNDS):
            for name, (due, port) in backlogs.items():
                with a_receiver(Path(folder) / uuid.uuid4().hex, due=due, port=port) as running:
                    found[name].append(asyncio.run(paced(running.urls[0])))
        console.print(a_table(found))


@contextmanager
def a_receiver(folder: Path, *, due: int, port: int) -> Iterator[Running]:
    """A receiver that finds so many steps due when it starts."""
    (folder / "config").mkdir(parents=True)
    (folder / "var").mkdir()
    written = CONFIG.format(port=port)
    (folder / "config/receiver.yaml").write_text(written)
    config = parse_config(written, file="receiver.yaml")
    asyncio.run(_fill(f"sqlite:///{folder}/var/receiver.db", config, due))
    with receivers(folder) as running:
        yield running


async def _fill(url: str, config: Config, due: int) -> None:
    async with open_database(url) as database:
        await record(database, (_due(config) for _ in range(due)))


def _due(config: Config) -> Arrival:
    """An event of a flow of its own, with a step to do."""
    body = a_body(str(uuid.uuid4()), str(uuid.uuid4())).replace(b"Main IVR", b"backlog")
    now = utc_now()
    event = read_event(body, source=Source(name="genesys"), headers={}, received_at=now, new_id=new_id)
    return Arrival(event=event, plan=plan_for(event, config, new_id=new_id), at=now)


async def paced(url: str) -> list[float]:
    """The seconds from the time that each event was to be sent at to its acknowledgement."""
    address = urlsplit(url)
    began = time.perf_counter() + 0.5
    times = iter([began + number / A_SECOND for number in range(int(A_SECOND * ROUND_S))])
    latencies: list[float] = []

    async def send() -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        for due_at in times:
            await asyncio.sleep(due_at - time.perf_counter())
            writer.write(a_request(SECRET, a_body(str(uuid.uuid4()), str(uuid.uuid4()))))
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 202"), head
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
            latencies.append(time.perf_counter() - due_at)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(send() for _ in range(CONNECTIONS)))
    return latencies


@contextmanager
def a_silent_port() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=4096)) as listening:
        yield listening.getsockname()[1]


@contextmanager
def an_answering_port() -> Iterator[int]:
    """A port that says 204 to everything."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(_answer, "127.0.0.1", 0))
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0))
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def a_table(found: Mapping[str, list[list[float]]]) -> Table:
    """Medians over the rounds, and each as a ratio to the first."""
    table = Table(title=f"Acknowledged at {A_SECOND} events a second", title_justify="left", box=box.SIMPLE_HEAD)
    for number, heading in enumerate(("meanwhile", "p50 ms", "ratio", "p99 ms", "ratio")):
        table.add_column(heading, justify="right" if number else "left")
    base = [_median_ms(next(iter(found.values())), share) for share in (0.5, 0.99)]
    for name, rounds in found.items():
        cells = []
        for share, other in zip((0.5, 0.99), base, strict=True):
            own = _median_ms(rounds, share)
            cells += [f"{own:.2f}", f"{own / other:.2f}"]
        table.add_row(name, *cells)
    return table


def _median_ms(rounds: list[list[float]], share: float) -> float:
    return median(sorted(one)[int(len(one) * share)] for one in rounds) * 1000
