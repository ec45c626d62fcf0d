"""What the server makes of a definition: what it refuses at once, and what it finds while compiling."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

TERMINALS = frozenset({"disconnect", "queue", "transfer", "hangup"})


def refusals(definition: Mapping[str, Any], *, node_types: Collection[str]) -> list[str]:
    """Why a definition is not taken at all; none where it is."""
    if not isinstance(definition.get("name"), str) or not definition["name"]:
        return ["The definition has no name."]
    nodes, connections = _objects(definition.get("nodes")), _objects(definition.get("connections", []))
    if nodes is None or connections is None:
        return ["'nodes' and 'connections' must be lists of objects."]
    return [*_node_faults(nodes, node_types=node_types), *_connection_faults(nodes, connections)]


def compile_errors(definition: Mapping[str, Any]) -> tuple[str, ...]:
    """What the compiler finds in a definition that was taken: loops and dead ends."""
    sorter: TopologicalSorter[str] = TopologicalSorter({node["id"]: () for node in definition["nodes"]})
    for connection in definition.get("connections", []):
        sorter.add(connection["targetNodeId"], connection["sourceNodeId"])
    return (*_loops(sorter), *_dead_ends(definition))


def _objects(value: object) -> list[dict[str, Any]] | None:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return None
    return value


def _node_faults(nodes: list[dict[str, Any]], *, node_types: Collection[str]) -> Iterator[str]:
    if not any("trigger" in (node.get("type"), node.get("id")) for node in nodes):
        yield "The flow has no trigger node."
    for node in nodes:
        if not isinstance(node.get("id"), str) or not node["id"]:
            yield "A node has no id."
        if str(node.get("type")) not in node_types:
            yield f"Node {node.get('id')!r} has the unknown type {node.get('type')!r}."
    for node_id, count in Counter(str(node.get("id")) for node in nodes).items():
        if count > 1:
            yield f"{count} nodes have the id {node_id!r}."


def _connection_faults(nodes: list[dict[str, Any]], connections: list[dict[str, Any]]) -> Iterator[str]:
    known = {str(node.get("id")) for node in nodes}
    for connection in connections:
        for end in ("sourceNodeId", "targetNodeId"):
            if str(connection.get(end)) not in known:
                yield f"Connection {connection.get('id')!r} names the unknown node {connection.get(end)!r} as {end}."


def _loops(sorter: "TopologicalSorter[str]") -> Iterator[str]:
    try:
        sorter.prepare()
    except CycleError as exc:
        yield f"The flow loops: {' -> '.join(exc.args[1])}."


def _dead_ends(definition: Mapping[str, Any]) -> Iterator[str]:
    left = {connection["sourceNodeId"] for connection in definition.get("connections", [])}
    for node in definition["nodes"]:
        if node["id"] not in left and node["type"] not in TERMINALS:
            yield f"Node {node['id']!r} leads nowhere."
