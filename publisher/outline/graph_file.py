"""The outline of a graph file."""

from collections.abc import Iterator, Mapping
from typing import Any

from publisher.graph import Graph
from publisher.loader import FlowFile
from publisher.outline.model import Outline, Spot, flat

NODE_FIELDS = frozenset({"id", "type", "name"})
FLOW_LISTS = frozenset({"nodes", "connections", "variables"})


def outline_of_graph_file(flow: FlowFile) -> Outline | None:
    """The outline of a graph file; None where it holds no graph."""
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
        spots=sorted(spots(flow, flow.graph), key=lambda spot: spot.order),
    )


def flow_fields(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the flow itself, its variables by their ids: their order says nothing."""
    own = {key: value for key, value in definition.items() if key not in FLOW_LISTS}
    variables = enumerate(definition.get("variables", ()))
    return {**own, "variable": {row.get("id", f"number {at + 1}"): row for at, row in variables}}


def spots(flow: FlowFile, graph: Graph) -> Iterator[Spot]:
    """Where each node and each connection begins, and the lists that follow them."""
    yield from (Spot(file=flow.file, place=flow.text.place((part,), key=True), node=None) for part in flow.definition)
    number = {id_: node for node, id_ in enumerate(graph.ids)}
    for part, key in (("nodes", "id"), ("connections", "sourceNodeId")):
        for at, row in enumerate(flow.definition.get(part, ())):
            yield Spot(file=flow.file, place=flow.text.place((part, at)), node=number.get(row.get(key, "")))
