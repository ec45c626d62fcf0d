"""Draws a picture as SVG: one file that needs nothing from elsewhere, for browsers, pull requests and wikis."""

from collections.abc import Iterator, Sequence

from publisher.drawing.elements import px
from publisher.drawing.kinds import Kind, kinds_of
from publisher.drawing.layout import Layout, lay_out
from publisher.drawing.lines import label_size, line_parts, sign_size
from publisher.drawing.nodes import NodeText, node_parts, node_text
from publisher.drawing.notes import Notes, summary_of, write_foot, write_head
from publisher.drawing.picture import Picture
from publisher.drawing.routes import routes_of
from publisher.drawing.style import stylesheet
from publisher.drawing.text import xml

MARGIN = 24.0
HEAD_GAP = 30.0
LEAST_WIDTH = 520.0


def svg(picture: Picture) -> str:
    """The picture as an SVG document; the same picture is always the same text."""
    graph = picture.outline.graph
    kinds = kinds_of(graph)
    texts = [node_text(picture, node, kind) for node, kind in enumerate(kinds)]
    routes = routes_of(graph, picture.edges)
    layout = lay_out(
        [text.size for text in texts],
        routes,
        labels=[label_size(route) for route in routes],
        signs=[sign_size(picture, route) for route in routes],
    )
    return "\n".join(document(picture, layout, texts=texts, kinds=kinds)) + "\n"


def document(picture: Picture, layout: Layout, *, texts: Sequence[NodeText], kinds: Sequence[Kind]) -> Iterator[str]:
    """The lines of the document."""
    width = max(layout.width, LEAST_WIDTH)
    head = Notes(left=MARGIN, width=width, y=MARGIN)
    write_head(picture, head)
    top = head.y + HEAD_GAP
    foot = Notes(left=MARGIN, width=width, y=top + layout.height)
    write_foot(picture, foot)
    yield from opening(picture, width=width + 2 * MARGIN, height=foot.y + MARGIN)
    yield from head.parts
    compared = ' class="compared"' if picture.against is not None else ""
    yield f'<g{compared} transform="translate({px(MARGIN + (width - layout.width) / 2)} {px(top)})">'
    for line in layout.lines:
        yield from line_parts(picture, line)
    for node, (text, kind, box) in enumerate(zip(texts, kinds, layout.nodes, strict=True)):
        yield from node_parts(picture, node, text=text, kind=kind, box=box)
    yield "</g>"
    yield from foot.parts
    yield "</svg>"


def opening(picture: Picture, *, width: float, height: float) -> Iterator[str]:
    """What a document begins with: its size, its words for those who do not see it, its looks."""
    size = f'width="{px(width)}" height="{px(height)}" viewBox="0 0 {px(width)} {px(height)}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title about">'
    yield f'<title id="title">{xml(picture.outline.title)}</title>'
    yield f'<desc id="about">{xml(summary_of(picture))}</desc>'
    yield f"<style>\n{stylesheet()}\n</style>"
    yield f'<rect class="paper" width="{px(width)}" height="{px(height)}"/>'
