"""Routes: what becomes of the edges of a graph in a picture, before anything has a place.

Edges between the same two nodes are one route with several labels. A route can lead back to where the call has been.
One that leads far away is a jump, and ends in a sign that names its goal: a line through half the picture helps nobody,
and costs the layout more than all others. The nearest route into each node is always a line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from publisher.comparing import Sign
from publisher.graph import ALWAYS, Graph, topological_order

MOST_NODES = 5_000
MOST_ROWS_OF_A_LINE = 10
UNSEEN, OPEN, DONE = range(3)


class Course(StrEnum):
    """How a route runs."""

    ONWARD = "onward"
    BACK = "back"
    JUMP = "jump"


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """A condition on which a route is taken, and what became of it."""

    text: str
    sign: Sign


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """All ways from one node to another."""

    source: int
    target: int
    labels: tuple[Label, ...]
    """Those worth showing: what is always taken, and was before, needs no words."""
    sign: Sign
    course: Course


def routes_of(graph: Graph, signs: Sequence[Sign]) -> list[Route]:
    """The routes of a graph, in the order of the file."""
    ends = list(dict.fromkeys(zip(graph.sources, graph.targets, strict=True)))
    edges: dict[tuple[int, int], list[int]] = {pair: [] for pair in ends}
    for edge, pair in enumerate(zip(graph.sources, graph.targets, strict=True)):
        edges[pair].append(edge)
    routes = []
    for (source, target), course in zip(ends, courses(graph, ends), strict=True):
        own = edges[source, target]
        routes.append(
            Route(
                source=source,
                target=target,
                labels=tuple(labels_of(graph, own, signs)),
                sign=common_sign([signs[edge] for edge in own]),
                course=course,
            )
        )
    return routes


def labels_of(graph: Graph, edges: Sequence[int], signs: Sequence[Sign]) -> Iterator[Label]:
    """What to write at a route."""
    for edge in edges:
        if graph.conditions[edge] != ALWAYS or signs[edge] is not Sign.SAME or len(edges) > 1:
            yield Label(text=graph.conditions[edge], sign=signs[edge])


def common_sign(signs: Sequence[Sign]) -> Sign:
    """The sign that all have; else something changed."""
    return signs[0] if len(set(signs)) == 1 else Sign.CHANGED


def courses(graph: Graph, ends: Sequence[tuple[int, int]]) -> list[Course]:
    """How the route between each two nodes runs."""
    backward = routes_back(graph, ends)
    onward = [pair for pair, back in zip(ends, backward, strict=True) if not back]
    rows, far = rows_of(graph, onward)
    found = []
    for (source, target), back in zip(ends, backward, strict=True):
        is_far = rows[source] - rows[target] > MOST_ROWS_OF_A_LINE if back else (source, target) in far
        is_jump = is_far or source == target
        found.append(Course.JUMP if is_jump else Course.BACK if back else Course.ONWARD)
    return found


def routes_back(graph: Graph, ends: Sequence[tuple[int, int]]) -> list[bool]:
    """For each pair of nodes whether it closes a circle, seen in depth from the entries, then in the order of the file.

    Without those pairs there is no circle left.
    """
    forward = graph_of(graph, ends)
    starts, nodes, edges = list(forward.onward.starts), forward.onward.nodes, forward.onward.edges
    ends_at = forward.onward.starts
    state = [UNSEEN] * len(graph.ids)
    is_back = [False] * len(ends)
    for root in (*graph.entries, *range(len(graph.ids))):
        path = [root] if state[root] == UNSEEN else []
        while path:
            node = path[-1]
            state[node] = OPEN
            at = starts[node]
            if at == ends_at[node + 1]:
                state[node] = DONE
                path.pop()
                continue
            starts[node] = at + 1
            if state[nodes[at]] == OPEN:
                is_back[edges[at]] = True
            elif state[nodes[at]] == UNSEEN:
                path.append(nodes[at])
    return is_back


def rows_of(graph: Graph, onward: Sequence[tuple[int, int]]) -> tuple[list[int], set[tuple[int, int]]]:
    """About how far down each node will stand, and which pairs of nodes are too far apart for a line."""
    rows = [0] * len(graph.ids)
    far: set[tuple[int, int]] = set()
    leading: list[list[int]] = [[] for _ in graph.ids]
    for source, target in onward:
        leading[target].append(source)
    for node in topological_order(graph_of(graph, onward)):
        sources = sorted(leading[node], key=lambda source: rows[source])
        rows[node] = rows[sources[-1]] + 1 if sources else 0
        far.update((source, node) for source in sources[:-1] if rows[node] - rows[source] > MOST_ROWS_OF_A_LINE)
    return rows, far


def graph_of(graph: Graph, ends: Sequence[tuple[int, int]]) -> Graph:
    """The same nodes with one edge between each two."""
    return Graph.of_columns(
        ids=graph.ids,
        types=graph.types,
        sources=[source for source, _ in ends],
        targets=[target for _, target in ends],
        conditions=[ALWAYS] * len(ends),
    )
