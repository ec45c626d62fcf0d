"""What is wrong with single nodes and what leaves them."""

from collections.abc import Collection, Iterator, Sequence
from itertools import compress, islice, pairwise

from publisher.graph import ALWAYS, TRIGGER, Graph
from publisher.loader import FlowFile
from publisher.problems import Problem, did_you_mean, nearest, quoted

MAX_SUGGESTIONS = 20
MAX_COMPARED_NODES = 500


def check_count(flow: FlowFile, graph: Graph, *, max_nodes: int) -> Iterator[Problem]:
    """More nodes than the maximum."""
    count = max(len(flow.definition.get("nodes", ())), len(graph.ids))
    if count > max_nodes:
        yield flow.text.problem(
            "flow.too-many-nodes",
            f"The flow has {count:,} nodes; at most {max_nodes:,} are allowed.",
            at=("nodes", max_nodes),
            hint="Move a part of it into a flow of its own, or raise the maximum (--max-nodes).",
        )


def check_types(flow: FlowFile, graph: Graph, *, known_types: Collection[str]) -> Iterator[Problem]:
    """Types that nobody has heard of."""
    unknown = set(graph.types).difference(known_types, {""})
    if not unknown:
        return
    hints = {type_: did_you_mean(type_, known_types) for type_ in islice(unknown, MAX_SUGGESTIONS)}
    for node, type_ in enumerate(graph.types):
        if type_ in unknown:
            yield flow.text.problem(
                "flow.unknown-type",
                f"Node {quoted(graph.ids[node])} is of type {quoted(type_)}, which is not known.",
                at=flow.node_path(node, "type"),
                hint=hints.get(type_) or "If the platform knows it, add it to known_types in config/publisher.yaml.",
            )


def check_entries(flow: FlowFile, graph: Graph) -> Iterator[Problem]:
    """No entry, or several."""
    if not graph.entries:
        yield flow.text.problem(
            "flow.no-entry",
            f"The flow has no entry: no node is of type '{TRIGGER}', and none has that id.",
            at=("nodes",),
            key=True,
            hint=entry_hint(graph),
        )
    for node in graph.entries[1:]:
        first, second = quoted(graph.ids[graph.entries[0]]), quoted(graph.ids[node])
        yield flow.text.problem(
            "flow.several-entries",
            f"Calls come in at {first} already; {second} is one more node of type '{TRIGGER}'.",
            at=flow.node_path(node, "type"),
            hint="Keep one of them, and give the other a type that says what it does.",
        )


def entry_hint(graph: Graph) -> str:
    """How the flow could get an entry: by the node that was probably meant as one, or by a new one."""
    for node, type_ in islice(enumerate(graph.types), MAX_COMPARED_NODES):
        if nearest(type_, (TRIGGER,)):
            return f"Did you mean type '{TRIGGER}' for node {quoted(graph.ids[node])}?"
    return f"Add the node where calls come in, of type '{TRIGGER}'."


def check_ambiguity(flow: FlowFile, graph: Graph) -> Iterator[Problem]:
    """Connections out of one node of which two could be taken at once."""
    conditions = [graph.conditions[edge] for edge in graph.onward.edges]
    for node, (start, end) in enumerate(pairwise(graph.onward.starts)):
        if end - start > 1:
            given = set(conditions[start:end])
            if len(given) < end - start or ALWAYS in given:
                yield from ambiguities(flow, graph, node, graph.onward.edges_of(node))


def ambiguities(flow: FlowFile, graph: Graph, node: int, leaving: Sequence[int]) -> Iterator[Problem]:
    """One problem for each connection that comes too late: its condition is taken, or all are by `always`."""
    first: dict[str, int] = {}
    name = quoted(graph.ids[node])
    for edge in leaving:
        condition = graph.conditions[edge]
        if condition in first:
            yield flow.text.problem(
                "flow.ambiguous-condition",
                f"{flow.edge_name(first[condition])} and {flow.edge_name(edge, capital=False)} both leave node {name} "
                f"on {quoted(condition)}.",
                at=flow.edge_path(edge, "condition"),
                hint="Give each connection out of a node a condition of its own.",
            )
        first.setdefault(condition, edge)
    if ALWAYS in first and len(first) > 1:
        other = next(condition for condition in first if condition != ALWAYS)
        yield flow.text.problem(
            "flow.ambiguous-condition",
            f"{flow.edge_name(first[ALWAYS])} leaves node {name} always, "
            f"{flow.edge_name(first[other], capital=False)} on {quoted(other)}.",
            at=flow.edge_path(first[ALWAYS], "condition"),
            hint=f"Give it a condition, or make it the only connection out of {name}.",
        )


def check_ends(flow: FlowFile, graph: Graph) -> Iterator[Problem]:
    """Connections that are never taken, since the call is over."""
    for node in compress(range(len(graph.ids)), graph.terminals):
        for edge in graph.onward.edges_of(node):
            name, type_ = quoted(graph.ids[node]), graph.types[node]
            yield flow.text.problem(
                "flow.after-the-end",
                f"{flow.edge_name(edge)} leaves node {name}, which ends the call ({type_}).",
                at=flow.edge_path(edge, "sourceNodeId"),
                hint="Remove the connection, or give the node another type.",
            )
