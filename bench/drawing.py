"""Times pictures of flows: layout and text, as SVG and as Mermaid."""

from collections.abc import Iterator
from functools import partial

from rich.console import Console

from bench import archy
from bench.checks import a_table, duration, time_of
from bench.flows import Columns, chain, forward, ladder
from publisher.archy import check_archy, parse_archy
from publisher.drawing import Picture, mermaid, picture_of, svg
from publisher.outline import Outline, outline_of

HARD = 1_000


def run(console: Console) -> None:
    """Print how long pictures take."""
    table = a_table("Pictures of flows, median", "flow", "nodes", "connections", "SVG", "promised", "Mermaid")
    for name, picture, promised in pictures():
        graph = picture.outline.graph
        svg_s, mermaid_s = time_of(partial(draw, picture)), time_of(partial(write, picture))
        size = (f"{len(graph.ids):,}", f"{len(graph.sources):,}")
        table.add_row(name, *size, duration(svg_s), promised, duration(mermaid_s))
    whole_s = time_of(partial(read_check_and_draw, archy_text(archy.LINES)))
    table.add_row(f"Archy, {archy.LINES:,} lines, read and checked too", "", "", duration(whole_s), "< 1 s", "")
    console.print(table)


def pictures() -> Iterator[tuple[str, Picture, str]]:
    """Flows as people write them, and flows that are hard to draw."""
    for lines, promised in ((100, ""), (1_000, ""), (archy.LINES, "< 0.3 s")):
        yield f"Archy, {lines:,} lines", an_archy_picture(archy_text(lines)), promised
    yield "chain", a_picture(chain(HARD)), ""
    yield "ladder", a_picture(ladder(HARD // 3)), ""
    yield "random", a_picture(forward(HARD)), ""


def archy_text(lines: int) -> str:
    """A flow of about so many lines."""
    return archy.a_flow(lines // archy.MENU.count("\n"))


def an_archy_picture(text: str) -> Picture:
    """What is drawn of an Archy file."""
    flow = parse_archy(text, file="benchmark", values=archy.VALUES)
    outline = outline_of(flow)
    assert outline is not None
    return picture_of(outline, problems=check_archy(flow))


def a_picture(flow: Columns) -> Picture:
    """What is drawn of a flow in memory."""
    names = [id_.replace("_", " ").title() for id_ in flow.ids]
    fields: list[dict[str, str]] = [{} for _ in names]
    return picture_of(Outline(file="benchmark", title="Benchmark", graph=flow.graph(), names=names, fields=fields))


def read_check_and_draw(text: str) -> None:
    """All that `publisher draw` does with a file's text."""
    draw(an_archy_picture(text))


def draw(picture: Picture) -> None:
    """Draw a picture."""
    assert svg(picture).endswith("</svg>\n")


def write(picture: Picture) -> None:
    """Write it as Mermaid."""
    assert mermaid(picture).startswith("flowchart")
