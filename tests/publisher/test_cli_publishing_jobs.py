"""What `publisher publish` says and does when a job, or what follows it, goes wrong."""

import json
from pathlib import Path

import httpx
import pytest

from publisher.errors import ExitCode
from publisher.sandbox import Fault, FaultKind, SandboxSettings
from tests.publisher.archy_makers import an_archy_flow_file
from tests.publisher.organization import API_URL, Organization

pytestmark = pytest.mark.usefixtures("project")

REGISTER = "POST /api/v2/flows/jobs"
LIMIT = "Archy failed (exit code: 107): could not find the flow with id in the organization."


@pytest.fixture
def archy(project: Path) -> str:
    """An Archy file without problems."""
    return an_archy_flow_file("main.yaml", queues=["Sales"])


class Answering(Organization):
    """An organization that answers some calls as it is told, by method and path."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.instead: dict[str, dict[str, object]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        for call, body in self.instead.items():
            if f"{request.method} {request.url.path}".startswith(call):
                return httpx.Response(200, json=json.loads(await answer.aread()) | body)
        return answer


def test_each_message_stands_at_its_place_in_the_file(organization: Organization, archy: str) -> None:
    organization.misbehave("job-failed", messages=["The queue 'Sales' is closed.", "It is Sunday."])

    ended = organization.run("publish", archy)

    lines = ended.err.splitlines()
    assert ended.code == ExitCode.PROBLEMS
    assert "main.yaml:10:71: error: The queue 'Sales' is closed. [server]" in lines
    assert "main.yaml: error: It is Sunday. [server]" in lines
    assert ended.statuses()[-1] == ("publish", "failed", "job.failed")
    assert "Next:" not in ended.err


def test_a_failure_without_a_word_names_the_job_and_the_correlation_id(organization: Organization, archy: str) -> None:
    organization.misbehave("job-failed")

    ended = organization.run("publish", archy)

    assert ended.code == ExitCode.FAILED
    assert "'Main' could not be published, and Genesys Cloud gives no reason (job " in ended.err
    assert ", correlation id " in ended.err
    assert "publisher doctor" in ended.err


def test_what_the_platform_quotes_of_requests_is_not_repeated(organization: Organization, archy: str) -> None:
    text = "GET https://api.test/x?access_token=s3cr3t-t0ken failed: Bearer abcdefghijkl"
    organization.misbehave("job-failed", messages=[text])

    ended = organization.run("publish", archy, "--json", "--audit-file", "audit.jsonl")

    printed = ended.out + ended.err + Path("audit.jsonl").read_text()
    assert "https://api.test/x?[query] failed: Bearer [secret]" in ended.err
    assert "s3cr3t-t0ken" not in printed
    assert "abcdefghijkl" not in printed
    assert "requestBody" not in printed


def test_a_failure_that_hides_a_limit_is_tried_again(organization: Organization, archy: str) -> None:
    organization.misbehave("job-failed", times=2, messages=[LIMIT])

    ended = organization.run("publish", archy)

    assert ended.code == ExitCode.OK
    assert {15.0, 30.0} <= set(organization.time.slept_s)
    assert "Waiting 15 s: the organization's limit made the job fail" in ended.err


def test_a_limit_that_stays_is_told_as_one(organization: Organization, archy: str) -> None:
    organization.misbehave("job-failed", times="always", messages=[LIMIT])

    ended = organization.run("publish", archy)

    assert ended.code == ExitCode.TRY_AGAIN
    assert "The organization's limit is behind it: try again later." in ended.err
    assert organization.calls().count(f"{REGISTER} 200") == 3


def test_too_many_requests_are_not_taken_for_a_jobs_limit(organization: Organization, archy: str) -> None:
    organization.misbehave("limited", times="always", on=REGISTER)

    ended = organization.run("publish", archy)

    assert ended.code == ExitCode.TRY_AGAIN
    assert ended.statuses()[-1] == ("create_version", "failed", "http.429")
    assert organization.calls().count(f"{REGISTER} 429") == 5


def test_a_job_that_does_not_end_is_given_up(organization: Organization, archy: str) -> None:
    organization.misbehave("stuck")

    ended = organization.run("publish", archy, "--timeout", "86400")

    assert ended.code == ExitCode.TIMED_OUT
    assert 960 <= sum(organization.time.slept_s) < 970
    assert "was not over after 16 minutes. It may still publish the file" in ended.err
    assert "was handed main.yaml; whether it has put it live is not known." in ended.err
    assert "Next: publisher publish --dry-run main.yaml" in ended.err


def test_a_job_that_takes_its_time_is_waited_for(archy: str) -> None:
    organization = Organization(settings=SandboxSettings(job_polls=12))

    assert organization.run("publish", archy).code == ExitCode.OK
    assert max(organization.time.slept_s) == 5.0


def test_a_success_that_changed_nothing_is_found_out(archy: str) -> None:
    organization = Answering()
    organization.run("publish", archy)
    organization.instead = {"GET /api/v2/flows/": {"publishedVersion": {"id": "1.0"}}}

    ended = organization.run("publish", archy)

    assert ended.code == ExitCode.FAILED
    assert "The job has succeeded but had no effect: live is version 1.0, as before." in ended.err
    assert ended.statuses()[-1] == ("verify", "failed", "publish.no-effect")


def test_a_success_without_a_live_version_is_found_out(archy: str) -> None:
    organization = Answering()
    organization.instead = {"GET /api/v2/flows/": {"publishedVersion": None}}

    ended = organization.run("publish", archy)

    assert ended.code == ExitCode.FAILED
    assert "live is nothing" in ended.err


def test_a_success_that_names_no_flow_is_told(archy: str) -> None:
    organization = Answering()
    organization.instead = {"GET /api/v2/flows/jobs/": {"flow": None}}

    ended = organization.run("publish", archy)

    assert ended.code == ExitCode.FAILED
    assert ended.statuses()[-1] == ("publish", "failed", "job.no-flow")


def test_warnings_of_a_job_are_told(archy: str) -> None:
    organization = Answering()
    organization.instead = {"GET /api/v2/flows/jobs/": {"messages": [{"type": "Warning", "text": "Old voice."}]}}

    ended = organization.run("publish", archy)

    assert ended.code == ExitCode.OK
    assert "main.yaml: warning: Old voice. [server]" in ended.err.splitlines()


def test_an_upload_whose_answer_is_lost_is_looked_after(organization: Organization, archy: str) -> None:
    organization.add(Fault(kind=FaultKind.LOST_ANSWER, times=None, on="PUT /uploads/*"))

    ended = organization.run("publish", archy)

    assert ended.code == ExitCode.OK
    assert organization.sandbox.org.flow_named("Main", "INBOUNDCALL") is not None


def test_an_upload_that_never_arrived_leaves_nothing(organization: Organization, archy: str) -> None:
    organization.misbehave("error", times="always", on="PUT /uploads/*")

    ended = organization.run("publish", archy)

    assert ended.code == ExitCode.TRY_AGAIN
    assert "Could not upload the flow file: the storage answered 503" in ended.err
    assert organization.sandbox.org.flow_named("Main", "INBOUNDCALL") is None
    assert "handed" not in ended.err


def test_an_upload_that_is_refused_leaves_nothing(archy: str) -> None:
    organization = Answering()
    organization.instead = {REGISTER: {"headers": {"x-amz-meta-jobid": "another"}}}

    ended = organization.run("publish", archy)

    assert ended.code == ExitCode.PROBLEMS
    assert "the storage answered 403 (SignatureDoesNotMatch)" in ended.err
    assert "handed" not in ended.err


def test_a_missing_permission_is_named(archy: str) -> None:
    organization = Organization(settings=SandboxSettings(denied=["architect:job:create"]))

    ended = organization.run("publish", archy)

    assert ended.code == ExitCode.NOT_ALLOWED
    assert "Give the OAuth client a role with the permission architect:job:create" in ended.err


def test_a_host_without_jobs_takes_no_archy_files(organization: Organization, archy: str) -> None:
    organization.misbehave("missing", on=REGISTER)

    ended = organization.run("publish", archy)

    assert ended.code == ExitCode.FAILED
    assert "This host knows no publish jobs (HTTP 404), so it takes no Archy files." in ended.err


def test_the_next_command_repeats_what_gave_values_but_not_the_values(organization: Organization, archy: str) -> None:
    Path("dev.yaml").write_text("greeting: Hello\n")
    Path("own.yaml").write_text("flows: []\n")
    organization.misbehave("stuck")
    given = ("--set", "api key=s3cret", "--values", "dev.yaml", "--set", "pin=4711", "--config", "own.yaml")

    ended = organization.run("publish", archy, *given, "--timeout", "86400")

    again = "--config own.yaml --values dev.yaml --set 'api key=...' --set pin=... main.yaml"
    assert f"Next: publisher publish --dry-run {again}" in ended.err
    assert "s3cret" not in ended.err


def test_the_next_command_names_the_environment(organization: Organization, archy: str) -> None:
    Path("config").mkdir()
    Path("config/environments.yaml").write_text(f"environments: {{dev: {{api_url: '{API_URL}'}}}}")
    organization.misbehave("stuck")

    ended = organization.run("publish", archy, "--timeout", "86400")

    assert "Next: publisher publish --dry-run --env dev main.yaml" in ended.err
