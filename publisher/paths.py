"""Simulates a flow: proves that every path ends, or shows where one does not, without walking paths one by one.

There can be more paths through fifty nodes than seconds in a day, so they are counted, not listed: the number of paths
to a node is the sum of the numbers of those that lead to it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from publisher.graph import Cycle, Graph, Paths, find_cycles, shortest_paths, topological_order


class FaultKind(StrEnum):
    """Why a path does not end the call."""

    DEAD_END = "dead-end"
    LOOP = "loop"
    NO_ENTRY = "no-entry"


@dataclass(frozen=True, kw_only=True, slots=True)
class PathFault:
    """A path that does not end the call: the last node is a dead end, or is there for the second time."""

    kind: FaultKind
    node: str
    path: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulation:
    """What becomes of the calls that come in at the entry."""

    ends: bool
    """Whether every path ends the call."""
    count: int | None
    """How many paths end the call; None where a loop makes them endless."""
    shortest: tuple[str, ...] = ()
    longest: tuple[str, ...] = ()
    """Empty where no path ends, or a loop makes them endless."""
    fault_count: int = 0
    faults: tuple[PathFault, ...] = ()
    """One for each dead end and each knot of loops, the nearest first; no more than were asked for."""
    loop_count: int = 0
    loops: tuple[PathFault, ...] = ()
    """Where loops are legal: a path into each knot of them; no more than were asked for."""


NO_ENTRY = Simulation(
    ends=False, count=0, fault_count=1, faults=(PathFault(kind=FaultKind.NO_ENTRY, node="", path=()),)
)
EXACT_BELOW = 10**15


def number_text(count: int | None) -> str:
    """A number of paths for people."""
    if count is None:
        return "endlessly many"
    if count < EXACT_BELOW:
        return f"{count:,}"
    digits, _, exponent = f"{Decimal(count):.2e}".partition("e+")
    return f"about {digits} x 10^{exponent}"


def count_text(count: int | None) -> str:
    """The same with its noun: `1 path`, `12 paths`."""
    return f"{number_text(count)} {'path' if count == 1 else 'paths'}"


def simulate(graph: Graph, *, max_faults: int = 100, loops_are_legal: bool = False) -> Simulation:
    """Follow all calls at once, from the entry (from each of them, if there are several).

    Where loops are legal they are told apart from the faults, and every path counts that could end.
    """
    if not graph.entries:
        return NO_ENTRY
    ways = shortest_paths(graph, graph.entries)
    walked = walkable(graph, ways)
    order = topological_order(walked)
    loops = find_cycles(walked, order, nearest=ways.nodes)
    dead_ends = [node for node in ways.nodes if not graph.terminals[node] and not walked.onward.count_of(node)]
    ends = [node for node in ways.nodes if graph.terminals[node]]
    faulty, legal = ([], loops) if loops_are_legal else (loops, [])
    return Simulation(
        ends=not faulty and not dead_ends,
        count=None if loops else count_paths(walked, order),
        shortest=names(graph, ways.path_to(ends[0])) if ends else (),
        longest=() if loops else names(graph, longest_path(walked, order)),
        fault_count=len(faulty) + len(dead_ends),
        faults=tuple(faults(graph, ways, dead_ends[:max_faults], faulty[: max(max_faults - len(dead_ends), 0)])),
        loop_count=len(legal),
        loops=tuple(faults(graph, ways, (), legal[:max_faults])),
    )


def walkable(graph: Graph, ways: Paths) -> Graph:
    """The same nodes with the edges that a call can take: those out of nodes that are reached and do not end it."""
    edges = [edge for edge, source in enumerate(graph.sources) if ways.has(source) and not graph.terminals[source]]
    return graph.with_edges(edges)


def count_paths(graph: Graph, order: Sequence[int]) -> int:
    """How many paths lead from the entry to the ends, exactly.

    A number is let go as soon as its node is passed: in a long flow each has many thousand digits.
    """
    counts = [0] * len(graph.ids)
    total = 0
    for entry in graph.entries:
        counts[entry] = 1
    for node in order:
        if counts[node]:
            for following in graph.onward.nodes_of(node):
                # Adding to nothing would copy the number.
                counts[following] = counts[following] + counts[node] if counts[following] else counts[node]
            total += counts[node] if graph.terminals[node] else 0
            counts[node] = 0
    return total


def longest_path(graph: Graph, order: Sequence[int]) -> list[int]:
    """A longest path from the entry to an end; empty where there is none."""
    lengths = [0] * len(graph.ids)
    parents = [0] * len(graph.ids)
    for entry in graph.entries:
        lengths[entry] = 1
    for node in order:
        if lengths[node]:
            for following in graph.onward.nodes_of(node):
                if lengths[following] <= lengths[node]:
                    lengths[following], parents[following] = lengths[node] + 1, node
    ends = [node for node in order if graph.terminals[node] and lengths[node]]
    if not ends:
        return []
    path = [max(ends, key=lambda node: lengths[node])]
    while lengths[path[-1]] > 1:
        path.append(parents[path[-1]])
    return path[::-1]


def faults(graph: Graph, ways: Paths, dead_ends: Sequence[int], loops: Sequence[Cycle]) -> Iterator[PathFault]:
    """Each fault with a path that runs into it."""
    for node in dead_ends:
        yield PathFault(kind=FaultKind.DEAD_END, node=graph.ids[node], path=names(graph, ways.path_to(node)))
    for loop in loops:
        start = loop.nodes[0]
        path = [*ways.path_to(start), *loop.nodes[1:], start]
        yield PathFault(kind=FaultKind.LOOP, node=graph.ids[start], path=names(graph, path))


def names(graph: Graph, nodes: Sequence[int]) -> tuple[str, ...]:
    """The ids of nodes."""
    return tuple(graph.ids[node] for node in nodes)
