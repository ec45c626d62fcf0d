"""What is wrong with the paths: circles, dead ends, nodes without a way out, nodes that nothing leads to."""

from collections.abc import Iterator, Sequence
from itertools import chain, compress

from publisher.graph import TERMINAL_TYPES, Cycle, Graph, Reach, find_cycles, reach, reaches, topological_order
from publisher.loader import FlowFile
from publisher.problems import Problem, quoted, shown

MAX_SHOWN_NODES = 8
ARROW = " → "
ENDING = f"a node that ends the call (type {', '.join(sorted(TERMINAL_TYPES))})"


def check_paths(flow: FlowFile, graph: Graph) -> Iterator[Problem]:
    """Everything about paths. Without an entry any node may be where calls come in."""
    order = topological_order(graph)
    reached = reach(graph, graph.entries or range(len(graph.ids)))
    for cycle in find_cycles(graph, order, nearest=reached.nodes):
        yield cycle_problem(flow, graph, cycle, is_reached=reached.has(cycle.nodes[0]))
    yield from check_ways_out(flow, graph, reached, order=order)
    if len(reached.nodes) < len(graph.ids):
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


def check_ways_out(flow: FlowFile, graph: Graph, reached: Reach, *, order: Sequence[int]) -> Iterator[Problem]:
    """Dead ends, and the first node on each path from which no call can end any more.

    A node with a connection to a node that does not exist is neither: that connection is a problem of its own.
    """
    ends = compress(range(len(graph.ids)), graph.terminals)
    can_end = reaches(graph, chain(ends, flow.loose_nodes), order=order)
    for node in reached.nodes:
        if can_end[node]:
            continue
        if not graph.onward.count_of(node):
            yield dead_end_problem(flow, graph, reached, node)
        elif graph.entries and (reached.is_root(node) or can_end[reached.parents[node]]):
            yield no_way_out_problem(flow, graph, reached, node)


def dead_end_problem(flow: FlowFile, graph: Graph, reached: Reach, node: int) -> Problem:
    """A node that leads nowhere and does not end the call."""
    return flow.text.problem(
        "flow.dead-end",
        f"Node {quoted(graph.ids[node])} is a dead end{way_there(graph, reached, node)}.",
        at=flow.node_path(node),
        hint=f"Connect it to another node, or make it {ENDING}.",
    )


def no_way_out_problem(flow: FlowFile, graph: Graph, reached: Reach, node: int) -> Problem:
    """A node that leads on, but never to an end."""
    return flow.text.problem(
        "flow.no-way-out",
        f"No path from node {quoted(graph.ids[node])} ends the call{way_there(graph, reached, node)}.",
        at=flow.node_path(node),
        hint=f"Let one of its paths lead to {ENDING}.",
    )


def check_reached(flow: FlowFile, graph: Graph, reached: Reach) -> Iterator[Problem]:
    """Nodes that no path reaches."""
    for node, id_ in enumerate(graph.ids):
        if not reached.has(node):
            yield flow.text.problem(
                "flow.unreachable",
                f"No path reaches node {quoted(id_)}.",
                at=flow.node_path(node),
                hint="Connect it, or remove it.",
            )


def way_there(graph: Graph, reached: Reach, node: int) -> str:
    """The path by which a node is reached; of a long one the last part, so that a thousand faults cost no more each."""
    if graph.entry is None or node == graph.entry:
        return ""
    path = reached.last_of_path_to(node, MAX_SHOWN_NODES)
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
