"""What can be reached from where. Walks are breadth first, so the paths that they find are the shortest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from publisher.graph.model import Graph, Links

NOT_REACHED = -2
ROOT = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """What calls can reach from the entries; no call goes on from a node that ends it."""

    nodes: Sequence[int]
    """In the order in which they are reached: the nearest first."""
    parents: Sequence[int]
    """The node before each one on a shortest path; `ROOT` for an entry, `NOT_REACHED` for what no path reaches."""

    def has(self, node: int) -> bool:
        """Whether some path reaches a node."""
        return self.parents[node] != NOT_REACHED

    def is_root(self, node: int) -> bool:
        """Whether a path begins at a node."""
        return self.parents[node] == ROOT

    def last_of_path_to(self, node: int, count: int) -> list[int]:
        """The last nodes of a shortest path to a node that is reached; all of them where there are no more."""
        path = [node]
        while len(path) < count and self.parents[path[-1]] != ROOT:
            path.append(self.parents[path[-1]])
        return path[::-1]

    def path_to(self, node: int) -> list[int]:
        """A shortest path to a node that is reached, both ends included."""
        return self.last_of_path_to(node, len(self.nodes))


def reach(graph: Graph, roots: Iterable[int]) -> Reach:
    """What calls can reach from some nodes."""
    found = list(roots)
    parents = [NOT_REACHED] * len(graph.ids)
    for root in found:
        parents[root] = ROOT
    starts, nodes, terminals = graph.onward.starts, graph.onward.nodes, graph.terminals
    for node in found:  # `found` grows as it is walked
        if terminals[node]:
            continue
        for following in nodes[starts[node] : starts[node + 1]]:
            if parents[following] == NOT_REACHED:
                parents[following] = node
                found.append(following)
    return Reach(nodes=found, parents=parents)


def reaches(graph: Graph, goals: Iterable[int], *, order: Sequence[int]) -> bytearray:
    """For each node 1 where some path leads from it to one of the goals (each goal itself included), else 0.

    `order` is the topological order. What it leaves out (circles and what lies behind them) is walked backwards; the
    rest, which leads only forwards, needs no more than one look at each node, from the last to the first.
    """
    marked = bytearray(len(graph.ids))
    for goal in goals:
        marked[goal] = 1
    if len(order) < len(graph.ids):
        mark_behind_circles(graph, marked, order=order)
    starts, nodes = graph.onward.starts, graph.onward.nodes
    for node in reversed(order):
        if not marked[node]:
            for following in nodes[starts[node] : starts[node + 1]]:
                if marked[following]:
                    marked[node] = 1
                    break
    return marked


def mark_behind_circles(graph: Graph, marked: bytearray, *, order: Sequence[int]) -> None:
    """Mark what leads to a marked node among the nodes that have no order; what follows them has none either."""
    is_ordered = bytearray(len(graph.ids))
    for node in order:
        is_ordered[node] = 1
    edges = [edge for edge, source in enumerate(graph.sources) if not is_ordered[source]]
    back = Links.between(
        [graph.targets[edge] for edge in edges], [graph.sources[edge] for edge in edges], count=len(graph.ids)
    )
    found = [node for node, mark in enumerate(marked) if mark and not is_ordered[node]]
    for node in found:  # `found` grows as it is walked
        for previous in back.nodes_of(node):
            if not marked[previous]:
                marked[previous] = 1
                found.append(previous)
