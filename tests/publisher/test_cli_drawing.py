"""`publisher draw`."""

import io
from pathlib import Path

import pytest

from publisher.cli import main
from publisher.cli.surroundings import Surroundings
from publisher.errors import ExitCode
from tests.publisher.flow_makers import Json, a_flow, as_text
from tests.publisher.organization import Ended

pytestmark = pytest.mark.usefixtures("project")

FLOW = a_flow("trigger>menu", "menu>queue:1", "menu>hangup:2")


def run(*arguments: str) -> Ended:
    """Run the command; what it printed and how it ended."""
    around = Surroundings(environ={}, out=io.StringIO(), err=io.StringIO())
    code = main(arguments, around)
    return Ended(code=code, out=around.out.getvalue(), err=around.err.getvalue())  # type: ignore[attr-defined]


def a_flow_file(flow: Json, name: str = "flow.json") -> str:
    Path(name).write_text(as_text(flow), encoding="utf-8")
    return name


def test_a_picture_goes_to_stdout_and_nothing_else() -> None:
    ended = run("draw", a_flow_file(FLOW))

    assert ended.code == ExitCode.OK
    assert ended.out.startswith("<svg ")
    assert ended.out.endswith("</svg>\n")
    assert ended.err == ""


def test_a_picture_can_go_to_a_file() -> None:
    ended = run("draw", a_flow_file(FLOW), "--output", "pictures/flow.svg")

    assert (ended.code, ended.out) == (ExitCode.OK, "")
    assert ended.err == "pictures/flow.svg: flow.json · 4 nodes · 3 connections\n"
    assert Path("pictures/flow.svg").read_text(encoding="utf-8") == run("draw", "flow.json").out


@pytest.mark.parametrize(
    ("options", "beginning"),
    [
        (["--output", "flow.mmd"], "flowchart"),
        (["--output", "flow.MERMAID"], "flowchart"),
        (["--output", "flow.txt", "--format", "mermaid"], "flowchart"),
        (["--output", "flow.mmd", "--format", "svg"], "<svg"),
        (["--output", "flow"], "<svg"),
    ],
    ids=["mmd", "mermaid", "by option", "option first", "neither"],
)
def test_the_format_comes_from_the_option_or_the_file_name(options: list[str], beginning: str) -> None:
    run("draw", a_flow_file(FLOW), *options)

    assert Path(options[1]).read_text(encoding="utf-8").startswith(beginning)


def test_problems_are_drawn_and_keep_nothing_from_being_drawn() -> None:
    ended = run("draw", a_flow_file(a_flow("trigger>menu", "menu>trigger")))

    assert ended.code == ExitCode.OK
    assert "The flow runs in a circle" in ended.out


def test_the_project_says_what_is_a_problem() -> None:
    file = a_flow_file(FLOW)

    assert "flow.too-many-nodes" not in run("draw", file).out
    assert "The flow has 4 nodes" in run("draw", "--max-nodes", "3", file).out


def test_what_changed_is_drawn() -> None:
    new, old = a_flow_file(a_flow("trigger>queue"), "new.json"), a_flow_file(FLOW, "old.json")

    ended = run("draw", new, "--against", old)

    assert ended.code == ExitCode.OK
    assert "compared with old.json: 4 removed, 1 changed" in ended.out


ARCHY = """\
workflow:
  name: "{{name}}"
  defaultLanguage: en-us
  startUpRef: "/workflow/states/state[first]"
  states:
    - state: {name: First, refId: first, actions: [endWorkflow: {name: Done}]}
"""


def test_archy_files_are_drawn_with_their_values() -> None:
    Path("line.yaml").write_text(ARCHY, encoding="utf-8")
    Path("values.yaml").write_text("name: From a file", encoding="utf-8")

    assert ">Given here<" in run("draw", "line.yaml", "--set", "name=Given here").out
    assert ">From a file<" in run("draw", "line.yaml", "--values", "values.yaml").out
    assert "Placeholder '{{name}}' has no value." in run("draw", "line.yaml").out


def test_archy_files_are_compared_with_the_same_values() -> None:
    Path("line.yaml").write_text(ARCHY, encoding="utf-8")
    Path("old.yaml").write_text(ARCHY.replace("name: Done", "name: Over"), encoding="utf-8")

    ended = run("draw", "line.yaml", "--against", "old.yaml", "--set", "name=Line")

    assert "compared with old.yaml: 1 added, 1 removed, 1 changed" in ended.out
    assert "connection from 'First' leads to 'First/Done', no longer to 'First/Over'" in ended.out


def test_a_file_that_holds_no_flow_cannot_be_drawn() -> None:
    Path("notes.yaml").write_text("just: text", encoding="utf-8")

    ended = run("draw", "notes.yaml", "--output", "notes.svg")

    assert ended.code == ExitCode.PROBLEMS
    assert "file.not-a-flow" in ended.err
    assert ended.err.endswith("error: notes.yaml: there is no flow to draw.\n")
    assert not Path("notes.svg").exists()


def test_nor_can_one_be_compared_with_it() -> None:
    Path("notes.yaml").write_text("just: text", encoding="utf-8")

    ended = run("draw", a_flow_file(FLOW), "--against", "notes.yaml")

    assert ended.code == ExitCode.PROBLEMS
    assert "notes.yaml: there is no flow to draw." in ended.err


def test_a_file_that_is_not_there_is_named() -> None:
    ended = run("draw", "absent.json")

    assert ended == Ended(code=ExitCode.USAGE, out="", err="error: absent.json: there is no such file.\n")


def test_what_nobody_could_look_at_is_not_drawn() -> None:
    ended = run("draw", a_flow_file(a_flow(*[f"n{number}>n{number + 1}" for number in range(5_000)])))

    assert ended.code == ExitCode.USAGE
    assert ended.err == "error: flow.json: 5,001 nodes are too many for a picture, which takes up to 5,000.\n"


def test_mermaid_has_limits_of_its_own() -> None:
    ended = run("draw", "--format", "mermaid", a_flow_file(a_flow(*[f"n{at}>n{at + 1}" for at in range(501)])))

    assert ended.code == ExitCode.OK
    assert ended.err.startswith("warning: Mermaid draws up to 50,000 characters and 500 connections")


def test_a_place_that_cannot_be_written_is_named() -> None:
    ended = run("draw", a_flow_file(FLOW), "--output", "flow.json/picture.svg")

    assert ended.code == ExitCode.USAGE
    assert ended.err.startswith("error: flow.json/picture.svg cannot be written: ")
