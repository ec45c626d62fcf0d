"""`--env`, the right organization, and protected environments, against the sandbox."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from publisher.cli.project import choose, read_project
from publisher.errors import ExitCode, UsageError
from publisher.sandbox import FLOW_ID
from publisher.sandbox.settings import ORGANIZATION_ID, SandboxSettings, SeedFlow
from tests.publisher.organization import API_URL, CLIENT_SECRET, WEBHOOK, Organization, a_flow_file

OTHER = "3f0c6f0e-52d4-4b0e-9a53-1d6f2c8b4e90"
VARIABLES: Mapping[str, str] = {"DEV_ID": "client-1", "DEV_SECRET": CLIENT_SECRET}
DEV = f"  dev: {{api_url: {API_URL!r}, client_id: DEV_ID, client_secret: DEV_SECRET}}\n"
PROD = f"  prod: {{api_url: {API_URL!r}, protected: true}}\n"
UAT = '  uat: {same_org_as: dev, name_prefix: "UAT "}\n'
BOTH: Mapping[str, str] = {**VARIABLES, "GENESYS_CLIENT_ID": "client-1", "GENESYS_CLIENT_SECRET": CLIENT_SECRET}


def environments(*entries: str) -> None:
    Path("config").mkdir(exist_ok=True)
    Path("config/environments.yaml").write_text("environments:\n" + "".join(entries))


def test_the_only_environment_is_taken(file: Path, organization: Organization) -> None:
    environments(DEV)

    ended = organization.run("publish", file, environ=VARIABLES)

    assert ended.code == ExitCode.OK


def test_with_several_one_has_to_be_named(file: Path, organization: Organization) -> None:
    environments(DEV, PROD)

    ended = organization.run("publish", file, environ=BOTH)

    assert ended.code == ExitCode.USAGE
    assert ended.err == (
        "error: There are several environments (dev, prod), and none is chosen: say which one with --env NAME.\n"
    )
    assert organization.calls() == []


@pytest.mark.parametrize("command", [["publish", "main.json"], ["webhook", "ensure"]], ids=["publish", "webhook"])
def test_the_named_one_is_taken(command: list[str], file: Path, organization: Organization) -> None:
    environments(DEV, PROD)

    assert organization.run(*command, "--env", "dev", environ={**VARIABLES, **WEBHOOK}).code == ExitCode.OK


def test_the_receiver_is_told_the_environment(file: Path, organization: Organization) -> None:
    environments(DEV)

    organization.run("publish", file, "--announce", environ={**VARIABLES, **WEBHOOK})

    assert organization.told[0]["provenance"]["environment"] == "dev"


def test_credentials_are_asked_for_by_their_names_in_the_file(file: Path, organization: Organization) -> None:
    environments(DEV)

    ended = organization.run("publish", file, environ={"DEV_ID": "client-1"})

    assert ended.code == ExitCode.USAGE
    assert "DEV_SECRET is not set." in ended.err


def test_credentials_of_another_organization_send_nothing(file: Path, organization: Organization) -> None:
    environments(DEV.replace("{", f"{{organization: {OTHER}, "))

    ended = organization.run("publish", file, environ=VARIABLES)

    assert ended.code == ExitCode.NOT_ALLOWED
    assert f"belong to organization {ORGANIZATION_ID}" in ended.err
    assert ("authenticate", "failed", "wrong-organization") in ended.statuses()
    assert organization.calls() == ["POST /api/v2/oauth/token 200", "GET /api/v2/organizations/me 200"]


@pytest.mark.parametrize("command", ["ensure", "list", "delete"])
def test_nor_do_they_see_to_webhooks(command: str, project: Path, organization: Organization) -> None:
    environments(DEV.replace("{", f"{{organization: {OTHER}, "))

    ended = organization.run("webhook", command, environ={**VARIABLES, **WEBHOOK})

    assert ended.code == ExitCode.NOT_ALLOWED
    assert organization.calls()[1:] == ["GET /api/v2/organizations/me 200"]


def test_credentials_of_the_right_organization_are_used(file: Path, organization: Organization) -> None:
    environments(DEV.replace("{", f"{{organization: {ORGANIZATION_ID}, "))

    assert organization.run("publish", file, environ=VARIABLES).code == ExitCode.OK


def test_a_protected_environment_wants_yes_where_nobody_can_be_asked(file: Path, organization: Organization) -> None:
    environments(PROD)

    ended = organization.run("publish", file, environ=BOTH)

    assert ended.code == ExitCode.USAGE
    assert "'prod' is protected, and nobody is there to be asked. Give --yes to publish 1 file." in ended.err
    assert organization.calls() == []


def test_with_yes_nobody_is_asked(file: Path, organization: Organization) -> None:
    environments(PROD)

    assert organization.run("publish", file, "--yes", environ=BOTH).code == ExitCode.OK


def test_on_a_terminal_typing_its_name_agrees(file: Path, organization: Organization) -> None:
    environments(PROD)

    ended = organization.run("publish", file, environ=BOTH, is_terminal=True, answers=["prod"])

    assert ended.code == ExitCode.OK
    assert "prod is protected. To publish 1 file, type its name: " in ended.err


@pytest.mark.parametrize("answers", [["yes"], [""], []], ids=["something else", "nothing", "Ctrl-D"])
def test_on_a_terminal_anything_else_declines(answers: list[str], file: Path, organization: Organization) -> None:
    environments(PROD)

    ended = organization.run("publish", file, environ=BOTH, is_terminal=True, answers=answers)

    assert ended.code == ExitCode.FAILED
    assert organization.calls() == []


def test_what_changes_nothing_asks_nobody(file: Path, organization: Organization) -> None:
    environments(PROD)

    assert organization.run("publish", file, "--dry-run", environ=BOTH).code == ExitCode.OK
    assert organization.run("webhook", "list", environ=BOTH).code == ExitCode.OK


@pytest.mark.parametrize("command", ["ensure", "delete"])
def test_changes_of_the_webhook_of_a_protected_environment_want_yes(
    command: str, project: Path, organization: Organization
) -> None:
    environments(PROD)

    assert organization.run("webhook", command, environ={**BOTH, **WEBHOOK}).code == ExitCode.USAGE


def test_flows_are_found_under_the_prefix_of_the_environment(project: Path) -> None:
    environments(DEV, UAT)
    organization = Organization(settings=SandboxSettings(flows=(SeedFlow(id="uat-1", name="UAT Main"),)))

    ended = organization.run("publish", a_flow_file(project, name="Main"), "--env", "uat", environ=VARIABLES)

    assert ended.results()[0]["flow_id"] == "uat-1"


def test_a_file_has_the_id_and_the_values_of_the_environment(project: Path) -> None:
    environments(DEV, UAT)
    a_flow_file(project)
    Path("publisher.yaml").write_text(
        f"flows: [{{file: main.json, id: {{dev: {FLOW_ID}}}, values: [all.yaml, '{{environment}}.yaml']}}]\n"
    )
    project_in = {env: read_project(VARIABLES, config_file=Path("publisher.yaml"), env=env) for env in ("dev", "uat")}

    [in_dev], [in_uat] = (choose(project_in[env], []) for env in ("dev", "uat"))

    assert (in_dev.flow_id, in_dev.values) == (FLOW_ID, (Path("all.yaml"), Path("dev.yaml")))
    assert (in_uat.flow_id, in_uat.values) == (None, (Path("all.yaml"), Path("uat.yaml")))


def test_a_config_that_names_an_unknown_environment_is_refused(project: Path) -> None:
    environments(DEV)
    Path("publisher.yaml").write_text("flows: [{file: main.json, id: {prod: a}}]\n")

    with pytest.raises(UsageError, match="there is no environment 'prod'"):
        read_project(VARIABLES, config_file=Path("publisher.yaml"))


def test_faults_of_the_file_are_told_with_places(file: Path, organization: Organization) -> None:
    environments("  dev: {region: nowhere}\n")

    ended = organization.run("publish", file)

    assert ended.code == ExitCode.USAGE
    assert "config/environments.yaml:2:17: 'nowhere' is no Genesys Cloud region." in ended.err


def test_code_for_eventbridge_needs_no_environment(project: Path, organization: Organization) -> None:
    environments(DEV, PROD)

    assert organization.run("eventbridge", "terraform").code == ExitCode.OK
