"""What can be reached from where, and by which path. No call goes on from a node that ends it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from publisher.graph.model import Graph, Links

NOT_REACHED = -2
ROOT = -1


def reached_from(graph: Graph, roots: Iterable[int]) -> bytearray:
    """For each node 1 where a call can come to it from one of the roots (each root itself included), else 0.

    In depth first, though it keeps no paths: the nodes at hand are then mostly in the processor's cache.
    """
    waiting = list(roots)
    marked = bytearray(len(graph.ids))
    for root in waiting:
        marked[root] = 1
    starts, nodes, terminals = graph.onward.starts, graph.onward.nodes, graph.terminals
    while waiting:
        node = waiting.pop()
        if terminals[node]:
            continue
        for following in nodes[starts[node] : starts[node + 1]]:
            if not marked[following]:
                marked[following] = 1
                waiting.append(following)
    return marked


@dataclass(frozen=True, kw_only=True, slots=True)
class Paths:
    """A shortest path to each node that calls can come to."""

    nodes: Sequence[int]
    """Those nodes, the nearest first."""
    parents: Sequence[int]
    """The node before each one; `ROOT` where the path begins, `NOT_REACHED` for what no path reaches."""

    def has(self, node: int) -> bool:
        """Whether there is a path to a node."""
        return self.parents[node] != NOT_REACHED

    def begins_at(self, node: int) -> bool:
        """Whether a path begins at a node."""
        return self.parents[node] == ROOT

    def last_of_path_to(self, node: int, count: int) -> list[int]:
        """The last nodes of the path to a node; all of them where there are no more."""
        path = [node]
        while len(path) < count and self.parents[path[-1]] != ROOT:
            path.append(self.parents[path[-1]])
        return path[::-1]

    def path_to(self, node: int) -> list[int]:
        """The path to a node, both ends included."""
        return self.last_of_path_to(node, len(self.nodes))


def shortest_paths(graph: Graph, roots: Iterable[int]) -> Paths:
    """The paths that calls can take from some nodes."""
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
    return Paths(nodes=found, parents=parents)


def leading_to(graph: Graph, goals: Iterable[int], *, order: Sequence[int]) -> bytearray:
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
