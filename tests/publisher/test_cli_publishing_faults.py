"""What `publisher publish` says and does when a file or the server will not have it."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from publisher.errors import ExitCode
from publisher.sandbox import FLOW_ID, Fault, FaultKind, SandboxSettings
from tests.publisher.organization import (
    CREDENTIALS,
    PUBLISH,
    VERSIONS,
    Organization,
    a_flow_file,
)

pytestmark = pytest.mark.usefixtures("project")


def test_a_file_with_problems_is_refused_and_recorded_before_any_request(
    organization: Organization, project: Path
) -> None:
    a_flow_file(project, types=("trigger", "say"))

    ended = organization.run("publish", "main.json", environ={})

    assert ended.code == ExitCode.PROBLEMS
    assert organization.calls() == []
    assert [status[:2] for status in ended.statuses()] == [("validation", "failed"), ("path_simulation", "failed")]
    assert ended.statuses()[1][2] == "flow.dead-end"
    assert {record["flow_id"] for record in ended.records()} == {"N/A"}
    assert "main.json:" in ended.err


def test_one_bad_file_keeps_all_from_being_sent(organization: Organization, file: Path, project: Path) -> None:
    a_flow_file(project, file="bad.json", types=("trigger", "menu", "say"), is_circular=True)

    ended = organization.run("publish", file, "bad.json")

    assert ended.code == ExitCode.PROBLEMS
    assert "1 of 2 files have problems; nothing was sent." in ended.err
    assert organization.calls() == []


def test_a_text_that_is_no_flow_has_no_paths_to_walk(organization: Organization) -> None:
    Path("main.json").write_text("{")

    ended = organization.run("publish", "main.json")

    assert ended.statuses() == [("validation", "failed", "file.syntax"), ("path_simulation", "skipped", None)]


def test_a_file_that_is_not_there_is_told(organization: Organization) -> None:
    ended = organization.run("publish", "absent.json")

    assert ended.code == ExitCode.USAGE
    assert "absent.json: there is no such file." in ended.err


def test_a_file_that_is_not_there_does_not_hide_the_problems_of_the_others(
    organization: Organization, project: Path
) -> None:
    a_flow_file(project, is_circular=True)

    ended = organization.run("publish", "absent.json", "main.json")

    assert ended.code == ExitCode.USAGE
    assert "flow.cycle" in ended.err
    assert "error: absent.json: there is no such file.\nNothing was sent.\n" in ended.err
    assert organization.calls() == []


def test_no_file_at_all_is_wrong_use(organization: Organization) -> None:
    ended = organization.run("publish")

    assert ended.code == ExitCode.USAGE
    assert "Name a flow file" in ended.err


@pytest.mark.parametrize(
    "environ",
    [{}, {"GENESYS_REGION": "eu-central-1"}, {"GENESYS_API_URL": "https://api.mypurecloud.de"}],
    ids=["nothing set", "region", "its API URL"],
)
def test_genesys_cloud_itself_is_sent_no_graph_files(
    environ: Mapping[str, str], organization: Organization, file: Path
) -> None:
    secrets = {key: value for key, value in CREDENTIALS.items() if key != "GENESYS_API_URL"}

    ended = organization.run("publish", file, environ={**secrets, **environ})

    assert ended.code == ExitCode.USAGE
    assert "takes Archy YAML only; main.json is a graph file" in ended.err
    assert "archy export --flowName 'Automated IVR Flow v2'" in ended.err
    assert organization.calls() == []


@pytest.mark.parametrize(
    ("fault", "code", "error_code", "words"),
    [
        ({"fault": "credentials"}, ExitCode.NOT_ALLOWED, "http.401", "The OAuth client 'client-1' was refused"),
        ({"fault": "expired", "times": "always"}, ExitCode.NOT_ALLOWED, "http.401", "The token was refused"),
        ({"fault": "forbidden"}, ExitCode.NOT_ALLOWED, "http.403", "Give the OAuth client a role with the permission"),
        ({"fault": "missing"}, ExitCode.NOT_FOUND, "http.404", "Check the id, and that it belongs to this org"),
        ({"fault": "locked"}, ExitCode.CONFLICT, "http.409", "Someone else is editing it"),
        ({"fault": "refused", "on": f"POST {VERSIONS}"}, ExitCode.PROBLEMS, "http.422", "no trigger node"),
        ({"fault": "limited", "times": "always"}, ExitCode.TRY_AGAIN, "http.429", "Too many requests"),
        ({"fault": "error", "times": "always"}, ExitCode.TRY_AGAIN, "http.503", "The server failed"),
        ({"fault": "html", "times": "always"}, ExitCode.FAILED, "not-json", "HTML page"),
        ({"fault": "garbled", "times": "always"}, ExitCode.FAILED, "not-json", "is not JSON"),
    ],
    ids=["client", "401", "403", "404", "409", "422", "429", "5xx", "HTML", "broken JSON"],
)
@pytest.mark.usefixtures("file")
def test_each_refusal_has_its_own_message_and_exit_code(
    fault: Mapping[str, str], code: ExitCode, error_code: str, words: str, organization: Organization
) -> None:
    organization.misbehave(**fault)

    ended = organization.run("publish", "main.json", "--flow-id", FLOW_ID)

    assert ended.code == code
    assert words in ended.err
    assert ended.statuses()[-1][1:] == ("failed", error_code)
    assert organization.sandbox.org.flow(FLOW_ID).published_id == "1.0"


class NoNetwork(Organization):
    """An organization that cannot be reached."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("Name or service not known", request=request)


