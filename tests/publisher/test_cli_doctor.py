"""`publisher doctor`, against the sandbox."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from publisher.doctor import PERMISSIONS
from publisher.errors import ExitCode
from publisher.genesys.inventory import PROBES
from publisher.sandbox.settings import ORGANIZATION_ID, SandboxSettings
from tests.publisher.organization import (
    API_URL,
    BOTH,
    CLIENT_SECRET,
    CREDENTIALS,
    NO_HOST,
    Ended,
    Organization,
    a_flow_file,
)

CLIENT: Mapping[str, str] = {"GENESYS_CLIENT_ID": "client-1", "GENESYS_CLIENT_SECRET": CLIENT_SECRET}
OTHER = "3f0c6f0e-52d4-4b0e-9a53-1d6f2c8b4e90"

pytestmark = pytest.mark.usefixtures("project")


def environments(*entries: str) -> None:
    Path("config").mkdir(exist_ok=True)
    Path("config/environments.yaml").write_text("environments:\n" + "".join(f"  {entry}\n" for entry in entries))


def dev(organization: str = ORGANIZATION_ID) -> str:
    return f"dev: {{api_url: {API_URL!r}, organization: {organization}}}"


def found(ended: Ended, check: str) -> list[dict[str, Any]]:
    """What was found of a thing."""
    return [line for line in ended.lines() if line["check"] == check]


def health_of(ended: Ended) -> dict[str, str]:
    """How each thing is; of the permissions, the last one."""
    return {line["check"]: line["health"] for line in ended.lines()}


def denied(permission: str) -> Organization:
    return Organization(settings=SandboxSettings(denied=(permission,)))


def test_where_all_is_well_nothing_fails(organization: Organization) -> None:
    environments(dev())

    ended = organization.run("doctor", environ=CLIENT)

    assert ended.code == ExitCode.OK
    assert health_of(ended) == {
        "config": "ok",
        "dns": "ok",
        "token": "ok",
        "organization": "ok",
        "flows": "ok",
        "permission": "ok",
        "clock": "skipped",  # this sandbox is reached without a server, which would tell the time
        "rate": "ok",
    }
    assert [line["found"].partition(",")[0] for line in found(ended, "permission")] == [
        each.name for each in PERMISSIONS
    ]


def test_nothing_is_changed(organization: Organization) -> None:
    organization.run("doctor")

    assert {call.partition(" ")[0] for call in organization.calls()[1:]} == {"GET"}


def test_the_last_line_is_the_next_command(organization: Organization) -> None:
    environments(dev())
    Path("config/publisher.yaml").write_text("flows: [{files: '*.json'}]\n")
    a_flow_file(Path())

    ended = organization.run("doctor")

    last = ended.err.splitlines()[-1]
    assert last == "Next: publisher publish --dry-run --env dev"
    assert organization.run(*last.removeprefix("Next: publisher ").split()).code == ExitCode.OK


def test_without_a_file_of_environments_the_variables_say_where(organization: Organization) -> None:
    ended = organization.run("doctor")

    assert ended.code == ExitCode.OK
    assert found(ended, "config")[0]["found"] == "no environments file: the variables say where"
    assert ended.err.splitlines()[-1] == "Next: publisher publish --dry-run FILE"


def test_people_read_a_line_for_each_thing(organization: Organization) -> None:
    environments(f"dev: {{api_url: {API_URL!r}}}")

    lines = organization.run("doctor", is_terminal=True).out.splitlines()

    assert lines[0] == "ok       config        environment 'dev'"
    assert f"warning  organization  Sandbox ({ORGANIZATION_ID}), with which nothing is compared" in lines
    assert f"{'':22} → add `organization: {ORGANIZATION_ID}` to 'dev' in config/environments.yaml" in lines


def test_of_several_environments_one_has_to_be_named(organization: Organization) -> None:
    environments(dev(), "prod: {region: us-east-1}")

    ended = organization.run("doctor")

    assert ended.code == ExitCode.USAGE
    assert health_of(ended) == {"config": "failed"}
    assert ended.err.splitlines()[-1] == "Next: publisher doctor --env NAME"
    assert organization.run("doctor", "--env", "dev").code == ExitCode.OK


def test_a_config_with_faults_is_told_with_its_places(organization: Organization) -> None:
    environments("dev: {region: atlantis}")

    ended = organization.run("doctor")

    assert ended.code == ExitCode.USAGE
    assert "config/environments.yaml:2:17: 'atlantis'" in found(ended, "config")[0]["found"]
    assert ended.err.splitlines()[-1] == "Next: publisher config check"


def test_what_the_config_names_and_is_not_there_is_a_warning(organization: Organization) -> None:
    environments(dev())
    Path("config/publisher.yaml").write_text("flows: [{file: main.json, values: ['{environment}.yaml']}]\n")

    ended = organization.run("doctor")

    assert ended.code == ExitCode.OK
    assert [line["found"] for line in found(ended, "config") if line["health"] == "warning"] == [
        "GENESYS_API_URL is set, and does not count: environment 'dev' says where",
        "there is no flow file main.json",
        "there is no file of values dev.yaml, for main.json",
    ]


@pytest.mark.parametrize("environ", [{}, {"GENESYS_CLIENT_ID": "client-1"}], ids=["none", "half"])
def test_credentials_that_are_not_set_are_named(environ: Mapping[str, str], organization: Organization) -> None:
    ended = organization.run("doctor", environ=environ)

    assert ended.code == ExitCode.USAGE
    assert "GENESYS_CLIENT_SECRET is not set" in found(ended, "credentials")[0]["found"]
    assert organization.calls() == []


def test_a_host_without_an_address_is_told_and_nothing_is_asked(organization: Organization) -> None:
    ended = organization.run("doctor", environ={**CREDENTIALS, "GENESYS_API_URL": f"http://{NO_HOST}"})

    assert ended.code == ExitCode.TRY_AGAIN
    assert found(ended, "dns")[0]["found"] == f"{NO_HOST}: Name or service not known"
    assert organization.calls() == []


def test_behind_a_proxy_hosts_are_not_looked_up(organization: Organization) -> None:
    ended = organization.run("doctor", environ={**CREDENTIALS, "HTTPS_PROXY": "http://proxy.example.com:3128"})

    assert found(ended, "dns")[0]["health"] == "skipped"
    assert "proxy.example.com" not in ended.out


def test_refused_credentials_end_it(organization: Organization) -> None:
    organization.misbehave("credentials")

    ended = organization.run("doctor")

    assert ended.code == ExitCode.NOT_ALLOWED
    assert ended.lines()[-1]["check"] == "token"
    assert CLIENT_SECRET not in ended.out + ended.err
    assert ended.err.splitlines()[-1] == "Next: publisher doctor"


def test_in_a_wrong_organization_nothing_more_is_asked(organization: Organization) -> None:
    environments(dev(OTHER))

    ended = organization.run("doctor")

    assert ended.code == ExitCode.NOT_ALLOWED
    assert f"belong to organization {ORGANIZATION_ID}" in found(ended, "organization")[0]["found"]
    assert organization.calls()[1:] == ["GET /api/v2/organizations/me 200"]


@pytest.mark.parametrize("permission", [each.name for each in PERMISSIONS if each.is_needed][1:])
def test_a_needed_permission_that_is_lacking_fails(permission: str) -> None:
    ended = denied(permission).run("doctor")

    [failed] = [line for line in ended.lines() if line["health"] == "failed"]
    assert ended.code == ExitCode.NOT_ALLOWED
    assert failed["found"].startswith(f"{permission}, to ")
    assert "give the OAuth client a role" in failed["advice"]


def test_without_flows_to_see_nothing_else_is_tried() -> None:
    ended = denied("architect:flow:view").run("doctor")

    assert ended.code == ExitCode.NOT_ALLOWED
    assert ended.lines()[-1]["check"] == "flows"


@pytest.mark.parametrize("permission", [each.name for each in PERMISSIONS if not each.is_needed])
def test_another_permission_that_is_lacking_is_a_warning(permission: str) -> None:
    ended = denied(permission).run("doctor")

    [warning] = [line for line in found(ended, "permission") if line["health"] == "warning"]
    assert ended.code == ExitCode.OK
    assert warning["found"].startswith(f"{permission}, to ")


def test_an_organization_that_does_not_tell_its_roles_leaves_some_permissions_open(organization: Organization) -> None:
    organization.misbehave("missing", on="GET /api/v2/authorization/subjects/me")

    ended = organization.run("doctor")

    skipped = {line["found"].partition(",")[0] for line in found(ended, "permission") if line["health"] == "skipped"}
    assert ended.code == ExitCode.OK
    assert skipped == {each.name for each in PERMISSIONS} - set(PROBES)


def test_a_permission_that_cannot_be_tried_is_told_and_the_next_one_is_tried(organization: Organization) -> None:
    organization.misbehave("error", on="GET /api/v2/routing/queues", times=100)

    ended = organization.run("doctor")

    assert [line["health"] for line in found(ended, "permission")].count("failed") == 1
    assert len(found(ended, "permission")) == len(PERMISSIONS)


def test_a_host_that_is_no_organization_is_asked_for_its_flows_alone(organization: Organization) -> None:
    organization.misbehave("missing", on="GET /api/v2/organizations/me")

    ended = organization.run("doctor")

    assert ended.code == ExitCode.OK
    assert found(ended, "organization")[0]["health"] == "skipped"
    assert found(ended, "flows")[0]["health"] == "ok"
    assert found(ended, "permission") == []


def test_an_organization_that_cannot_be_made_sure_of_is_asked_nothing_more(organization: Organization) -> None:
    environments(dev())
    organization.misbehave("missing", on="GET /api/v2/organizations/me")

    ended = organization.run("doctor")

    assert ended.code == ExitCode.NOT_FOUND
    assert ended.lines()[-1]["check"] == "organization"


def test_time_that_runs_out_is_told(organization: Organization) -> None:
    organization.time.stands_still = True
    organization.misbehave("slow", delay_s=60)

    ended = organization.run("doctor", "--timeout", "0.2")

    assert ended.code == ExitCode.TIMED_OUT
    assert ended.lines()[-1]["check"] == "time"


@pytest.mark.parametrize(
    ("environ", "status", "health", "told"),
    [
        ({}, 200, "warning", "RELAY_TOKEN is not set: what was published is not known to be ours"),
        ({"RELAY_TOKEN": "t"}, 200, "ok", "the receiver at http://relay.test tells what was published"),
        ({"RELAY_TOKEN": "t"}, 401, "failed", "it does not take the token in RELAY_TOKEN."),
    ],
    ids=["no token", "answers", "refused"],
)
def test_the_history_of_a_receiver_is_asked(
    organization: Organization, environ: Mapping[str, str], status: int, health: str, told: str
) -> None:
    organization.history = lambda _: httpx.Response(status, json={"items": [], "next_cursor": None})

    ended = organization.run("doctor", environ={**BOTH, **environ})

    [ledger] = found(ended, "ledger")
    assert (ledger["health"], told in ledger["found"]) == (health, True)
