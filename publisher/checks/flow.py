"""All checks of a flow."""

from collections.abc import Collection, Iterator

from publisher.checks.nodes import check_ambiguity, check_count, check_ends, check_entries, check_types
from publisher.checks.paths import check_paths
from publisher.checks.variables import check_variables
from publisher.graph import KNOWN_TYPES, Graph
from publisher.loader import FlowFile
from publisher.problems import Problem, sort_by_place

DEFAULT_MAX_NODES = 50


def check(
    flow: FlowFile, *, max_nodes: int = DEFAULT_MAX_NODES, known_types: Collection[str] = KNOWN_TYPES
) -> tuple[Problem, ...]:
    """Everything that is wrong with a flow, what reading it found included, in the order of the file."""
    found = [*flow.problems, *check_variables(flow)]
    if flow.graph is not None:
        found.extend(check_graph(flow, flow.graph, max_nodes=max_nodes, known_types=known_types))
    return sort_by_place(found)


def check_graph(flow: FlowFile, graph: Graph, *, max_nodes: int, known_types: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the nodes, the connections and the paths."""
    yield from check_count(flow, graph, max_nodes=max_nodes)
    yield from check_types(flow, graph, known_types=known_types)
    yield from check_entries(flow, graph)
    yield from check_ambiguity(flow, graph)
    yield from check_ends(flow, graph)
    yield from check_paths(flow, graph)
