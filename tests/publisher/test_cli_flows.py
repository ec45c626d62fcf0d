"""`publisher validate` and `publisher paths`."""

import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from publisher.cli import main
from publisher.cli.surroundings import Surroundings
from publisher.errors import ExitCode
from tests.publisher.flow_makers import Json, a_flow, as_text
from tests.publisher.organization import Ended, Terminal

SAMPLES = Path(__file__).parents[1] / "samples" / "flows"

pytestmark = pytest.mark.usefixtures("project")


def run(*arguments: str, out: io.StringIO | None = None, environ: Mapping[str, str] | None = None) -> Ended:
    """Run the command; what it printed and how it ended."""
    around = Surroundings(environ=environ or {}, out=out or io.StringIO(), err=io.StringIO())
    code = main(arguments, around)
    return Ended(code=code, out=around.out.getvalue(), err=around.err.getvalue())  # type: ignore[attr-defined]


def a_flow_file(flow: Json, name: str = "flow.json") -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_text(flow), encoding="utf-8")
    return name


def a_config(text: str) -> None:
    path = Path("config/publisher.yaml")
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


RIGHT = a_flow("trigger>queue")
ENDLESS = a_flow("trigger>menu", "menu>trigger")
WITH_A_WARNING = a_flow("trigger>queue", alone=["leftover"])
LARGE = a_flow(*[f"n{number}>n{number + 1}" for number in range(60)], "trigger>n0", "n60>queue")


def test_a_flow_without_problems_is_told_so() -> None:
    ended = run("validate", a_flow_file(RIGHT))

    assert ended == Ended(code=ExitCode.OK, out="flow.json: no problems (2 nodes, 1 connection)\n", err="")


def test_problems_are_printed_and_end_in_a_code_of_their_own() -> None:
    ended = run("validate", a_flow_file(ENDLESS))

    assert ended.code == ExitCode.PROBLEMS
    assert "flow.json:26:20: error: flow.cycle\n    The flow runs in a circle: trigger → menu → trigger.\n" in ended.out
    assert ended.out.endswith("flow.json: 2 errors (2 nodes, 2 connections)\n")
    assert ended.err == "error: 1 of 1 file has errors.\n"


def test_warnings_alone_keep_nothing_from_being_published() -> None:
    ended = run("validate", a_flow_file(WITH_A_WARNING))

    assert ended.code == ExitCode.OK
    assert "warning: flow.unreachable" in ended.out


def test_every_file_gets_its_turn() -> None:
    ended = run("validate", "absent.json", a_flow_file(ENDLESS), a_flow_file(RIGHT, "right.json"))

    assert ended.code == ExitCode.USAGE
    assert "flow.cycle" in ended.out
    assert "right.json: no problems" in ended.out
    assert ended.err == "error: absent.json: there is no such file.\n"


def test_several_files_with_errors_are_counted() -> None:
    ended = run("validate", a_flow_file(ENDLESS), a_flow_file(ENDLESS, "other.json"), a_flow_file(RIGHT, "right.json"))

    assert ended.err == "error: 2 of 3 files have errors.\n"


@pytest.mark.parametrize("option", ["--json", "--format=json"])
def test_programs_get_one_object_for_each_problem(option: str) -> None:
    ended = run("validate", option, a_flow_file(WITH_A_WARNING))

    assert [line["code"] for line in ended.lines()] == ["flow.unreachable"]


def test_github_gets_annotations_and_nothing_else() -> None:
    ended = run("validate", "--format", "github", a_flow_file(WITH_A_WARNING), a_flow_file(RIGHT, "right.json"))

    assert ended.out.splitlines() == [
        "::warning file=flow.json,line=17,col=10,title=flow.unreachable::"
        "No path reaches node 'leftover'. Connect it, or remove it."
    ]


def test_the_maximum_of_nodes_can_be_given() -> None:
    file = a_flow_file(LARGE)

    assert "flow.too-many-nodes" in run("validate", file).out
    assert run("validate", "--max-nodes", "63", file).code == ExitCode.OK


def test_the_config_says_what_is_allowed_and_which_files_there_are() -> None:
    a_config("max_nodes: 63\nknown_types: [survey]\nflows: [{files: flows/*.json}]")
    a_flow_file(LARGE, "flows/large.json")
    a_flow_file(a_flow("trigger>a", "a>queue", types={"a": "survey"}), "flows/survey.json")

    ended = run("validate")

    assert ended.out.splitlines() == [
        "flows/large.json: no problems (63 nodes, 62 connections)",
        "flows/survey.json: no problems (3 nodes, 2 connections)",
    ]


def test_without_any_file_it_says_how_to_name_one() -> None:
    ended = run("validate")

    assert ended.code == ExitCode.USAGE
    assert "Name a flow file" in ended.err


def test_a_terminal_gets_colours() -> None:
    assert "\033[1;31merror:" in run("validate", a_flow_file(ENDLESS), out=Terminal()).out


@pytest.mark.parametrize(
    ("out", "environ"), [(Terminal(), {"NO_COLOR": "1"}), (io.StringIO(), {})], ids=["NO_COLOR", "no terminal"]
)
def test_nobody_else_gets_colours(out: io.StringIO, environ: Mapping[str, str]) -> None:
    assert "\033" not in run("validate", a_flow_file(ENDLESS), out=out, environ=environ).out


def test_a_file_that_is_no_flow_has_no_size() -> None:
    Path("notes.yaml").write_text("just: text", encoding="utf-8")

    assert run("validate", "notes.yaml").out.splitlines()[-1] == "notes.yaml: 1 error"


def test_paths_proves_that_every_path_ends() -> None:
    ended = run("paths", a_flow_file(a_flow("trigger>menu", "menu>queue:1", "menu>hangup:2")))

    assert ended.code == ExitCode.OK
    assert ended.out.splitlines() == [
        "flow.json: every path ends the call.",
        "    paths     2",
        "    shortest  3 nodes: trigger → menu → queue",
        "    longest   3 nodes: trigger → menu → queue",
    ]


def test_paths_shows_where_one_does_not_end() -> None:
    ended = run("paths", str(SAMPLES / "faulty.yaml"))

    assert ended.code == ExitCode.PROBLEMS
    assert "    dead end  trigger → menu → dead_air\n" in ended.out
    assert "    loop      trigger → menu → say_hours → ask_again → menu\n" in ended.out
    assert ended.err.endswith("not every path ends the call.\n")


def test_paths_can_be_read_by_programs() -> None:
    ended = run("paths", "--json", a_flow_file(RIGHT))

    assert json.loads(ended.out) == {
        "file": "flow.json",
        "ends": True,
        "paths": "1",
        "shortest": ["trigger", "queue"],
        "longest": ["trigger", "queue"],
        "fault_count": 0,
        "faults": [],
    }


def test_paths_does_not_hide_other_errors() -> None:
    ended = run("paths", a_flow_file(a_flow("trigger>queue:1", "trigger>hangup:1")))

    assert ended.code == ExitCode.PROBLEMS
    assert ended.err == "error: flow.json has 1 error: `publisher validate flow.json` shows them.\n"


def test_paths_needs_a_flow() -> None:
    Path("notes.yaml").write_text("just: text", encoding="utf-8")

    ended = run("paths", "notes.yaml")

    assert ended.code == ExitCode.PROBLEMS
    assert "file.not-a-flow" in ended.err
    assert "Hint: An Archy file has one root key, such as inboundCall." in ended.err
    assert ended.out == ""
