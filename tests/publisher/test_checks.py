import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import rival
from publisher.checks import check
from publisher.genesys.documents import Place
from publisher.graph import KNOWN_TYPES, TERMINAL_TYPES, Graph
from publisher.loader import FlowFile, FlowText, parse_flow, read_flow
from publisher.problems import has_errors
from tests.publisher.flow_makers import Json, a_file, a_flow, a_problem, codes

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "samples" / "flows"
IDS = ["trigger", "a", "b", "c", "d", "end"]


def problems_of(*ways: str, **fields: object) -> list[str]:
    return codes(check(a_file(a_flow(*ways, **fields))))  # type: ignore[arg-type]  # fields of any type


@st.composite
def small_flows(draw: st.DrawFn) -> Json:
    """Flows with one entry, whose connections join nodes that exist."""
    types = {id_: draw(st.sampled_from(["say", *sorted(TERMINAL_TYPES)])) for id_ in IDS[1:]}
    pairs = draw(st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)), max_size=9))
    return a_flow(
        *[f"{source}>{target}:{number}" for number, (source, target) in enumerate(pairs)], types=types, alone=IDS
    )


@pytest.mark.parametrize("path", sorted((ROOT / "config" / "flows").iterdir()), ids=lambda path: path.name)
def test_the_examples_are_right(path: Path) -> None:
    assert check(read_flow(path)) == ()


def test_all_problems_come_in_one_pass_in_the_order_of_the_file() -> None:
    problems = check(read_flow(SAMPLES / "faulty.yaml"))

    assert [(problem.place.line, problem.code) for problem in problems] == [
        (10, "flow.dead-end"),
        (11, "flow.unreachable"),
        (11, "flow.unknown-type"),
        (12, "flow.unreachable"),
        (13, "flow.duplicate-id"),
        (17, "flow.ambiguous-condition"),
        (20, "flow.cycle"),
        (21, "flow.unknown-node"),
        (22, "field.unknown"),
        (24, "flow.bad-variable"),
        (24, "flow.bad-variable"),
    ]


