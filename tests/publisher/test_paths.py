from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import rival
from publisher.graph import Edge, Graph
from publisher.paths import FaultKind, PathFault, count_text, number_text, simulate
from tests.publisher.flow_makers import Json, a_flow

IDS = ["trigger", "a", "b", "c", "d", "end"]


def graph_of(flow: Json) -> Graph:
    return Graph.of(
        ids=[node["id"] for node in flow["nodes"]],
        types=[node["type"] for node in flow["nodes"]],
        edges=[Edge(source=each["sourceNodeId"], target=each["targetNodeId"]) for each in flow["connections"]],
    )


def a_graph(*ways: str, types: dict[str, str] | None = None) -> Graph:
    return graph_of(a_flow(*ways, types=types))


def a_ladder(rungs: int) -> Graph:
    """Twice as many paths with each rung."""
    sides = [f"m{number}>{side}{number}" for number in range(rungs) for side in "lr"]
    joins = [f"{side}{number}>m{number + 1}" for number in range(rungs) for side in "lr"]
    return a_graph("trigger>m0", *sides, *joins, f"m{rungs}>queue")


@st.composite
def small_flows(draw: st.DrawFn) -> Json:
    pairs = draw(st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)), max_size=9))
    return a_flow(*[f"{source}>{target}" for source, target in pairs], types={"end": "queue"}, alone=IDS)


def every_path(flow: Json, node: str = "trigger", path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every path to an end, one by one; the flow must have no loop that can be reached."""
    if node == "end":
        yield (*path, node)
        return
    for connection in flow["connections"]:
        if connection["sourceNodeId"] == node:
            yield from every_path(flow, connection["targetNodeId"], (*path, node))


def refused(flow: Json) -> bool:
    try:
        rival.simulate(flow)
    except rival.RefusedError:
        return True
    return False


def test_a_straight_flow_has_one_path() -> None:
    simulation = simulate(a_graph("trigger>say", "say>disconnect"))

    assert simulation.ends
    assert simulation.count == 1
    assert simulation.shortest == simulation.longest == ("trigger", "say", "disconnect")
    assert simulation.faults == ()


def test_the_shortest_and_the_longest_path_are_shown() -> None:
    simulation = simulate(a_graph("trigger>queue", "trigger>a", "a>b", "b>hangup", "a>hangup"))

    assert simulation.count == 3
    assert simulation.shortest == ("trigger", "queue")
    assert simulation.longest == ("trigger", "a", "b", "hangup")


@pytest.mark.parametrize("rungs", [0, 1, 16, 500])
def test_paths_are_counted_exactly_however_many_there_are(rungs: int) -> None:
    assert simulate(a_ladder(rungs)).count == 2**rungs


def test_two_connections_to_the_same_node_make_two_paths() -> None:
    assert simulate(a_graph("trigger>queue:1", "trigger>queue:2")).count == 2


def test_a_dead_end_is_shown_by_a_path_into_it() -> None:
    simulation = simulate(a_graph("trigger>menu", "menu>music", "menu>queue"))

    assert not simulation.ends
    assert simulation.count == 1
    assert simulation.faults == (PathFault(kind=FaultKind.DEAD_END, node="music", path=("trigger", "menu", "music")),)


def test_a_loop_is_shown_by_a_path_that_comes_round() -> None:
    simulation = simulate(a_graph("trigger>menu", "menu>ask", "ask>menu", "menu>queue"))

    assert not simulation.ends
    assert simulation.count is None
    assert simulation.longest == ()
    assert simulation.faults == (PathFault(kind=FaultKind.LOOP, node="menu", path=("trigger", "menu", "ask", "menu")),)


def test_a_loop_that_no_call_comes_to_does_not_matter() -> None:
    assert simulate(a_graph("trigger>queue", "a>b", "b>a")).ends


def test_a_loop_behind_an_end_does_not_matter() -> None:
    assert simulate(a_graph("trigger>queue", "queue>trigger")).count == 1


def test_a_flow_without_an_end_has_no_path_to_one() -> None:
    simulation = simulate(a_graph("trigger>a"))

    assert (simulation.count, simulation.shortest, simulation.longest) == (0, (), ())


def test_without_an_entry_no_path_begins() -> None:
    simulation = simulate(a_graph("start>queue"))

    assert not simulation.ends
    assert [fault.kind for fault in simulation.faults] == [FaultKind.NO_ENTRY]


def test_only_so_many_faults_are_shown_but_all_are_counted() -> None:
    simulation = simulate(a_graph(*[f"trigger>n{number}" for number in range(9)]), max_faults=4)

    assert (len(simulation.faults), simulation.fault_count) == (4, 9)


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, "endlessly many"), (0, "0"), (65_536, "65,536"), (2**500, "about 3.27 x 10^150")],
    ids=["endless", "none", "some", "very many"],
)
def test_a_number_of_paths_can_be_read(count: int | None, text: str) -> None:
    assert number_text(count) == text


def test_a_number_of_more_digits_than_python_prints_can_be_read() -> None:
    assert count_text(1 << 100_000) == "about 9.99 x 10^30102 paths"


def test_one_path_is_not_many() -> None:
    assert count_text(1) == "1 path"


@given(small_flows())
def test_every_path_ends_where_the_recursive_rival_says_so(flow: Json) -> None:
    assert simulate(graph_of(flow)).ends is not refused(flow)


@given(small_flows().filter(lambda flow: simulate(graph_of(flow)).count is not None))
def test_the_count_is_that_of_the_paths_one_by_one(flow: Json) -> None:
    walked = sorted(every_path(flow), key=len)

    simulation = simulate(graph_of(flow))

    assert simulation.count == len(walked)
    assert len(simulation.shortest) == len(walked[0] if walked else ())
    assert len(simulation.longest) == len(walked[-1] if walked else ())


@given(small_flows())
def test_every_path_that_is_shown_can_be_walked(flow: Json) -> None:
    ways = {(each["sourceNodeId"], each["targetNodeId"]) for each in flow["connections"]}

    simulation = simulate(graph_of(flow))

    paths = [simulation.shortest, simulation.longest, *(fault.path for fault in simulation.faults)]
    assert all(path[:1] in {(), ("trigger",)} for path in paths)
    assert {step for path in paths for step in pairwise(path)} <= ways
