"""The outline of an Archy file."""

from collections.abc import Iterator, Mapping
from typing import Any

from publisher.archy import ArchyFile
from publisher.archy.substitution import readable
from publisher.archy.vocabulary import CONTAINERS
from publisher.graph import Graph
from publisher.outline.model import Fields, Outline, Spot, flat

PARTS = frozenset({"actions", "choices", "startUpTaskActions", *CONTAINERS})
"""The lists whose items are nodes of their own."""
END_OF = "end of "
START = 0
"""The node that stands for the flow itself."""


def outline_of_archy(flow: ArchyFile) -> Outline | None:
    """The outline of an Archy file; None where it could not be read."""
    if flow.parts is None:
        return None
    graph, parts = flow.parts.graph, flow.parts.structure.parts
    ends = graph.ids[len(parts) :]
    return Outline(
        file=flow.file,
        title=flow.name or flow.file,
        graph=graph,
        names=[*(readable(part.name) for part in parts), *map(name_of_end, ends)],
        fields=[*({} if part.number == START else own_fields(part.body) for part in parts), *({} for _ in ends)],
        rest={"type": flow.root, **own_fields(flow.flow, name="")},
        spots=sorted(spots(flow, graph), key=lambda spot: spot.order),
    )


def name_of_end(id_: str) -> str:
    """What to call an end that no one wrote: by what ends there, without what that stands in."""
    scope, _, name = id_.rpartition("/")
    return f"{END_OF}{name}" if scope.startswith(END_OF) else name


def own_fields(body: Mapping[str, Any], *, name: str = "name") -> Fields:
    """What the file says of a part, without what it says of the parts in it, and without its name."""
    own = {key: value for key, value in body.items() if key != name}
    return {path: readable(text) for path, text in flat(own, without=PARTS).items()}


def spots(flow: ArchyFile, graph: Graph) -> Iterator[Spot]:
    """Where each part begins."""
    places = ((node, flow.node_place(node)) for node in range(len(graph.ids)))
    yield from (Spot(file=found[0], place=found[1], node=node) for node, found in places if found is not None)
