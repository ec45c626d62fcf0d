"""Ingest: requests a second at our door, beside an endpoint that keeps nothing, a commit for each, and others.

Every contender is a process on loopback, the Python ones with the same server class; the load comes from one process
more (`bench/load.py`). Rounds are interleaved, so that a busy machine is as busy for each of them. At the end each is
killed under load, and what it had acknowledged is looked for in what it left behind.
"""

import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table

from bench.contenders import CONTENDERS, Contender
from bench.load import BODY_BYTES, begun, load, loaded, quantile_ms
from bench.processes import SECRET, MissingError, Running

CONNECTIONS = 64
WARM_UP_S = 1.0
ROUND_S = 2.5
ROUNDS = 5
KILL_AFTER_S = 1.5
HEADINGS = ("server", "requests/s", "range", "ratio", "p50 ms", "p99 ms", "CPU µs/request", "memory MB", "kill -9")


@dataclass(slots=True)
class Measured:
    """What the rounds of one contender gave."""

    rates: list[float] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    memory_mb: float = 0.0
    survived: str = ""


def run(console: Console) -> None:
    """Measure, and print one table."""
    measured: dict[str, Measured] = {}
    with tempfile.TemporaryDirectory(prefix="flow-relay-bench-") as folder, ExitStack() as stack:
        running: dict[Contender, Running] = {}
        for number, contender in enumerate(CONTENDERS):
            own = Path(folder) / str(number)
            own.mkdir()
            try:
                running[contender] = stack.enter_context(contender.run(own))
            except MissingError as exc:
                console.print(f"skipped: {contender.name} ({exc})")
        for contender, one in running.items():
            measured[contender.name] = Measured()
            a_round(one, Measured(), seconds=WARM_UP_S)
        for _ in range(ROUNDS):
            for contender, one in running.items():
                a_round(one, measured[contender.name], seconds=ROUND_S)
    for contender in running:
        measured[contender.name].survived = killed(contender)
    console.print(a_table(measured))


def a_round(running: Running, measured: Measured, *, seconds: float) -> None:
    """Load one contender."""
    before = running.cpu_s
    came = load(running.urls, secret=SECRET, seconds=seconds, connections=CONNECTIONS)
    measured.rates.append(came.rate)
    measured.latencies_s += came.latencies_s
    measured.cpu_us.append((running.cpu_s - before) / len(came.latencies_s) * 1e6)
    measured.memory_mb = max(measured.memory_mb, running.memory_mb)
    running.settle()


def killed(contender: Contender) -> str:
    """What is lost of what was acknowledged when a contender is killed in the middle of a load."""
    with tempfile.TemporaryDirectory(prefix="flow-relay-bench-") as folder, contender.run(Path(folder)) as running:
        under_way = begun(running.urls, secret=SECRET, seconds=60.0, connections=CONNECTIONS)
        with suppress(subprocess.TimeoutExpired):
            under_way.wait(timeout=KILL_AFTER_S)
        running.kill()
        acknowledged = loaded(under_way).acknowledged
        lost = running.lost_of(acknowledged)
    return f"{len(acknowledged):,} told, {lost:,} lost"


def a_table(measured: Mapping[str, Measured]) -> Table:
    """The medians, and each as a ratio to the first."""
    title = f"Ingest: {CONNECTIONS} connections, bodies of {BODY_BYTES} bytes, every commit flushed"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for number, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="right" if number else "left")
    base = median(next(iter(measured.values())).rates)
    for name, one in measured.items():
        rate = median(one.rates)
        table.add_row(
            name,
            f"{rate:,.0f}",
            f"{min(one.rates):,.0f}-{max(one.rates):,.0f}",
            f"{rate / base:.2f}",
            f"{quantile_ms(one.latencies_s, 0.5):.1f}",
            f"{quantile_ms(one.latencies_s, 0.99):.1f}",
            f"{median(one.cpu_us):.0f}",
            f"{one.memory_mb:.0f}",
            one.survived,
        )
    return table