def test_no_network_is_told_as_such(file: Path) -> None:
    ended = NoNetwork().run("publish", file)

    assert ended.code == ExitCode.TRY_AGAIN
    assert "cannot reach http://org.test: Name or service not known" in ended.err
    assert ended.statuses()[-1] == ("authenticate", "failed", "network")


def test_who_holds_the_lock_is_said(organization: Organization, file: Path) -> None:
    organization.misbehave("locked")

    ended = organization.run("publish", file)

    assert "is locked by Alex Architect" in ended.err


def test_a_passing_fault_is_waited_out_and_said(organization: Organization, file: Path) -> None:
    organization.misbehave("limited", times=2, retry_after_s=7)

    ended = organization.run("publish", file)

    assert ended.code == ExitCode.OK
    assert ended.err.count("too many requests") == 2


def test_a_token_that_ended_early_is_renewed(organization: Organization, file: Path) -> None:
    organization.misbehave("expired")

    assert organization.run("publish", file).code == ExitCode.OK


def test_errors_of_the_servers_validation_are_printed_each(organization: Organization, file: Path) -> None:
    organization.misbehave("invalid", messages=["Node 'n1' has no prompt.", "Queue 'sales' is gone."])

    ended = organization.run("publish", file)

    assert ended.code == ExitCode.PROBLEMS
    assert "main.json: error: Node 'n1' has no prompt. [server]" in ended.err
    assert "main.json: error: Queue 'sales' is gone. [server]" in ended.err
    assert ended.statuses()[-1] == ("poll_validation", "failed", "validation.failed")
    assert organization.sandbox.org.flow(FLOW_ID).published_id == "1.0"


def test_a_validation_that_does_not_end_is_given_up_after_60_looks(organization: Organization, file: Path) -> None:
    organization.misbehave("stuck")

    ended = organization.run("publish", file)

    assert ended.code == ExitCode.TIMED_OUT
    assert ended.statuses()[-1] == ("poll_validation", "failed", "validation.stuck")
    assert len([call for call in organization.calls() if call.startswith(f"GET {VERSIONS}")]) == 60
    assert "deeply nested conditions" in ended.err
    assert "is still being validated by the server; it is not live." in ended.err


def test_a_publish_action_without_effect_is_found_out(organization: Organization, file: Path) -> None:
    organization.misbehave("no-effect")

    ended = organization.run("publish", file)

    assert ended.code == ExitCode.FAILED
    assert "had no effect: live is version 1.0, wanted was version 2.0" in ended.err
    assert ended.statuses()[-1] == ("verify", "failed", "publish.no-effect")


def test_a_publish_action_that_fails_later_is_told_with_its_reason(organization: Organization, file: Path) -> None:
    organization.misbehave("publish-failed", messages=["The flow could not be compiled."])

    ended = organization.run("publish", file)

    assert ended.code == ExitCode.FAILED
    assert "could not publish version 2.0: The flow could not be compiled." in ended.err
    assert ended.statuses()[-1] == ("verify", "failed", "publish.failed")


def test_a_publish_action_that_takes_a_while_is_waited_for(file: Path) -> None:
    organization = Organization(settings=SandboxSettings(publish_s=3))

    assert organization.run("publish", file).code == ExitCode.OK


def test_the_next_command_names_the_state_file_again(organization: Organization, file: Path) -> None:
    organization.add(Fault(kind=FaultKind.LOST_ANSWER, on=PUBLISH))

    ended = organization.run("publish", file, "--state", "known.json", "--on-drift", "overwrite")

    assert "Next: publisher publish --dry-run --state known.json main.json" in ended.err


def test_a_lost_answer_to_the_publish_action_is_not_guessed_at(organization: Organization, file: Path) -> None:
    organization.add(Fault(kind=FaultKind.LOST_ANSWER, on=PUBLISH))

    ended = organization.run("publish", file)

    assert ended.code == ExitCode.TRY_AGAIN
    assert "was told to go live; whether it did is not known." in ended.err
    assert "Next: publisher publish --dry-run main.json" in ended.err
    assert len([call for call in organization.calls() if call.startswith(PUBLISH)]) == 1


def test_a_version_that_was_refused_leaves_nothing_to_say(organization: Organization, file: Path) -> None:
    organization.misbehave("refused", on=f"POST {VERSIONS}")

    assert "Next:" not in organization.run("publish", file).err


def test_it_ends_when_its_time_is_over(organization: Organization, file: Path) -> None:
    organization.time.stands_still = True

    ended = organization.run("publish", file, "--timeout", "0.2")

    assert ended.code == ExitCode.TIMED_OUT
    assert "the server's validation was not done within the 0.2 s" in ended.err
    assert ended.statuses()[-1] == ("poll_validation", "failed", "timeout")


def test_a_lost_answer_to_the_creation_is_not_guessed_at(organization: Organization, file: Path) -> None:
    organization.add(Fault(kind=FaultKind.LOST_ANSWER, on=f"POST {VERSIONS}"))

    ended = organization.run("publish", file)

    assert ended.code == ExitCode.TRY_AGAIN
    assert "may have been created from main.json; it is not live." in ended.err


def test_a_publish_action_that_is_refused_leaves_the_version_as_it_is(organization: Organization, file: Path) -> None:
    organization.add(Fault(kind=FaultKind.LOCKED, on=PUBLISH))

    ended = organization.run("publish", file)

    assert ended.code == ExitCode.CONFLICT
    assert "was created and passed validation; it is not live." in ended.err
    assert f"Next: publisher versions {FLOW_ID}   # `publisher rollback --to 2.0` puts it live" in ended.err
