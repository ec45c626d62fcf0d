"""`publisher publish` of Archy files, which go live by the platform's jobs."""

import json
from pathlib import Path

import httpx
import pytest

from publisher.archy import parse_archy
from publisher.errors import ExitCode
from publisher.genesys.inventory import Kind
from publisher.sandbox import FLOW_ID, FLOW_NAME, SandboxSettings, WebhookApi
from publisher.sandbox.records import OrgFlow
from publisher.sandbox.settings import Thing
from tests.publisher.archy_makers import an_archy_flow_file, an_archy_text
from tests.publisher.organization import API_URL, BOTH, CREDENTIALS, Organization, a_flow_file

pytestmark = pytest.mark.usefixtures("project")

SIGNATURE = "X-Amz-Signature"


def the_flow(organization: Organization, name: str = "Main", kind: str = "INBOUNDCALL") -> OrgFlow:
    flow = organization.sandbox.org.flow_named(name, kind)
    assert flow is not None
    return flow


def uploaded(organization: Organization, name: str = "Main") -> str:
    """What the organization made the flow's live version of."""
    version = the_flow(organization, name).published
    assert version is not None
    return (version.source or b"").decode()


def test_a_file_becomes_a_new_flow_that_is_live(organization: Organization) -> None:
    ended = organization.run("publish", an_archy_flow_file("main.yaml"))

    flow = the_flow(organization)
    assert (ended.code, flow.published_id) == (ExitCode.OK, "1.0")
    assert ended.results() == [
        {
            "result": "published",
            "file": "main.yaml",
            "flow_id": flow.id,
            "flow_name": "Main",
            "version_id": "1.0",
            "version_number": 1,
            "announced": None,
            "latency_ms": 2150,
            "governance_id": "GOV-id-1",
        }
    ]


def test_a_flow_that_is_there_gets_one_version_more(organization: Organization) -> None:
    organization.run("publish", an_archy_flow_file("main.yaml"))

    ended = organization.run("publish", "main.yaml")

    assert ended.code == ExitCode.OK
    assert ended.results()[0]["version_id"] == "2.0"
    assert "Version 2 (id 2.0) of flow 'Main' is live." in ended.err


def test_the_job_is_registered_uploaded_and_asked_for(organization: Organization) -> None:
    organization.run("publish", an_archy_flow_file("main.yaml"))

    calls = [call.rpartition("/")[0] for call in organization.calls()]
    assert calls == [
        "POST /api/v2/oauth",
        "GET /api/v2",
        "POST /api/v2/flows",
        "PUT /uploads",
        "GET /api/v2/flows/jobs",
        "GET /api/v2/flows/jobs",
        "GET /api/v2/flows",
    ]


def test_the_records_are_those_of_graph_files_but_for_the_validation(organization: Organization) -> None:
    ended = organization.run("publish", an_archy_flow_file("main.yaml"))

    assert [action for action, _, _ in ended.statuses()] == [
        "validation",
        "path_simulation",
        "authenticate",
        "create_version",
        "publish",
        "verify",
    ]
    assert ended.records()[-1]["version_id"] == "1.0"


def test_what_is_uploaded_has_its_values_in_it(organization: Organization) -> None:
    Path("main.yaml").write_text(an_archy_text('"{{name}}"'))

    ended = organization.run("publish", "main.yaml", "--set", "name=Main")

    assert ended.code == ExitCode.OK
    assert uploaded(organization) == an_archy_text('"Main"')


def test_values_of_the_config_count_for_the_environment(organization: Organization) -> None:
    Path("config").mkdir()
    Path("config/publisher.yaml").write_text("flows: [{file: main.yaml, values: ['{environment}.yaml']}]")
    Path("config/environments.yaml").write_text(f"environments: {{uat: {{api_url: '{API_URL}'}}}}")
    Path("uat.yaml").write_text("name: Main")
    Path("main.yaml").write_text(an_archy_text('"{{name}}"'))

    assert organization.run("publish").code == ExitCode.OK
    assert the_flow(organization).published_id == "1.0"


