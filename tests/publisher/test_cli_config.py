"""`publisher config check` and `publisher config schema`."""

from pathlib import Path

import pytest

from publisher.errors import ExitCode
from publisher.schemas import SCHEMAS, schema_text
from tests.publisher.organization import Organization, a_flow_file

ENVIRONMENTS = "environments:\n  dev: {region: us-east-1}\n  prod: {region: us-east-1}\n"
CONFIG = "flows:\n  - {files: '*.json', values: ['{environment}.yaml']}\n"

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def folder(project: Path) -> Path:
    """The folder of the config files."""
    (project / "config").mkdir()
    return project / "config"


def test_without_any_file_all_is_fine(organization: Organization) -> None:
    ended = organization.run("config", "check", is_terminal=True)

    assert ended.code == ExitCode.OK
    assert ended.out.splitlines() == [
        "config/environments.yaml does not exist, which is fine",
        "config/publisher.yaml does not exist, which is fine",
    ]


def test_what_is_fine_is_summed_up(folder: Path, organization: Organization) -> None:
    (folder / "environments.yaml").write_text(ENVIRONMENTS)
    (folder / "publisher.yaml").write_text(CONFIG.replace(", values: ['{environment}.yaml']", ""))
    a_flow_file(folder.parent)

    ended = organization.run("config", "check")

    assert ended.code == ExitCode.OK
    assert ended.err == ""
    assert ended.lines() == [
        {"result": "fine", "file": "config/environments.yaml", "warnings": []},
        {"result": "fine", "file": "config/publisher.yaml", "warnings": []},
    ]


def test_people_read_how_much_there_is(folder: Path, organization: Organization) -> None:
    (folder / "environments.yaml").write_text(ENVIRONMENTS)
    (folder / "publisher.yaml").write_text("flows: [{files: '*.json'}]")
    a_flow_file(folder.parent)

    assert organization.run("config", "check", is_terminal=True).out.splitlines() == [
        "config/environments.yaml is fine: 2 environments (dev, prod)",
        "config/publisher.yaml is fine: 1 flow file",
    ]


def test_what_is_not_there_or_not_set_is_a_warning(folder: Path, organization: Organization) -> None:
    (folder / "environments.yaml").write_text("environments: {dev: {region: us-east-1, client_secret: DEV_SECRET}}")
    (folder / "publisher.yaml").write_text(CONFIG)

    ended = organization.run("config", "check")

    assert ended.code == ExitCode.OK
    assert ended.err.splitlines() == [
        "warning: config/environments.yaml: environment 'dev': DEV_SECRET is not set. Set it, or DEV_SECRET_FILE to"
        " the path of a file that holds it.",
        "warning: config/publisher.yaml: there is no flow file *.json",
        "warning: config/publisher.yaml: there is no file of values dev.yaml, for *.json",
    ]


def test_files_of_values_that_are_there_are_no_warning(folder: Path, organization: Organization) -> None:
    (folder / "environments.yaml").write_text(ENVIRONMENTS)
    (folder / "publisher.yaml").write_text(CONFIG)
    a_flow_file(folder.parent)
    Path("dev.yaml").touch()

    warnings = organization.run("config", "check").lines()[1]["warnings"]

    assert warnings == ["there is no file of values prod.yaml, for *.json"]


def test_faults_of_both_files_are_told_at_once(folder: Path, organization: Organization) -> None:
    (folder / "environments.yaml").write_text("environments: {dev: {region: nowhere}}")
    (folder / "publisher.yaml").write_text("max_nodes: 0\n")

    ended = organization.run("config", "check")

    assert ended.code == ExitCode.USAGE
    assert "config/environments.yaml:1:30: 'nowhere' is no Genesys Cloud region." in ended.err
    assert "config/publisher.yaml:1:12: max_nodes is 0" in ended.err


def test_ids_for_environments_that_do_not_exist_are_faults(folder: Path, organization: Organization) -> None:
    (folder / "environments.yaml").write_text(ENVIRONMENTS)
    (folder / "publisher.yaml").write_text("flows: [{file: main.json, id: {uat: a}}]")

    assert "there is no environment 'uat'" in organization.run("config", "check").err


def test_another_config_can_be_checked(organization: Organization) -> None:
    Path("other.yaml").write_text("max_node: 1")

    ended = organization.run("config", "check", "--config", "other.yaml")

    assert ended.code == ExitCode.USAGE
    assert "other.yaml:1:1: there is no key 'max_node' here. Did you mean 'max_nodes'?" in ended.err


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_printed(name: str, organization: Organization) -> None:
    assert organization.run("config", "schema", name).out == schema_text(name)


def test_the_schema_is_written_where_it_is_wanted(organization: Organization) -> None:
    organization.run("config", "schema", "publisher", "config/publisher.schema.json")

    assert Path("config/publisher.schema.json").read_text() == schema_text("publisher")


def test_a_place_where_the_schema_cannot_be_written_is_told(organization: Organization) -> None:
    Path("file").touch()

    ended = organization.run("config", "schema", "publisher", "file/publisher.schema.json")

    assert ended.code == ExitCode.USAGE
    assert "cannot be written" in ended.err
