"""`publisher publish` against the sandbox, without a socket."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from publisher.errors import ExitCode
from publisher.sandbox import FLOW_ID, SandboxSettings, SeedFlow
from tests.publisher.organization import (
    BOTH,
    CREDENTIALS,
    Organization,
    a_flow_file,
)

pytestmark = pytest.mark.usefixtures("project")
CHANGING = ("POST /api/v2/flows", "POST /api/v2/platform", "PUT", "DELETE")


def changes(organization: Organization) -> list[str]:
    """The calls that changed, or were to change, something."""
    return [call for call in organization.calls() if call.startswith(CHANGING)]


def test_a_file_becomes_a_version_that_is_live(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file)

    assert ended.code == ExitCode.OK
    assert organization.sandbox.org.flow(FLOW_ID).published_id == "2.0"
    assert ended.results() == [
        {
            "result": "published",
            "file": "main.json",
            "flow_id": FLOW_ID,
            "flow_name": "Automated IVR Flow v2",
            "version_id": "2.0",
            "version_number": 2,
            "announced": None,
            "latency_ms": 4500,
            "governance_id": "GOV-id-1",
        }
    ]


def test_the_steps_come_in_their_order(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file, "--announce", environ=BOTH)

    assert [action for action, _, _ in ended.statuses()] == [
        "validation",
        "path_simulation",
        "authenticate",
        "create_version",
        "poll_validation",
        "register_webhook",
        "announce",
        "publish",
        "verify",
        "announce",
    ]


def test_it_says_in_the_end_how_many_succeeded_and_how_long_it_took(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file)

    assert ended.err.splitlines()[-2:] == [
        "Version 2 (id 2.0) of flow 'Automated IVR Flow v2' is live.",
        "1 succeeded, 0 failed, in 4.5 s (GOV-id-1).",
    ]


def test_with_no_publish_it_ends_after_the_validation(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file, "--no-publish")

    assert ended.code == ExitCode.OK
    assert ended.results()[0]["result"] == "validated"
    assert "passed validation; it is not live." in ended.err
    assert organization.sandbox.org.flow(FLOW_ID).published_id == "1.0"


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [(["--flow-id", FLOW_ID], CREDENTIALS), ([], {**CREDENTIALS, "GENESYS_FLOW_ID": FLOW_ID})],
    ids=["option", "variable"],
)
def test_the_flow_can_be_given_by_its_id(
    arguments: list[str], environ: Mapping[str, str], organization: Organization, project: Path
) -> None:
    a_flow_file(project, name="Called otherwise")

    ended = organization.run("publish", "main.json", *arguments, environ=environ)

    assert ended.results()[0]["flow_id"] == FLOW_ID


def test_the_config_can_name_files_and_their_flows(organization: Organization, project: Path) -> None:
    a_flow_file(project, name="Called otherwise")
    Path("config").mkdir()
    Path("config/publisher.yaml").write_text(f"flows:\n  - {{file: main.json, id: {FLOW_ID}}}\n")

    ended = organization.run("publish")

    assert ended.results()[0]["flow_id"] == FLOW_ID


def test_a_name_that_no_flow_has_is_told(organization: Organization, project: Path) -> None:
    a_flow_file(project, name="Unheard of")

    ended = organization.run("publish", "main.json")

    assert ended.code == ExitCode.NOT_FOUND
    assert "there is no flow named 'Unheard of'. Create it in Architect first" in ended.err
    assert ended.statuses()[-1] == ("create_version", "failed", "flow.not-found")


def test_a_name_that_several_flows_have_is_told_with_their_ids(project: Path) -> None:
    twins = tuple(SeedFlow(id=f"twin-{kind}", name="Twin", type=kind) for kind in ("INBOUNDCALL", "INBOUNDCHAT"))
    organization = Organization(settings=SandboxSettings(flows=twins))
    a_flow_file(project, name="Twin")

    ended = organization.run("publish", "main.json")

    assert ended.code == ExitCode.USAGE
    assert "2 flows are named 'Twin': twin-INBOUNDCALL (INBOUNDCALL), twin-INBOUNDCHAT (INBOUNDCHAT)" in ended.err


@pytest.mark.parametrize(
    ("arguments", "environ", "name"),
    [
        (["--flow-id", FLOW_ID], CREDENTIALS, "--flow-id"),
        ([], {**CREDENTIALS, "GENESYS_FLOW_ID": FLOW_ID}, "GENESYS_FLOW_ID"),
    ],
    ids=["option", "variable"],
)
def test_one_id_does_not_do_for_several_files(
    arguments: list[str], environ: Mapping[str, str], name: str, organization: Organization, project: Path
) -> None:
    a_flow_file(project)
    a_flow_file(project, file="hours.json")

    ended = organization.run("publish", "main.json", "hours.json", *arguments, environ=environ)

    assert ended.code == ExitCode.USAGE
    assert f"{name} names one flow, but there are 2 files" in ended.err


def test_missing_credentials_end_it_before_any_request(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file, environ={"GENESYS_API_URL": CREDENTIALS["GENESYS_API_URL"]})

    assert ended.code == ExitCode.USAGE
    assert "GENESYS_CLIENT_ID is not set" in ended.err
    assert organization.calls() == []


def test_an_unknown_region_is_told_with_the_nearest(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file, environ={"GENESYS_REGION": "eu-centrl-1"})

    assert ended.code == ExitCode.USAGE
    assert "GENESYS_REGION: 'eu-centrl-1' is no Genesys Cloud region. Did you mean" in ended.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--timeout", "0"], "--timeout"),
        (["--max-nodes", "none"], "--max-nodes"),
        (["--governance-id", "a\nb"], "--governance-id"),
        (["--config", "absent.yaml"], "absent.yaml: cannot be read"),
        (["--config", "/dev/zero"], "/dev/zero: cannot be read: it has more than 4 MiB, the most that is read"),
        (["--audit-file", "no/such/folder/a.jsonl"], "--audit-file"),
        (["--require-webhook"], "--require-webhook needs CI_WEBHOOK_URL and CI_WEBHOOK_SECRET"),
        (["--announce"], "--announce needs CI_WEBHOOK_URL and CI_WEBHOOK_SECRET"),
    ],
)
def test_wrong_use_is_told_in_a_line(arguments: list[str], words: str, organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file, *arguments)

    assert ended.code == ExitCode.USAGE
    assert words in ended.err
    assert organization.calls() == []


def test_the_maximum_of_nodes_comes_from_the_option_then_the_config(organization: Organization, file: Path) -> None:
    Path("config").mkdir()
    Path("config/publisher.yaml").write_text("max_nodes: 2\n")

    assert organization.run("publish", file).code == ExitCode.PROBLEMS
    assert organization.run("publish", file, "--max-nodes", "3").code == ExitCode.OK


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", "--dry-run", file, environ=BOTH)

    assert ended.code == ExitCode.OK
    assert ended.results()[0]["would"] == [
        f"create a version of flow 'Automated IVR Flow v2' (id {FLOW_ID}, live now: version 1.0)",
        "register the webhook 'CI/CD Flow Deployment Sync'",
        "publish it, and check that it is live",
    ]
    assert changes(organization) == []


def test_a_dry_run_on_a_terminal_is_for_people(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", "--dry-run", "--no-publish", file, is_terminal=True)

    assert ended.out.splitlines()[-1].startswith("would create a version of flow 'Automated IVR Flow v2'")


def test_a_validation_that_is_done_at_once_is_not_waited_for(file: Path) -> None:
    organization = Organization(settings=SandboxSettings(validation_polls=0))

    organization.run("publish", file)

    assert organization.time.slept_s == [0.0]


def test_a_file_that_the_config_names_has_to_be_there(organization: Organization) -> None:
    Path("flows.yaml").write_text("flows: [{file: absent.json}]\n")

    ended = organization.run("publish", "--config", "flows.yaml")

    assert ended.code == ExitCode.USAGE
    assert "absent.json: there is no such file." in ended.err


def test_a_glob_takes_the_files_in_order_each_once(organization: Organization, project: Path) -> None:
    a_flow_file(project, file="b.json", name="Opening Hours")
    a_flow_file(project, file="a.json")
    Path("flows.yaml").write_text(f"flows: [{{files: '*.json'}}, {{file: a.json}}, {{file: {project}/b.json}}]\n")

    ended = organization.run("publish", "--config", "flows.yaml", "--no-publish")

    assert [result["file"] for result in ended.results()] == ["a.json", "b.json"]
