from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.graph import Edge, Graph, find_cycles, leading_to, reached_from, shortest_paths, topological_order

Pairs = list[tuple[int, int]]

NODES = 7
pairs_of_nodes = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=14)


def a_graph(*ways: str, types: dict[str, str] | None = None) -> Graph:
    ends = [way.split(">") for way in ways]
    ids = list(dict.fromkeys(id_ for pair in ends for id_ in pair))
    kinds = {"trigger": "trigger", "end": "disconnect", **(types or {})}
    edges = [Edge(source=source, target=target) for source, target in ends]
    return Graph.of(ids=ids, types=[kinds.get(id_, "say") for id_ in ids], edges=edges)


def a_graph_of(pairs: Pairs) -> Graph:
    return Graph.of_columns(
        ids=[f"n{node}" for node in range(NODES)],
        types=["say"] * NODES,
        sources=[source for source, _ in pairs],
        targets=[target for _, target in pairs],
        conditions=["always"] * len(pairs),
    )


def closure(pairs: Pairs) -> set[tuple[int, int]]:
    """Which node leads to which over any number of edges, found the plain way."""
    found = set(pairs)
    while more := {(a, d) for a, b in found for c, d in found if b == c} - found:
        found |= more
    return found


def ids_of(graph: Graph, nodes: Sequence[int]) -> list[str]:
    return [graph.ids[node] for node in nodes]


def test_a_node_of_type_trigger_is_the_entry() -> None:
    graph = a_graph("start>end", types={"start": "trigger"})

    assert graph.entry == 0


def test_a_node_called_trigger_is_the_entry_where_no_type_says_so() -> None:
    graph = a_graph("hello>trigger", "trigger>end", types={"trigger": "say"})

    assert graph.entries == (1,)


def test_the_type_comes_before_the_id() -> None:
    graph = a_graph("start>trigger", types={"start": "trigger", "trigger": "say"})

    assert graph.entries == (0,)


def test_two_triggers_make_no_entry() -> None:
    assert a_graph("a>b", types={"a": "trigger", "b": "trigger"}).entry is None


@pytest.mark.parametrize("type_", ["disconnect", "queue", "transfer", "hangup"])
def test_these_types_end_the_call(type_: str) -> None:
    assert a_graph("trigger>x", types={"x": type_}).terminals == b"\0\1"


def test_a_walk_finds_the_shortest_path() -> None:
    graph = a_graph("trigger>a", "a>b", "b>end", "trigger>end")

    assert ids_of(graph, shortest_paths(graph, graph.entries).path_to(graph.ids.index("end"))) == ["trigger", "end"]


def test_a_walk_does_not_go_on_from_an_end() -> None:
    graph = a_graph("trigger>end", "end>after")

    assert not shortest_paths(graph, graph.entries).has(graph.ids.index("after"))


def test_only_the_last_of_a_long_path_can_be_asked_for() -> None:
    graph = a_graph("trigger>a", "a>b", "b>c")

    assert ids_of(graph, shortest_paths(graph, graph.entries).last_of_path_to(3, 2)) == ["b", "c"]


def test_a_circle_is_shown_from_the_node_that_is_reached_first() -> None:
    graph = a_graph("b>c", "c>a", "a>b", "trigger>c")
    nearest = shortest_paths(graph, graph.entries).nodes

    (cycle,) = find_cycles(graph, topological_order(graph), nearest=nearest)

    assert ids_of(graph, cycle.nodes) == ["c", "a", "b"]
    assert cycle.closing_edge == 0


def test_a_node_can_be_a_circle_of_its_own() -> None:
    graph = a_graph("trigger>a", "a>a", "a>end")

    (cycle,) = find_cycles(graph, topological_order(graph))

    assert ids_of(graph, cycle.nodes) == ["a"]


