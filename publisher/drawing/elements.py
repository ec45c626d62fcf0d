"""SVG elements: lengths and text written down, and the shapes that pictures are made of."""

from publisher.drawing.boxes import Box
from publisher.drawing.text import xml

MARK_SIZE = 9.0


def px(value: float) -> str:
    """A length in pixels, no finer than the eye."""
    return f"{round(value, 1):.9g}"


def text_at(x: float, y: float, text: str, *, css: str) -> str:
    """A line of text with its baseline at a place."""
    return f'<text class="{css}" x="{px(x)}" y="{px(y)}">{xml(text)}</text>'


def rectangle(box: Box, *, css: str, radius: float) -> str:
    """A rectangle with round corners."""
    place = f'x="{px(box.left)}" y="{px(box.top)}" width="{px(box.width)}" height="{px(box.height)}"'
    return f'<rect class="{css}" {place} rx="{px(radius)}"/>'


def hexagon(box: Box, *, css: str, slant: float) -> str:
    """A rectangle with points to the left and to the right."""
    left, right, top, bottom = box.left, box.left + box.width, box.top, box.bottom
    upper = f"{px(left + slant)},{px(top)} {px(right - slant)},{px(top)}"
    lower = f"{px(right - slant)},{px(bottom)} {px(left + slant)},{px(bottom)}"
    return f'<polygon class="{css}" points="{px(left)},{px(box.y)} {upper} {px(right)},{px(box.y)} {lower}"/>'


def circle(x: float, y: float, *, css: str) -> str:
    """A disc to put a sign or a number on."""
    return f'<circle class="{css}" cx="{px(x)}" cy="{px(y)}" r="{px(MARK_SIZE)}"/>'


def triangle(x: float, y: float, *, css: str) -> str:
    """The same as a triangle."""
    size = MARK_SIZE * 1.3
    corners = f"M{px(x)},{px(y - size)} l{px(size)},{px(size * 1.7)} h{px(-2 * size)} z"
    return f'<path class="{css}" d="{corners}"/>'
