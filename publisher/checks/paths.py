"""What is wrong with the paths: circles, dead ends, nodes without a way out, nodes that nothing leads to."""

from collections.abc import Iterator, Sequence
from itertools import chain, compress
from operator import not_

from publisher.graph import (
    TERMINAL_TYPES,
    Cycle,
    Graph,
    Paths,
    find_cycles,
    leading_to,
    reached_from,
    shortest_paths,
    topological_order,
)
from publisher.loader import FlowFile
from publisher.problems import Problem, quoted, shown

MAX_SHOWN_NODES = 8
ARROW = " → "
ENDING = f"a node that ends the call (type {', '.join(sorted(TERMINAL_TYPES))})"


def check_paths(flow: FlowFile, graph: Graph) -> Iterator[Problem]:
    """Everything about paths. Without an entry any node may be where calls come in.

    A node with a connection to a node that does not exist counts as an end: that connection is a problem of its own.
    """
    everything = range(len(graph.ids))
    order = topological_order(graph)
    roots = graph.entries or everything
    reached = reached_from(graph, roots)
    can_end = leading_to(graph, chain(compress(everything, graph.terminals), flow.loose_nodes), order=order)
    stuck = [node for node in compress(everything, reached) if not can_end[node]]
    if stuck or len(order) < len(graph.ids):
        ways = shortest_paths(graph, roots)
        for cycle in find_cycles(graph, order, nearest=ways.nodes):
            yield cycle_problem(flow, graph, cycle, is_reached=ways.has(cycle.nodes[0]))
        yield from check_ways_out(flow, graph, ways, stuck=stuck, can_end=can_end)
    if graph.entries:
        yield from check_reached(flow, graph, reached)


def cycle_problem(flow: FlowFile, graph: Graph, cycle: Cycle, *, is_reached: bool) -> Problem:
    """One circle, told by its path."""
    others = len(cycle.knot) - len(cycle.nodes)
    more = f" {others:,} more {'node is' if others == 1 else 'nodes are'} entangled with it." if others else ""
    aside = "" if is_reached else " (No path leads there, but it may not stay.)"
    return flow.text.problem(
        "flow.cycle",
        f"The flow runs in a circle: {circle_text(graph, cycle)}.{more}{aside}",
        at=flow.edge_path(cycle.closing_edge, "targetNodeId"),
        hint=f"Let {flow.edge_name(cycle.closing_edge, capital=False)} lead elsewhere, or remove it.",
    )


def check_ways_out(
    flow: FlowFile, graph: Graph, ways: Paths, *, stuck: Sequence[int], can_end: Sequence[int]
) -> Iterator[Problem]:
    """Dead ends, and the first node on each path from which no call can end any more."""
    for node in stuck:
        if not graph.onward.count_of(node):
            yield dead_end_problem(flow, graph, ways, node)
        elif graph.entries and (ways.begins_at(node) or can_end[ways.parents[node]]):
            yield no_way_out_problem(flow, graph, ways, node)


def dead_end_problem(flow: FlowFile, graph: Graph, ways: Paths, node: int) -> Problem:
    """A node that leads nowhere and does not end the call."""
    return flow.text.problem(
        "flow.dead-end",
        f"Node {quoted(graph.ids[node])} is a dead end{way_there(graph, ways, node)}.",
        at=flow.node_path(node),
        hint=f"Connect it to another node, or make it {ENDING}.",
    )


def no_way_out_problem(flow: FlowFile, graph: Graph, ways: Paths, node: int) -> Problem:
    """A node that leads on, but never to an end."""
    return flow.text.problem(
        "flow.no-way-out",
        f"No path from node {quoted(graph.ids[node])} ends the call{way_there(graph, ways, node)}.",
        at=flow.node_path(node),
        hint=f"Let one of its paths lead to {ENDING}.",
    )


def check_reached(flow: FlowFile, graph: Graph, reached: Sequence[int]) -> Iterator[Problem]:
    """Nodes that no path reaches."""
    for node in compress(range(len(graph.ids)), map(not_, reached)):
        yield flow.text.problem(
            "flow.unreachable",
            f"No path reaches node {quoted(graph.ids[node])}.",
            at=flow.node_path(node),
            hint="Connect it, or remove it.",
        )


def way_there(graph: Graph, ways: Paths, node: int) -> str:
    """The path by which a node is reached; of a long one the last part, so that a thousand faults cost no more each."""
    if graph.entry is None or node == graph.entry:
        return ""
    path = ways.last_of_path_to(node, MAX_SHOWN_NODES)
    names = [shown(graph.ids[each]) for each in path]
    if path[0] != graph.entry:
        names[:2] = [shown(graph.ids[graph.entry]), "…"]
    return f": {ARROW.join(names)}"


def circle_text(graph: Graph, cycle: Cycle) -> str:
    """A circle's path, its middle left out where it is long."""
    nodes = [*cycle.nodes, cycle.nodes[0]]
    if len(nodes) <= MAX_SHOWN_NODES + 1:
        return ARROW.join(shown(graph.ids[node]) for node in nodes)
    first, last = nodes[: MAX_SHOWN_NODES // 2], nodes[-MAX_SHOWN_NODES // 2 :]
    names = [shown(graph.ids[node]) for node in (*first, *last)]
    names.insert(len(first), f"({len(nodes) - MAX_SHOWN_NODES:,} more)")
    return ARROW.join(names)
