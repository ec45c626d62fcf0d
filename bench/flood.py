"""A flood: how many events a second are acknowledged while it lasts, and how soon after it all of them are recorded.

A short one fits into the inbox; a long one fills it, and then no more are acknowledged than are recorded.
"""

import sqlite3
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bench.load import load, quantile_ms
from bench.processes import SECRET, receivers

CONNECTIONS = 64
WARM_UP_S = 1.0
FLOODS_S: Mapping[str, float] = {"a short one": 2.5, "a long one": 30.0}
LOOK_S = 0.02
HEADINGS = ("flood", "seconds", "acknowledged/s", "p50 ms", "p99 ms", "events", "all recorded after s", "recorded/s")


@dataclass(frozen=True, kw_only=True, slots=True)
class Flooded:
    """What became of one flood."""

    lasted_s: float
    latencies_s: list[float]
    recorded_after_s: float
    """How long it took after the last acknowledgement until nothing waited any more."""


def run(console: Console) -> None:
    """Measure, and print one table."""
    with tempfile.TemporaryDirectory(prefix="flow-relay-bench-") as folder, receivers(Path(folder)) as running:
        file = Path(folder) / "var/receiver.db"
        flooded(running.urls[0], file, seconds=WARM_UP_S)
        found = {name: flooded(running.urls[0], file, seconds=seconds) for name, seconds in FLOODS_S.items()}
    console.print(a_table(found))


def flooded(url: str, file: Path, *, seconds: float) -> Flooded:
    """Send for so long, then wait until all is recorded."""
    came = load([url], secret=SECRET, seconds=seconds, connections=CONNECTIONS)
    ended = time.perf_counter()
    while _is_waited_for(file):
        time.sleep(LOOK_S)
    return Flooded(lasted_s=seconds, latencies_s=came.latencies_s, recorded_after_s=time.perf_counter() - ended)


def a_table(found: Mapping[str, Flooded]) -> Table:
    """One row a flood; what is recorded a second counts from its begin to the last of them."""
    title = f"Floods from {CONNECTIONS} connections, on SQLite"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for number, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="right" if number else "left")
    for name, one in found.items():
        count = len(one.latencies_s)
        table.add_row(
            name,
            f"{one.lasted_s:g}",
            f"{count / one.lasted_s:,.0f}",
            f"{quantile_ms(one.latencies_s, 0.5):.1f}",
            f"{quantile_ms(one.latencies_s, 0.99):.1f}",
            f"{count:,}",
            f"{one.recorded_after_s:.1f}",
            f"{count / (one.lasted_s + one.recorded_after_s):,.0f}",
        )
    return table


def _is_waited_for(file: Path) -> bool:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as looking:
        return looking.execute("SELECT 1 FROM inbox LIMIT 1").fetchone() is not None
