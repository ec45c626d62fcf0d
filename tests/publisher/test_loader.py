import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import UsageError
from publisher.genesys.documents import Place
from publisher.loader import MAX_FILE_BYTES, parse_flow, read_flow
from tests.publisher.flow_makers import Json, a_connection, a_file, a_flow, a_node, a_problem, as_text, codes

ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "config" / "flows"

words = st.text(min_size=1).filter(str.strip)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
settings = st.dictionaries(st.text(), json_values, max_size=3)


@st.composite
def flows(draw: st.DrawFn) -> Json:
    """Flows whose fields are right, whatever their paths are."""
    ids = draw(st.lists(words, min_size=1, max_size=5, unique=True))
    ends = draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids), st.text()), max_size=6))
    variables = draw(st.lists(words, max_size=3, unique=True))
    return {
        "name": draw(words),
        "description": draw(st.text()),
        "language": "en-US",
        "nodes": [{**a_node(id_, draw(words)), "settings": draw(settings)} for id_ in ids],
        "connections": [a_connection(f"c{number}", *end) for number, end in enumerate(ends)],
        "variables": [{"id": id_, "name": id_, "type": "string", "scope": "flow"} for id_ in variables],
        "settings": draw(settings),
    }


def test_the_example_is_what_the_api_takes() -> None:
    flow = read_flow(FLOWS / "automated-ivr.json")

    assert flow.definition == json.loads((FLOWS / "automated-ivr.json").read_text(encoding="utf-8"))
    assert (flow.name, flow.description) == ("Automated IVR Flow v2", "Generated via REST API")
    assert flow.problems == ()


def test_the_same_flow_can_be_written_in_yaml() -> None:
    flow = a_flow("trigger>menu", "menu>queue:1", "menu>disconnect:2")

    assert parse_flow(yaml.safe_dump(flow), file="flow.yaml").definition == flow


def test_what_may_be_left_out_is_sent_as_empty() -> None:
    flow = a_flow("trigger>disconnect")
    del flow["description"], flow["variables"], flow["settings"]

    definition = a_file(flow).definition

    assert definition == a_flow("trigger>disconnect")
    assert list(definition) == ["name", "description", "language", "nodes", "connections", "variables", "settings"]


def test_a_field_that_is_null_counts_as_left_out() -> None:
    flow = parse_flow("name: x\nlanguage: en-US\ndescription:\nnodes: []\nconnections: []", file="flow.yaml")

    assert flow.problems == ()
    assert flow.definition["description"] == ""


def test_a_condition_that_is_left_out_is_always() -> None:
    graph = a_file(a_flow("trigger>menu", "menu>queue: 1 ")).graph

    assert graph is not None
    assert graph.conditions == ["always", "1"]


def test_a_condition_that_is_left_out_is_left_out_of_what_is_sent() -> None:
    assert "condition" not in a_file(a_flow("trigger>disconnect")).definition["connections"][0]


@pytest.mark.parametrize(
    ("change", "code", "message", "hint"),
    [
        (("nodes", 5), "field.wrong", "'nodes' of the flow must be a list; this is the number 5.", ""),
        (("name", 16.0), "field.wrong", "'name' of the flow must be text; this is the number 16.0.", 'quotes: "16.0"'),
        (("name", True), "field.wrong", "'name' of the flow must be text; this is true.", 'quotes: "true"'),
        (("name", " "), "field.wrong", "'name' of the flow is empty.", ""),
        (("name", None), "field.wrong", "'name' of the flow must be text; this is nothing.", ""),
        (("settings", []), "field.wrong", "'settings' of the flow must be a mapping; this is a list.", ""),
        (("descripton", ""), "field.unknown", "The flow has no field 'descripton'.", "The fields here are name, desc"),
        (("nodes", ["trigger"]), "field.wrong", "Node number 1 must be a mapping; this is the text 'trigger'.", ""),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else None,
)
def test_a_field_that_is_not_right_is_named(change: tuple[str, object], code: str, message: str, hint: str) -> None:
    name, value = change

    problem = a_problem(a_file({**a_flow("trigger>disconnect"), name: value}).problems[:1], code)

    assert problem.message == message
    assert hint in problem.hint


def test_a_missing_field_is_told_once_with_the_place_of_its_mapping() -> None:
    flow = a_flow("trigger>disconnect")
    del flow["nodes"][1]["type"]

    problem = a_problem(a_file(flow).problems, "field.missing")

    assert problem.message == "Node 'disconnect' has no 'type'."
    assert problem.place == Place(line=11, column=3)
    assert problem.hint == "Add it; it is text."


def test_a_typing_error_in_a_field_gets_a_question_and_its_own_place() -> None:
    text = as_text(a_flow("trigger>disconnect:1")).replace('"condition"', '"conditon"')

    problem = a_problem(parse_flow(text, file="flow.json").problems, "field.unknown")

    assert problem.message == "Connection 'c1' has no field 'conditon'."
    assert problem.hint == "Did you mean 'condition'?"
    assert problem.excerpt.strip() == '"conditon": "1"'
    assert problem.place.column == problem.excerpt.index('"conditon"') + 1


def test_settings_are_nobody_elses_business() -> None:
    flow = a_flow("trigger>disconnect", settings={"anything": {"goes": [1, None]}})

    assert a_file(flow).problems == ()


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("nodes", "Node id 'trigger' is used twice; the first one is in line 7."),
        ("connections", "Connection id 'c1' is used twice; the first one is in line 19."),
    ],
)
def test_an_id_that_is_used_twice_is_told_at_the_second(part: str, message: str) -> None:
    flow = a_flow("trigger>disconnect")
    flow[part].append(flow[part][0])

    assert a_problem(a_file(flow).problems, "flow.duplicate-id").message == message