def test_in_an_environment_flows_have_its_prefix_and_its_division(organization: Organization) -> None:
    Path("config").mkdir()
    place = f"{{api_url: '{API_URL}', name_prefix: 'UAT ', division: Test}}"
    Path("config/environments.yaml").write_text(f"environments: {{uat: {place}}}")
    files = [an_archy_flow_file("main.yaml", flows=["Hours"]), an_archy_flow_file("hours.yaml", "Hours")]
    organization.sandbox.things.append(Thing(kind=Kind.DIVISION, name="Test"))

    ended = organization.run("publish", *files)

    sent = parse_archy(uploaded(organization, "UAT Main"), file="sent")
    assert ended.code == ExitCode.OK
    assert (sent.name, sent.division) == ("UAT Main", "Test")
    assert [each.name for each in sent.flow_references] == ["UAT Hours"]


def test_the_announced_hash_is_that_of_what_was_uploaded(organization: Organization) -> None:
    Path("main.yaml").write_text(an_archy_text('"{{name}}"'))

    organization.run("publish", "main.yaml", "--set", "name=Main", "--announce", environ=BOTH)

    [told] = [event for event in organization.told if "provenance" in event]
    assert told["event"] == "flow.version.published"
    sent = parse_archy(uploaded(organization), file="sent")
    assert told["provenance"]["content_hash"] == sent.content_hash


def test_a_flow_that_is_there_is_announced_before_too(organization: Organization) -> None:
    without = Organization(settings=SandboxSettings(webhook_api=WebhookApi.NONE))
    without.run("publish", an_archy_flow_file("main.yaml"))

    ended = without.run("publish", "main.yaml", environ=BOTH)

    assert [event["event"] for event in without.told] == ["flow.version.publishing", "flow.version.published"]
    assert "versionId" not in without.told[0]["data"]
    assert without.told[1]["data"]["versionId"] == "2.0"
    assert ended.results()[0]["announced"] is True


def test_a_file_with_problems_is_not_sent(organization: Organization) -> None:
    Path("main.yaml").write_text(an_archy_text().replace("task[main]", "task[gone]"))

    ended = organization.run("publish", "main.yaml")

    assert ended.code == ExitCode.PROBLEMS
    assert "archy.bad-reference" in ended.err
    assert organization.calls() == []


def test_a_job_cannot_end_after_the_validation(organization: Organization) -> None:
    ended = organization.run("publish", "--no-publish", an_archy_flow_file("main.yaml"))

    assert ended.code == ExitCode.USAGE
    assert "--no-publish: main.yaml is an Archy file" in ended.err
    assert organization.calls() == []


def test_both_kinds_go_live_in_one_command(organization: Organization, project: Path) -> None:
    a_flow_file(project)

    ended = organization.run("publish", "main.json", an_archy_flow_file("main.yaml"))

    assert ended.code == ExitCode.OK
    assert sorted(result["file"] for result in ended.results()) == ["main.json", "main.yaml"]


def test_a_dry_run_says_what_the_job_would_do(organization: Organization) -> None:
    files = [an_archy_flow_file("main.yaml", flows=["Main"]), an_archy_flow_file("hours.yaml", "Opening Hours")]

    ended = organization.run("publish", "--dry-run", *files)

    would = [result["would"] for result in ended.results()]
    assert ended.code == ExitCode.OK
    assert would[0] == [
        "make the flow 'Main' (INBOUNDCALL) by a job, with stubs for the flows that it refers to, and check that it is"
        " live"
    ]
    assert would[1][0].startswith("publish flow 'Opening Hours' (id 5d9a4f17-63c2-4f0b-8e21-b7c09d3a5e44, live now:")
    assert not any(call.startswith(("POST /api/v2/flows", "PUT")) for call in organization.calls())


def test_a_flow_that_cannot_be_seen_at_once_is_looked_for_again(organization: Organization) -> None:
    organization.misbehave("unseen", times=3)

    ended = organization.run("publish", an_archy_flow_file("main.yaml"))

    assert ended.code == ExitCode.OK


def test_two_files_for_one_flow_are_refused(organization: Organization) -> None:
    files = [an_archy_flow_file("a.yaml"), an_archy_flow_file("b.yaml")]

    ended = organization.run("publish", *files)

    assert ended.code == ExitCode.USAGE
    assert "a.yaml and b.yaml are both for the flow 'Main'." in ended.err
    assert organization.calls() == []