@pytest.mark.parametrize(
    ("ways", "code"),
    [
        (["trigger>a", "a>trigger"], "flow.cycle"),
        (["trigger>a"], "flow.dead-end"),
        (["trigger>a:1", "a>b", "trigger>queue:2"], "flow.no-way-out"),
        (["trigger>queue:1", "trigger>hangup:1"], "flow.ambiguous-condition"),
        (["trigger>queue", "trigger>hangup:1"], "flow.ambiguous-condition"),
        (["trigger>queue", "trigger>hangup"], "flow.ambiguous-condition"),
        (["start>queue"], "flow.no-entry"),
        (["trigger>queue", "a>queue"], "flow.unreachable"),
        (["trigger>queue", "queue>hangup"], "flow.after-the-end"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_what_is_wrong_is_found(ways: list[str], code: str) -> None:
    assert code in problems_of(*ways)


def test_different_conditions_are_no_problem() -> None:
    assert problems_of("trigger>menu", "menu>queue:1", "menu>hangup:2", "menu>transfer:timeout") == []


def test_too_many_nodes_are_told_at_the_first_one_beyond_the_maximum() -> None:
    file = a_file(a_flow("trigger>a", "a>b", "b>queue"))

    problem = a_problem(check(file, max_nodes=2), "flow.too-many-nodes")

    assert problem.message == "The flow has 4 nodes; at most 2 are allowed."
    assert problem.place == file.text.place(("nodes", 2))


def test_fifty_nodes_are_not_too_many() -> None:
    ways = [f"n{number}>n{number + 1}" for number in range(47)]

    assert problems_of("trigger>n0", *ways, "n47>queue") == []


def test_a_circle_is_told_by_its_path_at_the_connection_that_closes_it() -> None:
    file = a_file(a_flow("trigger>menu", "menu>ask:1", "ask>menu:again", "menu>queue:2"))

    problem = a_problem(check(file), "flow.cycle")

    assert problem.message == "The flow runs in a circle: menu → ask → menu."
    assert problem.hint == "Let connection 'c3' lead elsewhere, or remove it."
    assert problem.place == file.text.place(("connections", 2, "targetNodeId"))


def test_entangled_circles_are_counted() -> None:
    file = a_file(a_flow("trigger>a", "a>b:1", "b>a:1", "b>c:2", "c>d", "d>b", "a>queue:2"))

    assert "a → b → a. 2 more nodes are entangled with it." in a_problem(check(file), "flow.cycle").message


def test_a_circle_that_no_path_reaches_is_an_error_too() -> None:
    file = a_file(a_flow("trigger>queue", "a>b", "b>a"))

    assert "(No path leads there, but it may not stay.)" in a_problem(check(file), "flow.cycle").message


def test_the_middle_of_a_long_circle_is_left_out() -> None:
    ways = [f"n{number}>n{(number + 1) % 30}" for number in range(30)]

    problem = a_problem(check(a_file(a_flow("trigger>n0", *ways))), "flow.cycle")

    assert "n0 → n1 → n2 → n3 → (23 more) → n27 → n28 → n29 → n0." in problem.message


def test_a_dead_end_is_told_with_a_path_to_it() -> None:
    file = a_file(a_flow("trigger>menu", "menu>music:1", "menu>queue:2"))

    problem = a_problem(check(file), "flow.dead-end")

    assert problem.message == "Node 'music' is a dead end: trigger → menu → music."
    assert problem.place == file.text.place(("nodes", 2, "id"))


def test_the_beginning_of_a_long_path_is_left_out() -> None:
    ways = [f"n{number}>n{number + 1}" for number in range(20)]

    problem = a_problem(check(a_file(a_flow("trigger>n0", *ways))), "flow.dead-end")

    assert problem.message == "Node 'n20' is a dead end: trigger → … → n15 → n16 → n17 → n18 → n19 → n20."


def test_a_dead_end_that_no_path_reaches_is_only_unreachable() -> None:
    assert problems_of("trigger>queue", alone=["leftover"]) == ["flow.unreachable"]


def test_only_the_first_node_without_a_way_out_is_named() -> None:
    problems = check(a_file(a_flow("trigger>a:1", "a>b", "b>c", "c>d", "trigger>queue:2")))

    assert a_problem(problems, "flow.no-way-out").message == "No path from node 'a' ends the call: trigger → a."


def test_a_connection_to_nowhere_does_not_make_a_dead_end() -> None:
    file = parse_flow(
        json.dumps(a_flow("trigger>a", "a>queue")).replace('"targetNodeId": "queue"', '"targetNodeId": "quue"'),
        file="flow.json",
    )

    assert codes(check(file)) == ["flow.unreachable", "flow.unknown-node"]


def test_a_second_entry_is_told_at_the_second() -> None:
    file = a_file(a_flow("trigger>queue", "b>queue", types={"b": "trigger"}))

    problem = a_problem(check(file), "flow.several-entries")

    assert problem.message == "Calls come in at 'trigger' already; 'b' is one more node of type 'trigger'."


def test_without_an_entry_the_node_that_was_meant_as_one_is_asked_about() -> None:
    file = a_file(a_flow("start>queue", types={"start": "Trigger"}))

    assert a_problem(check(file), "flow.no-entry").hint == "Did you mean type 'trigger' for node 'start'?"


def test_without_an_entry_the_paths_are_checked_all_the_same() -> None:
    assert problems_of("start>menu", "menu>start:0", "menu>music:1") == [
        "flow.no-entry",
        "flow.dead-end",
        "flow.cycle",
    ]


def test_an_unknown_type_is_a_warning_with_a_question() -> None:
    problem = a_problem(check(a_file(a_flow("trigger>a", "a>queue", types={"a": "meny"}))), "flow.unknown-type")

    assert problem.message == "Node 'a' is of type 'meny', which is not known."
    assert problem.hint == "Did you mean 'menu'?"
    assert not has_errors([problem])


def test_types_can_be_made_known() -> None:
    file = a_file(a_flow("trigger>a", "a>queue", types={"a": "survey"}))

    assert check(file, known_types=KNOWN_TYPES | {"survey"}) == ()


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ({"name": "Customer Number"}, "Variable 'Customer Number' has a name that no expression can use."),
        ({"type": "strng"}, "Variable 'Customer' has the type 'strng', which does not exist."),
        ({"scope": "everywhere"}, "Variable 'Customer' has the scope 'everywhere', which does not exist."),
    ],
    ids=["name", "type", "scope"],
)
def test_a_bad_variable_is_named(variable: Json, message: str) -> None:
    right = {"id": "v1", "name": "Customer", "type": "string", "scope": "conversation"}

    file = a_file(a_flow("trigger>queue", variables=[{**right, **variable}]))

    assert a_problem(check(file), "flow.bad-variable").message == message


def test_a_variable_name_is_there_once_in_a_scope() -> None:
    first = {"id": "v1", "name": "Customer", "type": "string", "scope": "flow"}
    others = [{**first, "id": "v2", "name": "customer"}, {**first, "id": "v3", "scope": "task"}]

    problem = a_problem(check(a_file(a_flow("trigger>queue", variables=[first, *others]))), "flow.bad-variable")

    assert problem.message == "Variable 'customer' is there twice in scope 'flow'; the first one is in line 27."


def test_a_file_without_a_graph_gives_what_reading_found() -> None:
    assert codes(check(parse_flow("name: [", file="flow.yaml"))) == ["file.syntax"]


def test_a_hundred_thousand_nodes_are_checked_without_a_deep_stack() -> None:
    count = 100_000
    graph = Graph.of_columns(
        ids=["trigger", *[f"n{number}" for number in range(1, count)]],
        types=["trigger", *["say"] * (count - 2), "queue"],
        sources=list(range(count - 1)),
        targets=list(range(1, count)),
        conditions=["always"] * (count - 1),
    )

    problems = check(FlowFile(text=FlowText(file="long"), graph=graph), max_nodes=count - 1)

    assert codes(problems) == ["flow.too-many-nodes"]
    assert problems[0].place == Place(line=1, column=1)


@given(small_flows())
def test_circles_are_found_where_the_recursive_rival_finds_them(flow: Json) -> None:
    found = "flow.cycle" in codes(check(a_file(flow)))

    assert found is refuses(lambda: rival.validate(flow, max_nodes=50))


@given(small_flows())
def test_a_flow_is_refused_where_the_recursive_rival_refuses_it(flow: Json) -> None:
    found = {"flow.cycle", "flow.dead-end", "flow.no-way-out"} & set(codes(check(a_file(flow))))

    refused = refuses(lambda: rival.validate(flow, max_nodes=50)) or refuses(lambda: rival.simulate(flow))

    assert bool(found) is refused


def refuses(rivals_check: Callable[[], None]) -> bool:
    try:
        rivals_check()
    except rival.RefusedError:
        return True
    return False
