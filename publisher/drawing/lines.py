"""Draws routes: lines with their conditions, and the signs that name where a jump leads."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from publisher.comparing import Sign
from publisher.drawing.boxes import Box, Size
from publisher.drawing.elements import px, rectangle
from publisher.drawing.layout import Line
from publisher.drawing.picture import Picture
from publisher.drawing.routes import Course, Label, Route
from publisher.drawing.text import cut, width_of, xml
from publisher.graph import ALWAYS

LABEL_SIZE = 12.0
LABEL_STEP = 15.0
MOST_LABEL_WIDTH = 184.0
MOST_LABELS = 6
LABEL_PADDING = 5.0
SIGN_HEIGHT = 25.0
HEAD_LENGTH, HEAD_WIDTH = 8.0, 7.0
SPREAD, MOST_SPREAD = 0.22, 0.3


def label_lines(route: Route) -> list[Label]:
    """The conditions of a route, those beyond the first few only counted."""
    if len(route.labels) <= MOST_LABELS:
        return list(route.labels)
    rest = len(route.labels) - MOST_LABELS + 1
    return [*route.labels[: MOST_LABELS - 1], Label(text=f"… and {rest} more", sign=Sign.SAME)]


def label_text(label: Label) -> str:
    """A condition as it is written; of what is always taken only what became of it."""
    text = "" if label.text == ALWAYS and label.sign is not Sign.SAME else label.text
    full = text if label.sign is Sign.SAME else f"{label.sign} {text}".rstrip()
    return cut(full, width=MOST_LABEL_WIDTH - 2 * LABEL_PADDING, size=LABEL_SIZE)


def label_size(route: Route) -> Size:
    """How large the conditions of a route are."""
    texts = [label_text(label) for label in label_lines(route)]
    widest = max((width_of(text, LABEL_SIZE) for text in texts), default=0)
    return (
        Size(width=widest + 2 * LABEL_PADDING, height=LABEL_STEP * len(texts) + 4) if texts else Size(width=0, height=0)
    )


def sign_text(picture: Picture, route: Route) -> str:
    """Where a jump leads."""
    text = "↻ itself" if route.source == route.target else f"→ {picture.outline.name_of(route.target)}"
    return cut(text, width=MOST_LABEL_WIDTH - 4 * LABEL_PADDING, size=LABEL_SIZE)


def sign_size(picture: Picture, route: Route) -> Size:
    """How large the sign is that names it."""
    if route.course is not Course.JUMP:
        return Size(width=0, height=0)
    return Size(width=width_of(sign_text(picture, route), LABEL_SIZE) + 4 * LABEL_PADDING, height=SIGN_HEIGHT)


def line_parts(picture: Picture, line: Line) -> Iterator[str]:
    """The elements of a route."""
    route = line.route
    yield f'<g class="{route.course} {route.sign.name.lower()}">'
    yield curve(line.stops, upwards=route.course is Course.BACK)
    if line.label is not None and route.labels:
        yield from label_parts(route, line.label)
    if line.sign is not None:
        yield rectangle(line.sign, css="goal", radius=line.sign.height / 2)
        yield centred(line.sign, [xml(sign_text(picture, route))])
    yield "</g>"


def curve(stops: Sequence[Box], *, upwards: bool) -> str:
    """A line past its stops with its head at the last one, upright wherever it enters or leaves a row."""
    ways = -1 if upwards else 1
    x, y = start_of(stops, upwards=upwards)
    path = [f"M{px(x)},{px(y)}"]
    for near, stop in pairwise(stops):
        is_last = stop is stops[-1]
        next_x = beside(stop, near.x) if is_last else stop.x
        entry, leave = (stop.bottom, stop.top) if upwards else (stop.top, stop.bottom)
        end = entry - ways * HEAD_LENGTH if is_last else entry
        middle = px((y + end) / 2)
        path.append(f"C{px(x)},{middle} {px(next_x)},{middle} {px(next_x)},{px(end)}")
        if leave != entry and not is_last:
            path.append(f"V{px(leave)}")
        x, y = next_x, leave
    tip = stops[-1].bottom if upwards else stops[-1].top
    head = f"M{px(x)},{px(tip)} l{px(-HEAD_WIDTH / 2)},{px(-ways * HEAD_LENGTH)} h{px(HEAD_WIDTH)} z"
    return f'<path class="line" d="{"".join(path)}"/><path class="head" d="{head}"/>'


def start_of(stops: Sequence[Box], *, upwards: bool) -> tuple[float, float]:
    """Where a line leaves its node."""
    return beside(stops[0], stops[1].x), stops[0].top if upwards else stops[0].bottom


def beside(box: Box, other_x: float) -> float:
    """Where a line meets a box: a little towards the side that it comes from, so that lines can be told apart."""
    most = box.width * MOST_SPREAD
    return box.x + max(-most, min((other_x - box.x) * SPREAD, most))


def label_parts(route: Route, box: Box) -> Iterator[str]:
    """The conditions of a route, on the line."""
    yield '<g class="label">'
    yield rectangle(box, css="shape", radius=5)
    yield centred(
        box,
        [
            f'<tspan class="{label.sign.name.lower()}">{xml(label_text(label))}</tspan>'
            if label.sign is not Sign.SAME
            else xml(label_text(label))
            for label in label_lines(route)
        ],
    )
    yield "</g>"


def centred(box: Box, lines: Sequence[str]) -> str:
    """Lines of text in the middle of a box."""
    first = box.y - (len(lines) - 1) * LABEL_STEP / 2 + LABEL_SIZE / 3
    return "".join(
        f'<text x="{px(box.x)}" y="{px(first + at * LABEL_STEP)}">{line}</text>' for at, line in enumerate(lines)
    )