def test_the_first_node_of_an_id_is_the_one_that_counts() -> None:
    flow = a_flow("trigger>disconnect")
    flow["nodes"].append(a_node("trigger", "hangup"))

    graph = a_file(flow).graph

    assert graph is not None
    assert graph.types == ["trigger", "disconnect"]


@pytest.mark.parametrize(
    ("connection", "message", "hint"),
    [
        (("trigger", "disconect"), "leads to node 'disconect', which does not exist.", "Did you mean 'disconnect'?"),
        (("Trigger", "disconnect"), "comes from node 'Trigger', which does not exist.", "Did you mean 'trigger'?"),
    ],
)
def test_a_connection_to_nowhere_is_told(connection: tuple[str, str], message: str, hint: str) -> None:
    flow = a_flow("trigger>disconnect")
    flow["connections"].append(a_connection("c2", *connection))

    problem = a_problem(a_file(flow).problems, "flow.unknown-node")

    assert problem.message == f"Connection 'c2' {message}"
    assert problem.hint == hint


def test_a_node_without_an_id_does_not_hide_the_others() -> None:
    flow = a_flow("trigger>disconnect")
    flow["nodes"].insert(0, {"type": "say", "name": "?"})

    file = a_file(flow)

    assert codes(file.problems) == ["field.missing"]
    assert file.graph is not None
    assert file.graph.ids == ["trigger", "disconnect"]
    assert file.node_path(0) == ("nodes", 1, "id")


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("", "file.not-a-flow", "No flow: the file is empty."),
        ("- trigger", "file.not-a-flow", "No flow: this is a list"),
        ("greeting: hello", "file.not-a-flow", "No flow: this is a mapping without any of a flow's fields"),
        ("name: [", "file.syntax", "This is not YAML"),
        ('{"name": }', "file.syntax", "Found '}' where JSON wants a value."),
        ("name: a\nname: b\n", "file.syntax", "'name' is given twice"),
    ],
)
def test_a_text_that_is_no_flow_gives_one_problem(text: str, code: str, part: str) -> None:
    (problem,) = parse_flow(text, file="flow.yaml").problems

    assert problem.code == code
    assert part in problem.message


def test_a_problem_shows_its_line() -> None:
    (problem,) = parse_flow("name: a\nname: b\r\n", file="flow.yaml").problems

    assert problem.excerpt == "name: b"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name: \xff", "is not UTF-8 text (line 1, byte 6); save it as UTF-8."),
        (b" " * (MAX_FILE_BYTES + 1), "is larger than 16 MiB; a flow file is text of some kilobytes."),
    ],
    ids=["not UTF-8", "too large"],
)
def test_a_file_that_is_no_text_is_wrong_use(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "flow.yaml"
    path.write_bytes(content)

    with pytest.raises(UsageError) as caught:
        read_flow(path)

    assert str(caught.value) == f"{path} {message}"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("absent.yaml", "there is no such file"),
        (".", "is a directory; name the flow files in it"),
        ("a\0b", "cannot be read: embedded null byte"),
    ],
)
def test_a_file_that_cannot_be_opened_is_wrong_use(tmp_path: Path, name: str, part: str) -> None:
    with pytest.raises(UsageError, match=part):
        read_flow(tmp_path / name)


@given(flows())
def test_reading_what_was_written_as_json_gives_the_flow(flow: Json) -> None:
    assert parse_flow(json.dumps(flow), file="flow.json").definition == flow


@given(flows())
def test_reading_what_was_written_as_yaml_gives_the_flow(flow: Json) -> None:
    # In quotes: PyYAML writes YAML 1.1, and leaves them out of what is text there and a number in YAML 1.2 (0o17).
    text = yaml.safe_dump(flow, default_style='"')

    assert parse_flow(text, file="flow.yaml").definition == flow


@given(st.dictionaries(st.sampled_from(list(a_flow())), json_values) | json_values)
def test_no_json_leads_to_anything_but_a_flow_file(value: object) -> None:
    assert parse_flow(json.dumps(value), file="flow.json").file == "flow.json"


@given(st.lists(json_values | st.dictionaries(st.sampled_from(["id", "type", "sourceNodeId", "name"]), json_values)))
def test_no_list_leads_to_anything_but_a_flow_file(rows: list[object]) -> None:
    flow = {**a_flow(), "nodes": rows, "connections": rows, "variables": rows}

    assert a_file(flow).graph is not None


@given(st.text())
def test_no_text_leads_to_anything_but_a_flow_file(text: str) -> None:
    assert parse_flow(text, file="flow.yaml").problems
