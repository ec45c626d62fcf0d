"""Times the checks of flows: against the recursive rival, and by themselves where the rival cannot follow."""

import gc
import json
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from statistics import median
from typing import Any

import yaml
from rich import box
from rich.console import Console
from rich.table import Table

from bench import rival
from bench.flows import Columns, chain, forward, ladder
from publisher.checks import check
from publisher.loader import FlowFile, FlowText, parse_flow

MILLION = 1_000_000
LEAST_S = 0.2
RUNS = 3
MOST_RUNS = 200
LARGE: Mapping[str, Callable[[], Columns]] = {
    "chain": lambda: chain(MILLION),
    "ladder": lambda: ladder(MILLION // 3 - 1),
    "random": lambda: forward(MILLION),
}


def run(console: Console) -> None:
    """Print how long checks take."""
    console.print(against_the_rival())
    console.print()
    console.print(by_themselves())


def against_the_rival() -> Table:
    """The same flows for both, from memory. The rival looks for circles and dead ends, ours for everything."""
    table = a_table("Checks of a flow in memory, median", "flow", "nodes", "recursive", "ours", "ratio")
    for name, flow in rivals_flows():
        ours_s = time_of(partial(check_in_memory, flow))
        try:
            rivals_s = time_of(partial(check_recursively, flow.definition()))
            rivals, ratio = duration(rivals_s), f"{rivals_s / ours_s:,.1f}"
        except RecursionError:
            rivals, ratio = "RecursionError", ""
        table.add_row(name, f"{len(flow.ids):,}", rivals, duration(ours_s), ratio)
    return table


def by_themselves() -> Table:
    """What the checks promise."""
    table = a_table("Checks of large flows, median", "flow", "nodes", "", "time", "promised")
    fifty, two_thousand = ladder(16), forward(2_000).definition()
    table.add_row("ladder", "50", "in memory", duration(time_of(partial(check_in_memory, fifty))), "< 1 ms")
    yaml_text = yaml.dump(two_thousand, Dumper=yaml.CSafeDumper, sort_keys=False)
    for name, text in (("YAML", yaml_text), ("JSON", json.dumps(two_thousand, indent=2))):
        read_s = time_of(partial(read_and_check, text))
        table.add_row("random", "2,000", f"{name} file, read and checked", duration(read_s), "< 0.5 s")
    for name, make in LARGE.items():
        flow = make()
        time_s = time_of(partial(check_in_memory, flow))
        table.add_row(name, f"{len(flow.ids):,}", "in memory", duration(time_s), "< 4 s")
    return table


def rivals_flows() -> Iterator[tuple[str, Columns]]:
    """Deep flows, flows of many paths, and flows as they come."""
    for count in (50, 500, 900, 5_000):
        yield f"chain of {count:,}", chain(count)
    for rungs in (4, 8, 12, 16):
        yield f"ladder, {2**rungs:,} paths", ladder(rungs)
    for count in (20, 30, 40, 50):
        yield "random", forward(count)


def check_in_memory(flow: Columns) -> None:
    """Make the graph and check it whole."""
    problems = check(FlowFile(text=FlowText(file="benchmark"), graph=flow.graph()), max_nodes=MILLION)
    assert not problems, problems[:3]


def read_and_check(text: str) -> None:
    """Read a file's text and check the flow."""
    problems = check(parse_flow(text, file="benchmark"), max_nodes=MILLION)
    assert not problems, problems[:3]


def check_recursively(flow: Mapping[str, Any]) -> None:
    """What the rival does before it sends a flow."""
    rival.validate(flow, max_nodes=MILLION)
    rival.simulate(flow)


def time_of(work: Callable[[], None]) -> float:
    """The median of a few runs, of more where they are short."""
    gc.collect()
    times: list[float] = []
    while len(times) < RUNS or (sum(times) < LEAST_S and len(times) < MOST_RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)


def duration(seconds: float) -> str:
    """A time for people."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def a_table(title: str, *headings: str) -> Table:
    """A table whose numbers stand under each other."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    return table