def test_the_same_name_of_another_type_is_another_flow(organization: Organization) -> None:
    files = [an_archy_flow_file("a.yaml"), an_archy_flow_file("b.yaml", root="inboundChat")]

    assert organization.run("publish", *files).code == ExitCode.OK


class Watched(Organization):
    """An organization that remembers what it gave and what it got, signatures included."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.uploads: list[httpx.Request] = []
        self.registered: list[dict[str, object]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if request.method == "PUT":
            self.uploads.append(request)
        if request.method == "POST" and request.url.path == "/api/v2/flows/jobs":
            self.registered.append(json.loads(await answer.aread()))
        return answer


def test_the_upload_has_exactly_the_headers_of_the_answer_and_no_token() -> None:
    organization = Watched()

    organization.run("publish", an_archy_flow_file("main.yaml"))

    [upload], [registered] = organization.uploads, organization.registered
    assert {name: upload.headers[name] for name in registered["headers"]} == registered["headers"]  # type: ignore[attr-defined]
    assert "authorization" not in upload.headers
    assert str(upload.url) == registered["presignedUrl"]


@pytest.mark.parametrize("fault", [None, "error", "html", "limited", "lost-answer"], ids=str)
def test_a_signed_address_is_never_printed(fault: str | None) -> None:
    organization = Watched()
    if fault is not None:
        organization.misbehave(fault, times="always", on="PUT /uploads/*")

    ended = organization.run(
        "publish", an_archy_flow_file("main.yaml"), "--json", "--audit-file", "audit.jsonl", environ=CREDENTIALS
    )

    printed = ended.out + ended.err + Path("audit.jsonl").read_text()
    assert organization.registered
    assert SIGNATURE not in printed
    assert "/uploads/" not in printed


def test_a_region_takes_archy_files(organization: Organization) -> None:
    secrets = {key: value for key, value in CREDENTIALS.items() if key != "GENESYS_API_URL"}

    ended = organization.run(
        "publish", an_archy_flow_file("main.yaml"), environ={**secrets, "GENESYS_REGION": "eu-central-1"}
    )

    assert ended.code == ExitCode.OK
    assert organization.calls()[0] == "POST /oauth/token 200"


def test_one_graph_file_among_them_keeps_a_region_from_being_asked(organization: Organization, project: Path) -> None:
    a_flow_file(project)
    secrets = {key: value for key, value in CREDENTIALS.items() if key != "GENESYS_API_URL"}

    ended = organization.run("publish", an_archy_flow_file("main.yaml"), "main.json", environ=secrets)

    assert ended.code == ExitCode.USAGE
    assert "main.json is a graph file" in ended.err
    assert organization.calls() == []


def test_all_flow_files_of_a_folder_are_published(organization: Organization) -> None:
    an_archy_flow_file("flows/main.yaml")
    an_archy_flow_file("flows/more/hours.yaml", "Hours")

    ended = organization.run("publish", "flows/**")

    assert ended.code == ExitCode.OK
    assert sorted(result["file"] for result in ended.results()) == ["flows/main.yaml", "flows/more/hours.yaml"]


def test_an_id_of_a_flow_of_another_type_is_refused(organization: Organization) -> None:
    file = an_archy_flow_file("main.yaml", FLOW_NAME, root="inboundChat")

    ended = organization.run("publish", file, "--flow-id", FLOW_ID)

    assert ended.code == ExitCode.USAGE
    assert f"main.yaml holds a flow of the type INBOUNDCHAT, but flow {FLOW_ID}" in ended.err
    assert ended.statuses()[-1] == ("create_version", "failed", "flow.other-type")


def test_an_id_of_a_flow_of_its_type_leads_to_it(organization: Organization) -> None:
    ended = organization.run("publish", an_archy_flow_file("main.yaml", FLOW_NAME), "--flow-id", FLOW_ID)

    assert ended.results()[0]["flow_id"] == FLOW_ID


def test_a_division_of_the_environment_that_is_not_there_is_told(organization: Organization) -> None:
    Path("config").mkdir()
    Path("config/environments.yaml").write_text(f"environments: {{uat: {{api_url: '{API_URL}', division: Tset}}}}")

    ended = organization.run("publish", an_archy_flow_file("main.yaml"))

    assert ended.code == ExitCode.PROBLEMS
    assert "main.yaml:1:1: error: org.missing\n    Division 'Tset' is not in uat." in ended.err
