"""The outline of a flow: its graph, what people call its nodes, and what the file says of each; for pictures and words.

Whatever kind of file a flow comes from, it is drawn and compared by its outline.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from publisher.genesys.documents import Place
from publisher.graph import Graph
from publisher.loader import FlowFile

NODE_FIELDS = frozenset({"id", "type", "name"})
FLOW_LISTS = frozenset({"nodes", "connections", "variables"})

Fields = Mapping[str, str]
"""What a file says of something, each value as text under its path: `{"settings.voice": "female"}`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where the lines of a file begin that are about a node (or, with None, about none)."""

    place: Place
    node: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """A flow as people see it."""

    file: str
    title: str
    graph: Graph
    names: Sequence[str]
    """What each node is called; empty where it has an id alone."""
    fields: Sequence[Fields]
    """What the file says of each node beside its id, type and name."""
    rest: Fields = field(default_factory=dict)
    """What the file says of the flow itself."""
    spots: Sequence[Spot] = ()
    """In the order of the file."""

    def node_at(self, place: Place) -> int | None:
        """The node that a place of the file belongs to, or a connection there leaves."""
        at = bisect_right(self.spots, place, key=lambda spot: spot.place)
        return self.spots[at - 1].node if at else None


def outline_of(flow: FlowFile) -> Outline | None:
    """The outline of a flow file; None where it holds no graph."""
    if flow.graph is None:
        return None
    rows = [flow.definition["nodes"][row] for row in flow.node_rows]
    return Outline(
        file=flow.file,
        title=flow.name or flow.file,
        graph=flow.graph,
        names=[row.get("name", "") for row in rows],
        fields=[flat({key: value for key, value in row.items() if key not in NODE_FIELDS}) for row in rows],
        rest=flat(flow_fields(flow.definition)),
        spots=sorted(spots(flow, flow.graph), key=lambda spot: spot.place),
    )


def flow_fields(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the flow itself, its variables by their ids: their order says nothing."""
    own = {key: value for key, value in definition.items() if key not in FLOW_LISTS}
    variables = enumerate(definition.get("variables", ()))
    return {**own, "variable": {row.get("id", f"number {at + 1}"): row for at, row in variables}}


def spots(flow: FlowFile, graph: Graph) -> Iterator[Spot]:
    """Where each node and each connection begins, and the lists that follow them."""
    yield from (Spot(place=flow.text.place((part,), key=True), node=None) for part in flow.definition)
    number = {id_: node for node, id_ in enumerate(graph.ids)}
    for part, key in (("nodes", "id"), ("connections", "sourceNodeId")):
        for at, row in enumerate(flow.definition.get(part, ())):
            yield Spot(place=flow.text.place((part, at)), node=number.get(row.get(key, "")))


def flat(value: Mapping[str, Any]) -> dict[str, str]:
    """The plain values within a value, each under its path."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, each = waiting.pop()
        if isinstance(each, Mapping):
            inner = [(f"{path}.{key}" if path else str(key), part) for key, part in each.items()]
            waiting.extend(reversed(inner))
        elif isinstance(each, list):
            waiting.extend((f"{path}[{at}]", part) for at, part in reversed(list(enumerate(each))))
        else:
            found[path] = plain(each)
    return found


def plain(value: object) -> str:
    """A plain value as a file would say it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
