"""`publisher validate` for CI systems: documents on stdout, and reports beside it."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from publisher.errors import ExitCode
from tests.publisher.flow_makers import a_flow, as_text
from tests.publisher.organization import Ended, Organization

ENDLESS = as_text(a_flow("trigger>menu", "menu>trigger"))
RIGHT = as_text(a_flow("trigger>queue"))


@pytest.fixture
def flows(project: Path) -> Path:
    """A folder with a right flow and an endless one."""
    folder = project / "flows"
    folder.mkdir()
    (folder / "right.json").write_text(RIGHT)
    (folder / "endless.json").write_text(ENDLESS)
    return folder


def validate(*arguments: object, environ: dict[str, str] | None = None) -> Ended:
    return Organization().run("validate", *arguments, environ=environ or {})


def paths_in(sarif: str) -> list[str]:
    run: dict[str, Any] = json.loads(sarif)["runs"][0]
    return [artifact["location"]["uri"] for artifact in run["artifacts"]]


@pytest.mark.usefixtures("flows")
def test_a_document_holds_all_files_and_nothing_else_is_on_stdout() -> None:
    ended = validate("--format", "gitlab", "flows/right.json", "flows/endless.json")

    assert ended.code == ExitCode.PROBLEMS
    assert {issue["location"]["path"] for issue in json.loads(ended.out)} == {"flows/endless.json"}


@pytest.mark.usefixtures("flows")
def test_a_document_is_whole_even_where_a_file_is_missing() -> None:
    ended = validate("--format", "junit", "flows/gone.json", "flows/right.json")

    assert ended.code == ExitCode.USAGE
    assert Xml.fromstring(ended.out).get("errors") == "1"  # noqa: S314 - our own
    assert "there is no such file" in ended.err


@pytest.mark.usefixtures("flows")
def test_people_read_one_thing_and_each_ci_system_another() -> None:
    reports = [
        "--report",
        "sarif=out/problems.sarif",
        "--report",
        "junit=out/junit.xml",
        "--report=gitlab=quality.json",
    ]

    ended = validate(*reports, "flows/endless.json")

    assert ended.code == ExitCode.PROBLEMS
    assert ended.out.endswith("flows/endless.json: 2 errors (2 nodes, 2 connections)\n")
    assert paths_in(Path("out/problems.sarif").read_text()) == ["flows/endless.json"]
    assert Xml.parse("out/junit.xml").getroot().get("failures") == "1"  # noqa: S314 - our own
    assert len(json.loads(Path("quality.json").read_text())) == 2


@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_ci_systems_get_paths_from_the_root_of_the_checkout_on(
    variable: str, flows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(flows)

    ended = validate("--format", "sarif", "./right.json", environ={variable: str(flows.parent)})

    assert paths_in(ended.out) == ["flows/right.json"]


def test_an_annotation_finds_its_file_from_a_folder_too(flows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(flows)

    ended = validate("--format", "github", "endless.json", environ={"GITHUB_WORKSPACE": str(flows.parent)})

    assert ended.out.startswith("::error file=flows/endless.json,line=")


def test_a_file_outside_the_checkout_keeps_its_whole_path(flows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = flows.parent / "checkout"
    checkout.mkdir()
    monkeypatch.chdir(checkout)

    ended = validate("--format", "sarif", "../flows/right.json", environ={"CI_PROJECT_DIR": str(checkout)})

    assert paths_in(ended.out) == [(flows / "right.json").as_uri()]


def test_a_checkout_that_the_command_does_not_run_in_does_not_count(flows: Path) -> None:
    ended = validate("--format", "sarif", "flows/right.json", environ={"CI_PROJECT_DIR": str(flows)})

    assert paths_in(ended.out) == ["flows/right.json"]


@pytest.mark.usefixtures("flows")
def test_people_see_the_path_that_they_gave() -> None:
    ended = validate("./flows/../flows/right.json", environ={"GITHUB_WORKSPACE": "/"})

    assert ended.out.startswith("flows/../flows/right.json: no problems")


@pytest.mark.usefixtures("flows")
def test_a_report_is_replaced_in_one_go_and_leaves_nothing_beside_it() -> None:
    Path("out").mkdir()
    Path("out/all.json").write_text("old")

    validate("--report", "json=out/all.json", "flows/endless.json")

    assert [path.name for path in Path("out").iterdir()] == ["all.json"]
    assert Path("out/all.json").read_text().count("\n") == 2


@pytest.mark.usefixtures("flows")
def test_a_report_may_go_to_a_device() -> None:
    assert validate("--report", "json=/dev/null", "flows/right.json").code == ExitCode.OK


@pytest.mark.parametrize("text", ["sarif", "sarif=", "=out", "pdf=out"])
@pytest.mark.usefixtures("flows")
def test_a_report_that_makes_no_sense_is_refused(text: str) -> None:
    ended = validate("--report", text, "flows/right.json")

    assert ended.code == ExitCode.USAGE
    assert ended.err == (
        f"error: --report is {text!r}; give FORMAT=PATH, such as sarif=problems.sarif."
        " Formats: text, json, github, sarif, gitlab, junit.\n"
    )


@pytest.mark.usefixtures("flows")
def test_a_report_that_cannot_be_written_is_told() -> None:
    ended = validate("--report", "junit=flows/right.json/junit.xml", "flows/right.json")

    assert ended.code == ExitCode.USAGE
    assert ended.err.startswith("error: --report junit=flows/right.json/junit.xml: cannot be written: ")
