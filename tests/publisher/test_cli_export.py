"""`publisher export`."""

import json
from pathlib import Path

import pytest

from publisher.cli.exporting import stems
from publisher.errors import ExitCode
from publisher.genesys.model import Flow
from publisher.sandbox import FLOW_ID, FLOW_NAME
from publisher.sandbox.records import ALEX, Actor
from tests.publisher.archy.flows import a_text
from tests.publisher.organization import Organization

pytestmark = pytest.mark.usefixtures("project")

HOURS = "Opening Hours"
ARCHY = a_text()


def publish_archy(organization: Organization, text: str, *, name: str = HOURS) -> None:
    """Have a version of a flow live that was made from an Archy file."""
    org, by = organization.sandbox.org, Actor.client("ci")
    flow = org.flow_named(name, "INBOUNDCALL")
    assert flow is not None
    version = org.add_version(flow.id, {"name": name}, source=text.encode(), by=by)
    org.put_live(flow.id, version.id, by=by)


def test_what_is_live_goes_to_stdout_as_it_is(organization: Organization) -> None:
    publish_archy(organization, ARCHY)

    ended = organization.run("export", HOURS)

    assert (ended.code, ended.out) == (ExitCode.OK, ARCHY)


def test_the_published_version_is_exported_and_not_the_draft(organization: Organization) -> None:
    publish_archy(organization, ARCHY)
    flow = organization.sandbox.org.flow_named(HOURS, "INBOUNDCALL")
    assert flow is not None
    organization.sandbox.org.add_version(flow.id, {}, source=b"draft", by=ALEX)

    assert organization.run("export", HOURS).out == ARCHY
    assert organization.run("export", HOURS, "--version", "latest").out == "draft"
    assert organization.run("export", HOURS, "--version", "5").out == "draft"


def test_a_version_that_was_made_from_a_graph_file_is_exported_as_one(organization: Organization) -> None:
    ended = organization.run("export", FLOW_NAME, "--output", "flows/main.json")

    assert ended.results() == [
        {
            "result": "exported",
            "file": "flows/main.json",
            "flow_id": FLOW_ID,
            "flow_name": FLOW_NAME,
            "version_id": "1.0",
        }
    ]
    assert [node["id"] for node in json.loads(Path("flows/main.json").read_text())["nodes"]] == ["trigger", "end"]
    assert organization.run("validate", "flows/main.json").code == ExitCode.OK


def test_several_flows_go_to_a_folder(organization: Organization) -> None:
    publish_archy(organization, ARCHY)

    ended = organization.run("export", HOURS, FLOW_NAME, "--output", "flows")

    assert [result["file"] for result in ended.results()] == [
        "flows/opening-hours.yaml",
        "flows/automated-ivr-flow-v2.json",
    ]
    assert Path("flows/opening-hours.yaml").read_text() == ARCHY


def test_no_file_is_written_over_unless_that_is_wanted(organization: Organization) -> None:
    publish_archy(organization, ARCHY)
    Path("hours.yaml").write_text("mine")

    refused = organization.run("export", HOURS, "--output", "hours.yaml")
    asked = organization.calls()

    assert refused.code == ExitCode.USAGE
    assert "hours.yaml: there is a file already. Give --force to write over it." in refused.err
    assert Path("hours.yaml").read_text() == "mine"
    assert not [call for call in asked if "export" in call]
    assert organization.run("export", HOURS, "--output", "hours.yaml", "--force").code == ExitCode.OK
    assert Path("hours.yaml").read_text() == ARCHY


def test_a_file_in_the_folder_is_not_written_over_either(organization: Organization) -> None:
    Path("flows").mkdir()
    Path("flows/opening-hours.json").write_text("mine")

    ended = organization.run("export", HOURS, "--output", "flows")

    assert ended.code == ExitCode.USAGE
    assert "flows/opening-hours.json: there is a file already." in ended.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["Complaints"], ExitCode.NOT_FOUND, "No version of flow 'Complaints' is live. Name one: `publisher versions"),
        ([HOURS, "--version", "9"], ExitCode.NOT_FOUND, "has no version '9'; it has 3.0, 2.0, 1.0."),
        ([HOURS, FLOW_NAME], ExitCode.USAGE, "Several flows do not go to stdout together"),
        ([HOURS, "--output", "/proc/none/x.yaml"], ExitCode.USAGE, "/proc/none/x.yaml cannot be written"),
    ],
    ids=["not live", "no version", "no folder", "no place"],
)
def test_what_cannot_be_exported_is_told(
    organization: Organization, arguments: list[str], code: ExitCode, said: str
) -> None:
    ended = organization.run("export", *arguments)

    assert ended.code == code
    assert said in ended.err


def test_an_export_that_is_no_text_is_refused(organization: Organization) -> None:
    publish_archy(organization, ARCHY)
    flow = organization.sandbox.org.flow_named(HOURS, "INBOUNDCALL")
    assert flow is not None
    organization.sandbox.org.add_version(flow.id, {}, source=b"\xff", by=ALEX)

    ended = organization.run("export", HOURS, "--version", "latest")

    assert ended.code == ExitCode.FAILED
    assert "The export of version 5.0 of flow 'Opening Hours' is not UTF-8 text" in ended.err


def test_files_of_flows_with_like_names_are_told_apart() -> None:
    flows = [
        Flow(id="1", name="A b", type="INBOUNDCALL"),
        Flow(id="2", name="A_b", type="WORKFLOW"),
        Flow(id="3", name="A-b", type="WORKFLOW"),
        Flow(id="4", name="Über", type="WORKFLOW"),
        Flow(id="5"),
    ]

    assert stems(flows) == {
        "1": "a-b-inboundcall",
        "2": "a-b-2",
        "3": "a-b-3",
        "4": "über",
        "5": "5",
    }
