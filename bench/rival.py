"""The rival: the recursive way to check a flow, as one would first write it down.

It follows every path to its end, so its time grows with the number of paths, and its depth with their length.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

TERMINALS = frozenset({"disconnect", "queue", "transfer", "hangup"})


class RefusedError(Exception):
    """The rival refuses the flow; it tells the first reason that it comes upon."""


def validate(flow: Mapping[str, Any], *, max_nodes: int) -> None:
    """Refuse too many nodes, and any circle: a depth-first search that notes what lies on its present path."""
    if len(flow["nodes"]) > max_nodes:
        raise RefusedError(f"{len(flow['nodes'])} nodes are more than {max_nodes}")
    onward = onward_of(flow)
    visited: set[str] = set()
    on_path: set[str] = set()

    def comes_round(node: str) -> bool:
        visited.add(node)
        on_path.add(node)
        for following in onward[node]:
            if following in on_path or (following not in visited and comes_round(following)):
                return True
        on_path.discard(node)
        return False

    for node in flow["nodes"]:
        if node["id"] not in visited and comes_round(node["id"]):
            raise RefusedError(f"a circle begins at {node['id']}")


def simulate(flow: Mapping[str, Any]) -> None:
    """Walk every path from the trigger; refuse the first that comes round or stops without an end."""
    onward = onward_of(flow)
    types = {node["id"]: node["type"] for node in flow["nodes"]}

    def walk(node: str, path: Sequence[str]) -> None:
        if node in path:
            raise RefusedError(f"a loop at {node}")
        if types.get(node) in TERMINALS:
            return
        if not onward[node]:
            raise RefusedError(f"a dead end at {node}")
        for following in onward[node]:
            walk(following, [*path, node])

    walk("trigger", [])


def onward_of(flow: Mapping[str, Any]) -> Mapping[str, list[str]]:
    """For each node the nodes that its connections lead to."""
    onward: dict[str, list[str]] = defaultdict(list)
    for connection in flow["connections"]:
        onward[connection["sourceNodeId"]].append(connection["targetNodeId"])
    return onward
