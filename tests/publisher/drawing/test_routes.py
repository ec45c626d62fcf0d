import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.comparing import Sign
from publisher.drawing.routes import MOST_ROWS_OF_A_LINE, Course, Label, Route, routes_of
from publisher.graph import Edge, Graph, topological_order


def a_graph(*ways: str) -> Graph:
    """A graph of ways such as `trigger>menu:1`; its nodes in the order in which they are named."""
    ends = [way.partition(":")[0].split(">") for way in ways]
    ids = list(dict.fromkeys(id_ for pair in ends for id_ in pair))
    edges = [
        Edge(source=source, target=target, condition=way.partition(":")[2] or "always")
        for way, (source, target) in zip(ways, ends, strict=True)
    ]
    return Graph.of(ids=ids, types=["trigger" if id_ == "trigger" else "say" for id_ in ids], edges=edges)


def routes(*ways: str, signs: list[Sign] | None = None) -> list[Route]:
    graph = a_graph(*ways)
    return routes_of(graph, signs or [Sign.SAME] * len(graph.sources))


def courses(*ways: str) -> list[Course]:
    return [route.course for route in routes(*ways)]


def a_chain(count: int) -> list[str]:
    return ["trigger>n1", *[f"n{number}>n{number + 1}" for number in range(1, count)]]


def test_what_is_always_taken_needs_no_label() -> None:
    assert [route.labels for route in routes("trigger>a", "a>b:1")] == [(), (Label(text="1", sign=Sign.SAME),)]


def test_edges_between_the_same_nodes_are_one_route() -> None:
    (route,) = routes("trigger>a:1", "trigger>a:2")

    assert [label.text for label in route.labels] == ["1", "2"]


def test_what_changed_is_labelled_even_where_it_is_always_taken() -> None:
    (route,) = routes("trigger>a", signs=[Sign.ADDED])

    assert route.labels == (Label(text="always", sign=Sign.ADDED),)
    assert route.sign is Sign.ADDED


def test_a_route_of_several_signs_has_changed() -> None:
    (route,) = routes("trigger>a:1", "trigger>a:2", signs=[Sign.SAME, Sign.REMOVED])

    assert route.sign is Sign.CHANGED


def test_what_leads_back_to_where_the_call_has_been_is_a_loop() -> None:
    assert courses("trigger>a", "a>b", "b>a:again") == [Course.ONWARD, Course.ONWARD, Course.BACK]


def test_the_entry_is_where_looking_for_loops_begins() -> None:
    assert courses("b>a", "a>b", "trigger>a") == [Course.BACK, Course.ONWARD, Course.ONWARD]


def test_what_leads_to_itself_is_a_jump() -> None:
    assert courses("trigger>trigger") == [Course.JUMP]


@pytest.mark.parametrize(
    ("rows", "course"), [(MOST_ROWS_OF_A_LINE, Course.ONWARD), (MOST_ROWS_OF_A_LINE + 1, Course.JUMP)]
)
def test_what_leads_far_down_is_a_jump(rows: int, course: Course) -> None:
    assert courses(*a_chain(rows), f"trigger>n{rows}:far")[-1] is course


@pytest.mark.parametrize(
    ("rows", "course"), [(MOST_ROWS_OF_A_LINE, Course.BACK), (MOST_ROWS_OF_A_LINE + 1, Course.JUMP)]
)
def test_what_leads_far_back_is_a_jump(rows: int, course: Course) -> None:
    assert courses(*a_chain(rows), f"n{rows}>trigger:again")[-1] is course


NUMBER = st.integers(0, 30)


@given(ways=st.lists(st.tuples(NUMBER, NUMBER), max_size=60))
def test_every_edge_is_a_route_and_lines_alone_form_no_circle(ways: list[tuple[int, int]]) -> None:
    graph = a_graph(*[f"n{source}>n{target}" for source, target in ways])

    found = routes_of(graph, [Sign.SAME] * len(graph.sources))

    onward = [Edge(source=graph.ids[each.source], target=graph.ids[each.target]) for each in lines(found)]
    drawn = Graph.of(ids=graph.ids, types=graph.types, edges=onward)
    assert {(route.source, route.target) for route in found} == set(zip(graph.sources, graph.targets, strict=True))
    assert len(topological_order(drawn)) == len(graph.ids)


def lines(found: list[Route]) -> list[Route]:
    return [route for route in found if route.course is Course.ONWARD]