def test_each_knot_gives_one_circle_and_the_shortest() -> None:
    graph = a_graph("a>b", "b>a", "b>c", "c>a", "c>d", "d>e", "e>d")

    cycles = find_cycles(graph, topological_order(graph))

    assert [ids_of(graph, cycle.nodes) for cycle in cycles] == [["a", "b"], ["d", "e"]]
    assert [ids_of(graph, cycle.knot) for cycle in cycles] == [["a", "b", "c"], ["d", "e"]]


def test_a_deep_graph_needs_no_deep_stack() -> None:
    count = 50_000
    graph = Graph.of_columns(
        ids=[str(node) for node in range(count)],
        types=["say"] * count,
        sources=list(range(count)),
        targets=[*range(1, count), 0],
        conditions=["always"] * count,
    )

    (cycle,) = find_cycles(graph, topological_order(graph))

    assert len(cycle.nodes) == count


@given(pairs_of_nodes)
def test_the_order_puts_each_node_after_those_that_lead_to_it(pairs: Pairs) -> None:
    order = topological_order(a_graph_of(pairs))

    before = [pair for pair in pairs if pair[1] in order]
    assert all(order.index(source) < order.index(target) for source, target in before)


@given(pairs_of_nodes)
def test_the_order_leaves_out_what_lies_on_a_circle_or_behind_one(pairs: Pairs) -> None:
    leads = closure(pairs)
    on_circle = {node for node in range(NODES) if (node, node) in leads}

    order = topological_order(a_graph_of(pairs))

    assert set(order) == {
        node for node in range(NODES) if node not in on_circle and not any((c, node) in leads for c in on_circle)
    }


@given(pairs_of_nodes)
def test_the_knots_are_the_nodes_that_lead_to_each_other(pairs: Pairs) -> None:
    graph = a_graph_of(pairs)
    leads = closure(pairs)

    cycles = find_cycles(graph, topological_order(graph))

    assert {tuple(cycle.knot) for cycle in cycles} == {
        tuple(other for other in range(NODES) if other == node or {(node, other), (other, node)} <= leads)
        for node in range(NODES)
        if (node, node) in leads
    }


@given(pairs_of_nodes)
def test_every_circle_can_be_walked(pairs: Pairs) -> None:
    graph = a_graph_of(pairs)

    cycles = find_cycles(graph, topological_order(graph))

    steps = [pair for cycle in cycles for pair in zip(cycle.nodes, [*cycle.nodes[1:], cycle.nodes[0]], strict=True)]
    assert set(steps) <= set(pairs)
    assert all(pairs[cycle.closing_edge] == (cycle.nodes[-1], cycle.nodes[0]) for cycle in cycles)


def test_leaving_edges_out_changes_neither_entries_nor_ends() -> None:
    graph = replace(a_graph("a>b", "b>c"), entries=(1,), terminals=b"\x01\x00\x00")

    without = graph.with_edges([1])

    assert (without.entries, without.terminals) == ((1,), b"\x01\x00\x00")
    assert (list(without.sources), list(without.onward.nodes_of(1))) == ([1], [2])


@given(pairs_of_nodes, st.sets(st.integers(0, NODES - 1)))
def test_what_reaches_the_goals_is_what_leads_to_one(pairs: Pairs, goals: set[int]) -> None:
    graph = a_graph_of(pairs)
    leads = closure(pairs)

    marked = leading_to(graph, goals, order=topological_order(graph))

    assert {node for node in range(NODES) if marked[node]} == {
        node for node in range(NODES) if node in goals or any((node, goal) in leads for goal in goals)
    }


@given(pairs_of_nodes, st.sets(st.integers(0, NODES - 1)))
def test_what_is_reached_is_what_some_path_leads_to(pairs: Pairs, roots: set[int]) -> None:
    graph = a_graph_of(pairs)
    leads = closure(pairs)

    marked = reached_from(graph, roots)

    assert {node for node in range(NODES) if marked[node]} == {
        node for node in range(NODES) if node in roots or any((root, node) in leads for root in roots)
    }
    assert set(shortest_paths(graph, roots).nodes) == {node for node in range(NODES) if marked[node]}
