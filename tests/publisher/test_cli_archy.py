"""`publisher validate` and `publisher paths` of Archy files, and where their values come from."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from publisher.errors import ExitCode
from tests.publisher.archy.flows import SAMPLES
from tests.publisher.flow_makers import a_flow
from tests.publisher.test_cli_flows import a_config, a_flow_file, run

pytestmark = pytest.mark.usefixtures("project")

LINE = """\
workflow:
  name: "{{name}}"
  defaultLanguage: en-us
  startUpRef: "/workflow/states/state[first]"
  states:
    - state: {name: First, refId: first, actions: [endWorkflow: {name: Done}]}
"""
OK = "line.yaml: no problems (3 nodes, 2 connections)\n"


def a_line(text: str = LINE, name: str = "line.yaml") -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")
    return name


def the_service_line() -> str:
    shutil.copytree(SAMPLES, "flows")
    return "flows/service-line.yaml"


def test_both_kinds_of_file_are_checked_by_one_command() -> None:
    ended = run("validate", "--set", "name=Main", a_line(), a_flow_file(a_flow("trigger>queue")))

    assert ended.code == ExitCode.OK
    assert ended.out == OK + "flow.json: no problems (2 nodes, 1 connection)\n"


def test_a_placeholder_without_a_value_is_an_error_with_its_place() -> None:
    ended = run("validate", a_line())

    assert ended.code == ExitCode.PROBLEMS
    assert "line.yaml:2:10: error: archy.no-value\n    Placeholder '{{name}}' has no value.\n" in ended.out


@pytest.mark.parametrize(
    "options",
    [
        ("--set", "name=Main"),
        ("--values", "one.yaml"),
        ("--values", "two.yaml", "--values", "one.yaml"),
        ("--values", "two.yaml", "--set", "name=Main"),
        ("--set", "name=Other", "--set", "name=Main"),
    ],
    ids=" ".join,
)
def test_the_nearest_value_counts(options: tuple[str, ...]) -> None:
    a_line("name: Main", "one.yaml")
    a_line("name: Other/Way", "two.yaml")
    a_config("flows: [{files: '*.yaml', values: [two.yaml]}]")

    ended = run("validate", *options, a_line())

    assert (ended.code, ended.out) == (ExitCode.OK, OK)


def test_the_config_has_values_for_its_files() -> None:
    a_config("flows: [{file: line.yaml, values: [one.yaml, two.yaml]}]")
    a_line("name: Other/Way", "one.yaml")
    a_line("name: Main", "two.yaml")
    a_line()

    assert run("validate").out == OK
    assert run("paths", "line.yaml").code == ExitCode.OK


@pytest.mark.parametrize(
    ("environments", "options", "code"),
    [
        (["dev"], (), ExitCode.OK),
        (["dev", "prod"], ("--env", "dev"), ExitCode.OK),
        (["dev", "prod"], (), ExitCode.USAGE),
        (["dev", "prod"], ("--env", "test"), ExitCode.USAGE),
    ],
    ids=["the only one", "the named one", "none named", "unknown"],
)
def test_values_may_differ_by_environment(
    environments: Sequence[str], options: tuple[str, ...], code: ExitCode
) -> None:
    places = [f"  {name}: {{region: eu-central-1, client_id: ID, client_secret: SECRET}}" for name in environments]
    a_line("\n".join(["environments:", *places]), "config/environments.yaml")
    a_config("flows: [{file: line.yaml, values: ['values/{environment}.yaml']}]")
    a_line("name: Main", "values/dev.yaml")
    a_line()

    assert run("validate", *options).code == code


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--set", "name"), "error: --set 'name' sets nothing; give it as NAME=VALUE.\n"),
        (("--values", "gone.yaml"), "error: gone.yaml: there is no such file.\n"),
    ],
    ids=["no value", "no file"],
)
def test_wrong_values_are_a_wrong_use(options: tuple[str, ...], message: str) -> None:
    ended = run("validate", *options, a_line())

    assert (ended.code, ended.err) == (ExitCode.USAGE, message)


def test_a_flow_of_several_files_is_checked_whole() -> None:
    ended = run("validate", "--values", "flows/values.yaml", the_service_line())

    assert ended.out == "flows/service-line.yaml: no problems (26 nodes, 29 connections)\n"


def test_the_config_can_make_actions_known() -> None:
    a_config("known_types: [sendPigeon]")

    ended = run(
        "validate",
        "--set",
        "name=Main",
        a_line(LINE.replace("endWorkflow: {name: Done}", "sendPigeon: {}, endWorkflow: {}")),
    )

    assert ended.out == "line.yaml: no problems (4 nodes, 3 connections)\n"


def test_paths_says_of_legal_loops_that_they_are_there() -> None:
    ended = run("paths", "--values", "flows/values.yaml", the_service_line())

    assert ended.code == ExitCode.OK
    assert ended.out.startswith("flows/service-line.yaml: every path can end the call.\n    paths     endlessly many\n")
    assert "Main Menu/Opening Hours/Back → Main Menu (legal)" in " ".join(ended.out.split())
    assert ended.err == ""


def test_paths_tells_programs_of_legal_loops() -> None:
    ended = run("paths", "--json", "--values", "flows/values.yaml", the_service_line())

    view = json.loads(ended.out)
    assert (view["ends"], view["paths"], view["fault_count"], view["loop_count"]) == (True, None, 0, 1)
    assert view["loops"][0][-1] == "Main Menu"


def test_paths_without_loops_are_counted() -> None:
    ended = run("paths", "--json", "--set", "name=Main", a_line())

    assert json.loads(ended.out) == {
        "file": "line.yaml",
        "ends": True,
        "paths": "1",
        "shortest": ["start", "First", "First/Done"],
        "longest": ["start", "First", "First/Done"],
        "fault_count": 0,
        "faults": [],
    }


def test_paths_needs_a_flow_that_could_be_read() -> None:
    ended = run("paths", a_line("workflow: ["))

    assert ended.code == ExitCode.PROBLEMS
    assert "file.syntax" in ended.err
