"""Times pictures of flows: layout and text, as SVG and as Mermaid."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from rich.console import Console

from bench.checks import a_table, duration, time_of
from bench.flows import Columns, chain, forward, ladder
from publisher.drawing import Picture, mermaid, picture_of, svg
from publisher.outline import Outline

CHOICES, DEPTH = 5, 7
ACTIONS_OF_5_000_LINES = 1_000
"""Five lines for each: its kind, its name, its settings, its outputs."""


def run(console: Console) -> None:
    """Print how long pictures take."""
    table = a_table("Pictures of flows, median", "flow", "nodes", "connections", "SVG", "Mermaid", "promised")
    for name, flow, promised in flows():
        picture = a_picture(flow)
        table.add_row(
            name,
            f"{len(flow.ids):,}",
            f"{len(flow.sources):,}",
            duration(time_of(partial(draw, picture))),
            duration(time_of(partial(write, picture))),
            promised,
        )
    console.print(table)


def flows() -> Iterator[tuple[str, Columns, str]]:
    """Flows as people write them, and flows that are hard to draw."""
    yield "menus", menus(15), ""
    yield "menus", menus(300), ""
    yield "menus, as 5,000 lines of Archy", menus(ACTIONS_OF_5_000_LINES), "< 0.3 s"
    yield "chain", chain(ACTIONS_OF_5_000_LINES), ""
    yield "ladder", ladder(ACTIONS_OF_5_000_LINES // 3), ""
    yield "random", forward(ACTIONS_OF_5_000_LINES), ""


def menus(count: int) -> Columns:
    """A tree of menus: a few choices each, and some actions, one after the other, before the next menu.

    Every tenth sequence leads back to its menu; the others end the call.
    """
    pairs = [(0, 1)]
    menu, free, made = [1], 2, 0
    while free < count - 1:
        source = menu[made // CHOICES]
        last = min(free + DEPTH, count - 1)
        steps = [source, *range(free, last)]
        pairs.extend(pairwise(steps))
        pairs.append((last - 1, source) if made % 10 == 9 else (last - 1, count - 1))
        menu.append(last - 1)
        free, made = last, made + 1
    return Columns.of(count, pairs)


def a_picture(flow: Columns) -> Picture:
    """What is drawn of a flow."""
    outline = Outline(
        file="benchmark.yaml",
        title="Benchmark",
        graph=flow.graph(),
        names=[id_.replace("_", " ").title() for id_ in flow.ids],
        fields=[{}] * len(flow.ids),
    )
    return picture_of(outline)


def draw(picture: Picture) -> None:
    """Draw a picture."""
    assert svg(picture).endswith("</svg>\n")


def write(picture: Picture) -> None:
    """Write it as Mermaid."""
    assert mermaid(picture).startswith("flowchart")
