"""The outline of an Archy file.

A `refId` says nothing of a flow, and the platform makes a new one with each export: what refers to something is told by
what that is called.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from publisher.archy import ArchyFile
from publisher.archy.archy_file import ArchyFlow
from publisher.archy.structure import Part
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
    of_part = [{} if part.number == START else part_fields(flow.parts, part) for part in parts]
    return Outline(
        file=flow.file,
        title=flow.name or flow.file,
        graph=graph,
        names=[*(readable(part.name) for part in parts), *map(name_of_end, ends)],
        fields=[*of_part, *({} for _ in ends)],
        rest={"type": flow.root, **referring_by_name(flow.parts, START, own_fields(flow.flow, without=()))},
        spots=sorted(spots(flow, graph), key=lambda spot: spot.order),
        has_own_ids=False,
    )


def name_of_end(id_: str) -> str:
    """What to call an end that no one wrote: by what ends there, without what that stands in."""
    scope, _, name = id_.rpartition("/")
    return f"{END_OF}{name}" if scope.startswith(END_OF) else name


def part_fields(flow: ArchyFlow, part: Part) -> Fields:
    """What the file says of a part beside its name."""
    return referring_by_name(flow, part.number, own_fields(part.body, without=("name", "refId")))


def own_fields(body: Mapping[str, Any], *, without: Collection[str]) -> Fields:
    """What the file says of a part, without some fields, and without what it says of the parts in it."""
    own = {key: value for key, value in body.items() if key not in without}
    return {path: readable(text) for path, text in flat(own, without=PARTS).items()}


def referring_by_name(flow: ArchyFlow, part: int, fields: Fields) -> Fields:
    """The fields of a part, its references by the names of what they lead to."""
    targets = flow.links.targets.get(part, ())
    names = {(mention.key, mention.text): flow.graph.ids[target.number] for mention, target in targets}
    return {path: names.get((path.rpartition(".")[2], text), text) for path, text in fields.items()}


def spots(flow: ArchyFile, graph: Graph) -> Iterator[Spot]:
    """Where each part begins."""
    places = ((node, flow.node_place(node)) for node in range(len(graph.ids)))
    yield from (Spot(file=found[0], place=found[1], node=node) for node, found in places if found is not None)
