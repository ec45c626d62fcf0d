"""Pictures for tests."""

from xml.etree import ElementTree

from publisher.checks import check
from publisher.drawing import Picture, picture_of, svg
from publisher.outline import Outline, outline_of
from tests.publisher.flow_makers import Json, a_file

XMLNS = "{http://www.w3.org/2000/svg}"


def an_outline(flow: Json) -> Outline:
    outline = outline_of(a_file(flow))
    assert outline is not None
    return outline


def a_picture(flow: Json, *, against: Json | None = None) -> Picture:
    """The picture of a flow with the problems that the checks find."""
    former = None if against is None else an_outline(against)
    return picture_of(an_outline(flow), problems=check(a_file(flow)), against=former)


def drawn(flow: Json, *, against: Json | None = None) -> ElementTree.Element:
    """The root of the SVG document."""
    return ElementTree.fromstring(svg(a_picture(flow, against=against)))  # noqa: S314  # our own text


def elements(root: ElementTree.Element, css: str, tag: str = "g") -> list[ElementTree.Element]:
    """The elements with a class."""
    return [each for each in root.iter(f"{XMLNS}{tag}") if css in each.get("class", "").split()]


def words(element: ElementTree.Element) -> list[str]:
    """The lines of text in an element, without tooltips."""
    return ["".join(text.itertext()) for text in element.iter(f"{XMLNS}text")]


def node(root: ElementTree.Element, name: str) -> ElementTree.Element:
    """The node with a name."""
    (found,) = [each for each in elements(root, "node") if name in words(each)]
    return found
