"""Draws nodes: what they are called, what they are, and what is to be said of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from publisher.comparing import Sign
from publisher.drawing.boxes import Box, Size
from publisher.drawing.elements import circle, hexagon, rectangle, text_at, triangle
from publisher.drawing.kinds import Kind
from publisher.drawing.picture import Picture, about_node
from publisher.drawing.text import cut, wrapped, xml
from publisher.problems import Severity

WIDTH = 176.0
PADDING = 12.0
SLANT = 14.0
NAME_SIZE, ABOUT_SIZE = 13.0, 11.0
NAME_STEP, ABOUT_STEP = 17.0, 15.0
MOST_NAME_LINES = 2
MOST_NUMBERED = 99
MOST_MARKS = 4
MARK_STEP = 22.0


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeText:
    """What is written on a node."""

    name: Sequence[str]
    about: str

    @property
    def size(self) -> Size:
        """How large the node has to be."""
        return Size(width=WIDTH, height=2 * PADDING - 4 + NAME_STEP * len(self.name) + ABOUT_STEP * bool(self.about))


def node_text(picture: Picture, node: int, kind: Kind) -> NodeText:
    """The name of a node, or its id, and below it its type."""
    name, about = picture.outline.name_of(node), about_node(picture.outline, node)
    room = WIDTH - 2 * (SLANT + 4 if kind is Kind.CHOICE else PADDING)
    return NodeText(
        name=wrapped(name, width=room, size=NAME_SIZE, lines=MOST_NAME_LINES, bold=True),
        about=cut(about, width=room, size=ABOUT_SIZE),
    )


def node_parts(picture: Picture, node: int, *, text: NodeText, kind: Kind, box: Box) -> Iterator[str]:
    """The elements of a node."""
    severity, sign = picture.severity_of(node), picture.nodes[node]
    classes = ["node", kind.value, sign.name.lower(), *([severity.value] if severity else ())]
    yield f'<g class="{" ".join(classes)}"><title>{xml(told(picture, node))}</title>'
    yield from shapes(kind, box)
    baseline = box.top + PADDING + NAME_SIZE - 3
    for at, line in enumerate(text.name):
        yield text_at(box.x, baseline + at * NAME_STEP, line, css="name")
    if text.about:
        yield text_at(box.x, baseline + len(text.name) * NAME_STEP - 1, text.about, css="about")
    if sign is not Sign.SAME:
        yield from badge(box.left + 4, box.top + 2, sign.value, css=f"sign {sign.name.lower()}")
    numbers = picture.marks.get(node, ())[:MOST_MARKS]
    right = box.left + box.width - 4
    for at, number in enumerate(reversed(numbers)):
        yield from mark(right - at * MARK_STEP, box.top + 1, number, picture.problems[number].severity)
    yield "</g>"


def shapes(kind: Kind, box: Box) -> Iterator[str]:
    """The outline of a node; what ends the call has a double one."""
    match kind:
        case Kind.CHOICE:
            yield hexagon(box, css="shape", slant=SLANT)
        case Kind.START:
            yield rectangle(box, css="shape", radius=box.height / 2)
        case Kind.END:
            yield rectangle(box, css="shape", radius=box.height / 2)
            inner = Box(x=box.x, y=box.y, width=box.width - 7, height=box.height - 7)
            yield rectangle(inner, css="inner", radius=inner.height / 2)
        case Kind.SPEECH:
            yield rectangle(box, css="shape", radius=12)
        case Kind.ACTION:
            yield rectangle(box, css="shape", radius=3)


def told(picture: Picture, node: int) -> str:
    """What a node's tooltip says."""
    outline = picture.outline
    named = " · ".join(filter(None, (outline.names[node], outline.graph.types[node], outline.graph.ids[node])))
    problems = (picture.problems[number] for number in picture.marks.get(node, ()))
    return "; ".join([named, *(f"{problem.severity}: {problem.message}" for problem in problems)])


def mark(x: float, y: float, number: int, severity: Severity) -> Iterator[str]:
    """The number of a problem: errors on a disc, warnings on a triangle."""
    yield (circle if severity is Severity.ERROR else triangle)(x, y, css=f"mark {severity}")
    yield text_at(x, y + 4, str(number + 1) if number < MOST_NUMBERED else "!", css="number")


def badge(x: float, y: float, text: str, *, css: str) -> Iterator[str]:
    """A sign on a disc."""
    yield circle(x, y, css=css)
    yield text_at(x, y + 4, text, css="number")
