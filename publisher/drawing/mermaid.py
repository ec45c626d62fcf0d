"""Draws a picture as Mermaid: text that GitHub, GitLab and many wikis turn into a picture by themselves."""

from collections.abc import Iterator, Mapping

from publisher.comparing import Sign
from publisher.drawing.kinds import Kind, kinds_of
from publisher.drawing.picture import Picture, about_node
from publisher.drawing.text import visible
from publisher.graph import ALWAYS
from publisher.problems import Severity

# Above these, Mermaid as GitHub sets it up shows an error in place of a picture.
MOST_MERMAID_CHARS = 50_000
MOST_MERMAID_EDGES = 500
MOST_CHARS = 60

SHAPES: Mapping[Kind, tuple[str, str]] = {
    Kind.START: ("([", "])"),
    Kind.CHOICE: ("{{", "}}"),
    Kind.SPEECH: ("(", ")"),
    Kind.ACTION: ("[", "]"),
    Kind.END: ("([", "])"),
}
MARKS: Mapping[Severity, str] = {Severity.ERROR: "✖", Severity.WARNING: "⚠"}

# Strokes that can be seen on white and on black; the fill is left to the theme.
CLASSES: Mapping[str, str] = {
    "added": "stroke:#2da44e,stroke-width:3px",
    "removed": "stroke:#cf222e,stroke-width:3px,stroke-dasharray:3 4",
    "changed": "stroke:#bf8700,stroke-width:3px",
    "error": "stroke:#cf222e,stroke-width:4px",
    "warning": "stroke:#bf8700,stroke-width:4px",
}
# What Mermaid would take for its own grammar, for HTML, or for Markdown, of which it only understands a part.
ESCAPED = '"#&;<>`\\|[](){}*_~+-.:/=%@'
ESCAPES = {ord(char): f"#{ord(char)};" for char in ESCAPED}


def mermaid(picture: Picture) -> str:
    """The picture as Mermaid text; the same picture is always the same text."""
    return "\n".join(["flowchart TD", *(f"  {line}" for line in statements(picture))]) + "\n"


def statements(picture: Picture) -> Iterator[str]:
    """The statements of the text: nodes, edges, how they look."""
    kinds = kinds_of(picture.outline.graph)
    for node, kind in enumerate(kinds):
        before, after = SHAPES[kind]
        yield f'n{node}{before}"{node_label(picture, node)}"{after}{class_of(picture, node)}'
    yield from edges(picture)
    yield from edge_styles(picture)
    used = {class_of(picture, node) for node in range(len(kinds))}
    yield from (f"classDef {name} {style}" for name, style in CLASSES.items() if f":::{name}" in used)


def node_label(picture: Picture, node: int) -> str:
    """What is written on a node, with the signs of what is to be said of it."""
    severity = picture.severity_of(node)
    signs = [picture.nodes[node].value.strip(), MARKS[severity] if severity else ""]
    heading = " ".join(filter(None, [*map(escaped, signs), escaped(picture.outline.name_of(node))]))
    about = about_node(picture.outline, node)
    return f"<b>{heading}</b>" + (f"<br><small>{escaped(about)}</small>" if about else "")


def class_of(picture: Picture, node: int) -> str:
    """The class of a node that is not as the others."""
    severity, sign = picture.severity_of(node), picture.nodes[node]
    if severity:
        return f":::{severity}"
    return "" if sign is Sign.SAME else f":::{sign.name.lower()}"


def edges(picture: Picture) -> Iterator[str]:
    """The edges, in the order in which `linkStyle` counts them."""
    graph = picture.outline.graph
    columns = zip(graph.sources, graph.targets, graph.conditions, picture.edges, strict=True)
    for source, target, condition, sign in columns:
        label = " ".join(filter(None, (sign.value.strip(), condition if condition != ALWAYS else "")))
        arrow = "-.->" if sign is Sign.REMOVED else "-->"
        yield f'n{source} {arrow}|"{escaped(label)}"| n{target}' if label else f"n{source} {arrow} n{target}"


def edge_styles(picture: Picture) -> Iterator[str]:
    """The looks of edges that are not as the others."""
    for sign in Sign:
        found = [str(edge) for edge, own in enumerate(picture.edges) if own is sign]
        if found and sign is not Sign.SAME:
            yield f"linkStyle {','.join(found)} {CLASSES[sign.name.lower()]}"


def escaped(text: str) -> str:
    """A text that Mermaid shows as it is; long ones cut."""
    text = " ".join(visible(text).split())
    return (text if len(text) <= MOST_CHARS else f"{text[: MOST_CHARS - 1]}…").translate(ESCAPES)
