from collections.abc import Iterator
from itertools import combinations, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.comparing import Sign
from publisher.drawing.boxes import NOTHING, Box, Size
from publisher.drawing.layout import Layout, lay_out
from publisher.drawing.routes import Course, Route, routes_of
from publisher.graph import Edge, Graph

NODE = Size(width=176, height=50)
LABEL = Size(width=60, height=20)


def laid_out(count: int, *pairs: tuple[int, int], condition: str = "always") -> Layout:
    """A flow of some nodes, of which the first one is the entry."""
    ids = [f"n{number}" for number in range(count)]
    edges = [Edge(source=ids[source], target=ids[target], condition=condition) for source, target in pairs]
    types = ["trigger", *["say"] * (count - 1)]
    routes = routes_of(Graph.of(ids=ids, types=types, edges=edges), [Sign.SAME] * len(edges))
    return lay_out(
        [NODE] * count,
        routes,
        labels=[LABEL if route.labels else NOTHING for route in routes],
        signs=[LABEL if route.course is Course.JUMP else NOTHING for route in routes],
    )


def boxes_of(layout: Layout) -> Iterator[Box]:
    """All that must not lie on anything else."""
    yield from layout.nodes
    yield from (box for line in layout.lines for box in (line.label, line.sign) if box is not None)


def overlap(one: Box, other: Box) -> bool:
    apart_x = abs(one.x - other.x) - (one.width + other.width) / 2
    apart_y = abs(one.y - other.y) - (one.height + other.height) / 2
    return apart_x < 0 and apart_y < 0


def test_the_call_goes_downwards() -> None:
    layout = laid_out(3, (0, 1), (1, 2))

    assert all(upper.bottom < lower.top for upper, lower in pairwise(layout.nodes))
    assert {box.x for box in layout.nodes} == {NODE.width / 2}


def test_choices_stand_in_the_order_of_the_file() -> None:
    layout = laid_out(6, (0, 1), (0, 2), (0, 3), (0, 4), (0, 5), condition="1")

    places = [box.x for box in layout.nodes[1:]]
    assert places == sorted(places)


def test_a_label_stands_between_its_nodes() -> None:
    layout = laid_out(2, (0, 1), condition="open")

    (label,) = [line.label for line in layout.lines]
    assert label is not None
    assert layout.nodes[0].bottom < label.top < label.bottom < layout.nodes[1].top


def test_a_loop_runs_from_the_lower_node_to_the_upper_one() -> None:
    layout = laid_out(3, (0, 1), (1, 2), (2, 1))

    stops = layout.lines[2].stops
    assert (stops[0], stops[-1]) == (layout.nodes[2], layout.nodes[1])
    assert all(lower.y > upper.y for lower, upper in pairwise(stops))


def test_a_jump_ends_at_a_sign_near_its_node() -> None:
    chain = [(number, number + 1) for number in range(19)]

    layout = laid_out(20, *chain, (0, 19))

    sign = layout.lines[-1].sign
    assert sign is not None
    assert layout.nodes[0].bottom < sign.y < layout.nodes[3].y


def test_what_nothing_joins_stands_beside_the_rest() -> None:
    layout = laid_out(4, (0, 1), (2, 3))

    assert layout.nodes[0].y == layout.nodes[2].y
    assert not any(overlap(one, other) for one, other in combinations(boxes_of(layout), 2))


def test_many_parts_stand_below_each_other_too() -> None:
    layout = laid_out(100)

    assert layout.width < 2_000
    assert layout.height > 500


@pytest.mark.parametrize("count", [0, 1])
def test_there_may_be_hardly_anything(count: int) -> None:
    layout = lay_out([NODE] * count, [], labels=[], signs=[])

    assert len(layout.nodes) == count
    assert layout.height == count * NODE.height


NUMBER = st.integers(0, 15)


@example(pairs={(0, 5), (1, 2), (3, 1), (4, 2), (4, 3)}, condition="always")
@given(pairs=st.sets(st.tuples(NUMBER, NUMBER), max_size=40), condition=st.sampled_from(["always", "1"]))
def test_nothing_lies_on_anything_else(pairs: set[tuple[int, int]], condition: str) -> None:
    layout = laid_out(16, *sorted(pairs), condition=condition)

    boxes = list(boxes_of(layout))
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]
    assert all(box.left >= -0.001 and box.top >= -0.001 for box in boxes)
    assert all(box.x + box.width / 2 <= layout.width + 0.001 and box.bottom <= layout.height + 0.001 for box in boxes)


@given(pairs=st.sets(st.tuples(NUMBER, NUMBER), max_size=40))
def test_every_route_begins_and_ends_at_its_nodes(pairs: set[tuple[int, int]]) -> None:
    layout = laid_out(16, *sorted(pairs))

    assert all(line.stops[0] == layout.nodes[line.route.source] for line in layout.lines)
    assert all(line.stops[-1] == end_of(line.route, line.sign, layout) for line in layout.lines)


def end_of(route: Route, sign: Box | None, layout: Layout) -> Box:
    return sign if sign is not None else layout.nodes[route.target]
