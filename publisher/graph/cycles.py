"""Order and circles: what has to come before what, and where that cannot be said.

Kahn's algorithm orders what it can in one pass; what it leaves over lies on circles or behind them. There Tarjan's
algorithm finds the knots (strongly connected parts), and each knot gives one circle as its proof. Nothing calls itself.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from publisher.graph.model import Graph

UNSEEN = 0
DONE = sys.maxsize
NO_KNOT = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Cycle:
    """One circle, and the knot that it proves: every node from which a call can come round to itself with it."""

    nodes: Sequence[int]
    """In the order of the walk, the first one not repeated."""
    closing_edge: int
    """The edge from the last node back to the first."""
    knot: Sequence[int]


def topological_order(graph: Graph) -> list[int]:
    """The nodes, each after all that lead to it; those on a circle or behind one are left out."""
    starts, nodes = graph.onward.starts, graph.onward.nodes
    open_edges = [0] * len(graph.ids)
    for target in graph.targets:
        open_edges[target] += 1
    order = [node for node, count in enumerate(open_edges) if not count]
    for node in order:  # `order` grows as it is walked
        for following in nodes[starts[node] : starts[node + 1]]:
            open_edges[following] -= 1
            if not open_edges[following]:
                order.append(following)
    return order


def find_cycles(graph: Graph, order: Sequence[int], *, nearest: Iterable[int] = ()) -> list[Cycle]:
    """A circle for each knot, given the topological order; it begins at the knot's first node in `nearest`, if any."""
    if len(order) == len(graph.ids):
        return []
    parts = knots(graph, order)
    knot_of = [NO_KNOT] * len(graph.ids)
    for number, knot in enumerate(parts):
        for node in knot:
            knot_of[node] = number
    starts: dict[int, int] = {}
    for node in chain(nearest, sorted(knot[0] for knot in parts)):
        if knot_of[node] != NO_KNOT:
            starts.setdefault(knot_of[node], node)
    return [shortest_cycle(graph, start, knot=parts[number], knot_of=knot_of) for number, start in starts.items()]


def shortest_cycle(graph: Graph, start: int, *, knot: Sequence[int], knot_of: Sequence[int]) -> Cycle:
    """A shortest circle through one node of a knot."""
    parents = {start: start}
    found = [start]
    for node in found:  # `found` grows as it is walked
        for edge in graph.onward.edges_of(node):
            following = graph.targets[edge]
            if following == start:
                return Cycle(nodes=walk_back(parents, node), closing_edge=edge, knot=knot)
            if knot_of[following] == knot_of[start] and following not in parents:
                parents[following] = node
                found.append(following)
    raise AssertionError("a knot has a circle through each of its nodes")


def walk_back(parents: Mapping[int, int], node: int) -> list[int]:
    """The path to a node from the one that is its own parent."""
    path = [node]
    while parents[path[-1]] != path[-1]:
        path.append(parents[path[-1]])
    return path[::-1]


def knots(graph: Graph, order: Iterable[int]) -> list[list[int]]:
    """The strongly connected parts that hold a circle, each in the order of the file."""
    low = [UNSEEN] * len(graph.ids)
    for node in order:
        low[node] = DONE
    walk = Walk(graph, low)
    for root in range(len(graph.ids)):
        if low[root] == UNSEEN:
            walk.from_root(root)
    return walk.knots


class Walk:
    """Tarjan's walk in Pearce's form: one number for each node, the least that is reached from it and still open."""

    def __init__(self, graph: Graph, low: list[int]) -> None:
        self.knots: list[list[int]] = []
        self._graph = graph
        self._low = low
        self._met = list(low)
        """The order in which nodes were met, from 1."""
        self._next = list(graph.onward.starts)
        """For each node, its next edge to look at."""
        self._count = 0
        self._waiting: list[int] = []
        """Nodes that were left, but whose part is not yet complete."""

    def from_root(self, root: int) -> None:
        """Walk all that can be reached from a node and was not met before."""
        path = [root]
        self._meet(root)
        while path:
            onward = self._step(path[-1])
            if onward is None:
                self._leave(path.pop())
            else:
                self._meet(onward)
                path.append(onward)

    def _meet(self, node: int) -> None:
        self._count += 1
        self._low[node] = self._met[node] = self._count

    def _step(self, node: int) -> int | None:
        """The next node that was not met before, if any; the edge to it is looked at once more on the way back."""
        low, nodes, end = self._low, self._graph.onward.nodes, self._graph.onward.starts[node + 1]
        least = low[node]
        for at in range(self._next[node], end):
            reached = low[nodes[at]]
            if reached == UNSEEN:
                self._next[node] = at
                low[node] = least
                return nodes[at]
            least = min(least, reached)
        low[node] = least
        return None

    def _leave(self, node: int) -> None:
        """Go back from a node; where nothing leads further back than to itself, its part is complete."""
        if self._low[node] < self._met[node]:
            self._waiting.append(node)
            return
        knot = [node]
        while self._waiting and self._met[self._waiting[-1]] > self._met[node]:
            knot.append(self._waiting.pop())
        for member in knot:
            self._low[member] = DONE
        if len(knot) > 1 or node in self._graph.onward.nodes_of(node):
            self.knots.append(sorted(knot))
