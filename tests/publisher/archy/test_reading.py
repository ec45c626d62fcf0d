import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.archy import FLOW_TYPES, ArchyFile, Values, check_archy, parse_archy, read_archy
from publisher.errors import UsageError
from publisher.loader import FlowFile, parse_file, read_file
from tests.publisher.archy.flows import HANG_UP, a_file, a_text, told
from tests.publisher.flow_makers import a_flow

VALUES = Values(texts={"name": "Main"})
words = st.sampled_from(
    ["inboundCall", "name", "startUpRef", "menus", "tasks", "actions", "choices", "outputs", "refId", "disconnect", "x"]
)
texts = st.sampled_from(["", "a", "/inboundCall/tasks/task[x]", "./a", "b.yaml#/a", "{{x}}", "Prompt.x", "digit_1"])
scalars = st.one_of(texts, st.none(), st.booleans(), st.integers())
anything = st.recursive(scalars, lambda each: st.one_of(st.lists(each), st.dictionaries(words, each)), max_leaves=30)


@pytest.mark.parametrize(
    "text",
    [
        "inboundCall:\n  name: Main\n",
        "# ours\n---\ninboundCall:\n  name: {{name}}\n",
        '{"workflow": {"name": "Main"}}',
        '"workflow": {name: Main}',
        "workflow:\n  name: Main\nnotes: none\n",
        "newFlow:\n  name: Main\n  startUpRef: /a/b\n",
        "\ufeffworkflow:\r\n  name: Main\r\n",
    ],
)
def test_an_archy_file_is_told_by_what_is_in_it(text: str) -> None:
    assert isinstance(parse_file(text, file="flow.yaml"), ArchyFile)


@pytest.mark.parametrize(
    "text",
    ["", "a: b", "nodes: []", "name: Main\nnodes: []\nworkflow: x\n", "common:\n  tasks: []\n", "name: [", "- a"],
)
def test_all_else_is_no_archy_file(text: str) -> None:
    assert isinstance(parse_file(text, file="flow.yaml"), FlowFile)


@pytest.mark.parametrize("indent", [None, 0, 2])
def test_a_graph_file_may_use_the_same_words(indent: int | None) -> None:
    flow = a_flow("trigger>queue", settings={"voice": "Jill", "workflow": {"name": "x"}, "startUpRef": "/a"})

    file = parse_file(json.dumps(flow, indent=indent), file="flow.json")

    assert isinstance(file, FlowFile)
    assert file.problems == ()


@pytest.mark.parametrize(("root", "flow_type"), FLOW_TYPES.items())
def test_every_type_of_flow_is_known(root: str, flow_type: str) -> None:
    file = a_file(f"{root}: {{name: Main}}")

    assert (file.root, file.flow_type, file.name) == (root, flow_type, "Main")


def test_words_of_older_yaml_stay_text() -> None:
    file = a_file(a_text("description: yes\ndivision: on\n") + HANG_UP)

    assert (file.description, file.division) == ("yes", "on")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("inboundcall:\n  startUpRef: /a\n  name: x\n", ["1:1 archy.root-key", "2:15 archy.bad-reference"]),
        ("{}", ["1:1 archy.root-key"]),
        ("- a", ["1:1 archy.root-key"]),
        ("inboundCall: text", ["1:14 archy.shape"]),
        ("inboundCall:", ["1:13 archy.shape"]),
        ("inboundCall: {name: a", ["1:22 file.syntax"]),
        ("workflow:\n  name: a\n  name: b\n", ["3:3 file.syntax"]),
    ],
    ids=["case", "empty", "list", "text", "nothing", "syntax", "twice"],
)
def test_what_is_no_flow_is_told(text: str, found: list[str]) -> None:
    assert told(text) == found


def test_a_root_key_that_was_probably_meant_is_asked() -> None:
    (problem, _) = check_archy(a_file("inboundcall:\n  startUpRef: /a\n  name: x\n"))

    assert problem.hint == "Did you mean 'inboundCall'?"


def test_a_file_that_could_not_be_read_has_nothing_in_it() -> None:
    file = a_file("inboundCall: [")

    assert (file.graph, file.root, file.name, file.resolved, file.node_place(0)) == (None, "", "", "", None)


def test_aliases_cannot_blow_a_file_up() -> None:
    levels = [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    text = "\n".join(["inboundCall:", "  a0: &a0 [x, x, x, x, x, x, x, x, x]", *levels])

    (problem,) = a_file(text).problems

    assert problem.message.startswith("Aliases repeat more than 100,000 values")


def test_a_file_is_read_with_its_values(tmp_path: Path) -> None:
    path = tmp_path / "flow.yaml"
    path.write_text(a_text().replace("name: Main", "name: {{name}}", 1), encoding="utf-8")

    file = read_file(path, values=VALUES)

    assert (file.file, file.name) == (str(path), "Main")


def test_a_file_is_read_by_whoever_can() -> None:
    assert read_archy(Path("x.yaml"), VALUES, read=lambda _: "workflow: {name: '{{name}}'}").name == "Main"


def test_without_a_reader_no_other_file_is_read() -> None:
    (problem,) = parse_archy(a_text(start="x.yaml#/a"), file="flow.yaml").problems

    assert problem.message == "'x.yaml' cannot be read here."


def test_another_file_is_looked_for_beside_the_flow(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "tasks.yaml").write_text("c: {tasks: [task: {refId: t, actions: [disconnect: ]}]}")
    (tmp_path / "flow.yaml").write_text(a_text("tasks: []\n", start="./shared/tasks.yaml#/c/tasks/task[t]"))

    file = read_file(tmp_path / "flow.yaml")

    assert file.problems == ()


def test_a_missing_file_is_a_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        read_file(tmp_path / "gone.yaml")


@given(st.dictionaries(st.sampled_from(["inboundCall", "workflow", "x"]), anything, min_size=1))
def test_whatever_stands_in_a_file_it_gets_problems_and_no_crash(data: dict[str, object]) -> None:
    text = repr(data).replace("None", "null").replace("True", "true").replace("False", "false")

    file = parse_archy(text, file="flow.yaml", values=Values(texts={"x": "{a: b}"}))

    assert check_archy(file) is not None


@given(st.text(alphabet="inboundCal:{}[] \n-&*#x'\"", max_size=60))
def test_whatever_the_text_is_it_gets_problems_and_no_crash(text: str) -> None:
    assert check_archy(parse_archy(text, file="flow.yaml")) is not None
