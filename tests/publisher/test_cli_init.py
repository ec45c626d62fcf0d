"""`publisher init`, against the sandbox."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from publisher.cli.project import ENVIRONMENTS_FILE, read_environments
from publisher.errors import ExitCode
from publisher.sandbox.settings import ORGANIZATION_ID, SandboxSettings, SeedFlow
from tests.publisher.archy.flows import a_text
from tests.publisher.organization import API_URL, CLIENT_SECRET, CREDENTIALS, WEBHOOK, Organization, a_flow_file
from tests.publisher.sandbox.processes import a_sandbox_process

pytestmark = pytest.mark.usefixtures("project")

FILES = {
    "config/environments.yaml",
    "config/publisher.yaml",
    "config/receiver.yaml",
    "example.env",
    ".github/workflows/flows.yml",
}
COMMAND = [sys.executable, "-c", "from publisher.cli import main; raise SystemExit(main())"]
LIMIT_S = 20


def written() -> set[str]:
    return {str(path) for path in Path().rglob("*") if path.is_file()}


def everything() -> str:
    return "".join(Path(path).read_text() for path in written())


def test_from_the_variables_nothing_is_asked(organization: Organization) -> None:
    ended = organization.run("init", "--from-env")

    assert ended.code == ExitCode.OK
    assert written() == FILES
    dev = read_environments()["dev"]
    assert (dev.api_url, dev.organization, dev.client_id) == (API_URL, ORGANIZATION_ID, "GENESYS_CLIENT_ID")


def test_the_flows_of_the_organization_are_listed(organization: Organization) -> None:
    ended = organization.run("init", "--from-env")

    flows = [line for line in ended.lines() if "flow_id" in line]
    assert [(flow["name"], flow["live"]) for flow in flows] == [
        ("Automated IVR Flow v2", "1.0"),
        ("Complaints", None),
        ("Opening Hours", "3.0"),
    ]


def test_of_many_flows_some_are_listed() -> None:
    flows = tuple(SeedFlow(id=f"flow-{at}", name=f"Flow {at:03}") for at in range(25))

    ended = Organization(settings=SandboxSettings(flows=flows)).run("init", "--from-env")

    assert sum("flow_id" in line for line in ended.lines()) == 20
    assert "and 5 flows more" in ended.err


def test_no_secret_is_written(organization: Organization) -> None:
    ended = organization.run("init", "--from-env", environ={**CREDENTIALS, **WEBHOOK})

    assert CLIENT_SECRET not in everything() + ended.out + ended.err
    assert WEBHOOK["CI_WEBHOOK_SECRET"] not in everything() + ended.out + ended.err


def test_the_last_line_is_the_next_command_and_that_works(organization: Organization) -> None:
    ended = organization.run("init", "--from-env", "--env", "prod")

    assert ended.err.splitlines()[-1] == "Next: publisher doctor --env prod"
    assert organization.run("doctor", "--env", "prod").code == ExitCode.OK


def test_all_that_is_written_passes_the_check(organization: Organization) -> None:
    organization.run("init", "--from-env", environ={**CREDENTIALS, **WEBHOOK})

    ended = organization.run("config", "check")

    assert ended.code == ExitCode.OK
    assert [line["file"] for line in ended.lines()] == ["config/environments.yaml", "config/publisher.yaml"]


def test_flow_files_of_either_kind_are_found_at_once(organization: Organization) -> None:
    organization.run("init", "--from-env")
    Path("flows/ours").mkdir(parents=True)
    a_flow_file(Path("flows"))
    Path("flows/ours/hours.yaml").write_text(a_text())

    ended = organization.run("validate")

    assert (ended.code, "main.json" in ended.out, "hours.yaml" in ended.out) == (ExitCode.OK, True, True)


def test_the_receiver_is_known_where_its_door_is(organization: Organization) -> None:
    organization.run("init", "--from-env", environ={**CREDENTIALS, **WEBHOOK})

    assert 'url: "http://relay.test"' in Path("config/publisher.yaml").read_text()


def test_the_variables_may_have_the_platforms_names(organization: Organization) -> None:
    environ = {
        "GENESYS_API_URL": API_URL,
        "GENESYSCLOUD_OAUTHCLIENT_ID": "client-1",
        "GENESYSCLOUD_OAUTHCLIENT_SECRET": CLIENT_SECRET,
    }

    organization.run("init", "--from-env", environ=environ)

    dev = read_environments()["dev"]
    assert (dev.client_id, dev.client_secret) == ("GENESYSCLOUD_OAUTHCLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_SECRET")


def test_a_pipeline_for_gitlab_comes_instead_of_the_workflow(organization: Organization) -> None:
    organization.run("init", "--from-env", "--gitlab")

    assert written() == FILES - {".github/workflows/flows.yml"} | {".gitlab-ci.yml"}


def test_what_is_there_stays_as_it_is(organization: Organization) -> None:
    Path("config").mkdir()
    Path("config/publisher.yaml").write_text("max_nodes: 7\n")

    ended = organization.run("init", "--from-env")

    assert Path("config/publisher.yaml").read_text() == "max_nodes: 7\n"
    assert {"result": "kept", "file": "config/publisher.yaml"} in ended.results()
    assert written() == FILES


def test_twice_changes_nothing_more(organization: Organization) -> None:
    organization.run("init", "--from-env")
    before = everything()
    ended = organization.run("init", "--from-env")

    assert {result["result"] for result in ended.results()} == {"kept"}
    assert everything() == before


def test_an_environments_file_that_is_there_is_told_what_it_lacks(organization: Organization) -> None:
    organization.run("init", "--from-env", "--env", "dev")
    ended = organization.run("init", "--from-env", "--env", "prod")

    hint = f"To have environment 'prod', add this to {ENVIRONMENTS_FILE}:\n"
    assert hint in ended.err
    entry = ended.err.partition(hint)[2].partition("Next:")[0]
    Path(ENVIRONMENTS_FILE).write_text(Path(ENVIRONMENTS_FILE).read_text() + entry)
    assert list(read_environments()) == ["dev", "prod"]


@pytest.mark.parametrize(
    ("environ", "reason"),
    [
        ({**CREDENTIALS, "GENESYS_API_URL": ""}, "--from-env needs GENESYS_REGION, such as eu-central-1"),
        ({"GENESYS_API_URL": API_URL, "GENESYS_CLIENT_ID": "a"}, "GENESYS_CLIENT_SECRET is not set"),
        ({**CREDENTIALS, "GENESYS_API_URL": "", "GENESYS_REGION": "atlantis"}, "GENESYS_REGION: 'atlantis' is no"),
    ],
    ids=["no region", "no secret", "unknown region"],
)
def test_variables_that_are_missing_or_wrong_are_named(
    environ: Mapping[str, str], reason: str, organization: Organization
) -> None:
    ended = organization.run("init", "--from-env", environ=environ)

    assert ended.code == ExitCode.USAGE
    assert reason in ended.err
    assert written() == set()


def test_a_token_url_is_kept(organization: Organization) -> None:
    token_url = f"{API_URL}/oauth/token"

    organization.run("init", "--from-env", environ={**CREDENTIALS, "GENESYS_TOKEN_URL": token_url})

    assert read_environments()["dev"].token_url == token_url


def test_a_name_that_is_none_is_refused(organization: Organization) -> None:
    ended = organization.run("init", "--from-env", "--env", "My Org")

    assert ended.code == ExitCode.USAGE
    assert "--env: 'My Org' is no name" in ended.err


def test_refused_credentials_write_nothing(organization: Organization) -> None:
    organization.misbehave("credentials")

    ended = organization.run("init", "--from-env")

    assert ended.code == ExitCode.NOT_ALLOWED
    assert written() == set()


def test_an_organization_that_tells_little_is_no_hindrance() -> None:
    organization = Organization(settings=SandboxSettings(denied=("architect:flow:view",)))

    ended = organization.run("init", "--from-env")

    assert ended.code == ExitCode.OK
    assert "warning: the flows cannot be listed" in ended.err
    assert written() == FILES


def test_a_host_that_does_not_tell_which_organization_it_is_is_no_hindrance(organization: Organization) -> None:
    organization.misbehave("missing", on="GET /api/v2/organizations/me")

    ended = organization.run("init", "--from-env")

    assert ended.code == ExitCode.OK
    assert "warning: which organization this is, is not known" in ended.err
    assert read_environments()["dev"].organization is None


def test_a_folder_that_cannot_be_made_is_told(organization: Organization) -> None:
    Path("config").touch()

    ended = organization.run("init", "--from-env")

    assert ended.code == ExitCode.USAGE
    assert "config/environments.yaml: cannot be written" in ended.err


def test_without_a_terminal_it_has_to_be_told_to_ask_nothing(organization: Organization) -> None:
    ended = organization.run("init")

    assert ended.code == ExitCode.USAGE
    assert "give --from-env" in ended.err
    assert organization.calls() == []


def test_on_a_terminal_region_and_credentials_are_asked_for(organization: Organization) -> None:
    ended = organization.run("init", environ={}, is_terminal=True, answers=["uat", API_URL, "client-1"])

    assert ended.code == ExitCode.OK
    assert list(read_environments()) == ["uat"]
    assert "Its secret (not shown): " in ended.err
    assert CLIENT_SECRET not in everything() + ended.out + ended.err


def test_answers_that_make_no_sense_are_asked_for_again(organization: Organization) -> None:
    answers = ["My Org", "dev", "eu-wst-1", "http://", API_URL, "", "client-1"]

    ended = organization.run("init", environ={}, is_terminal=True, answers=answers)

    assert ended.code == ExitCode.OK
    assert "'My Org' is no name" in ended.err
    assert "Did you mean 'eu-west-1'?" in ended.err
    assert "Without it, nothing can be asked." in ended.err


def test_what_is_set_is_not_asked_for(organization: Organization) -> None:
    ended = organization.run("init", is_terminal=True, answers=["", ""])

    assert ended.code == ExitCode.OK
    assert f"(or the URL of a sandbox) [{API_URL}]: " in ended.err
    assert "Its secret" not in ended.err


def test_with_credentials_that_were_typed_the_next_step_is_to_set_them(organization: Organization) -> None:
    ended = organization.run("init", environ={}, is_terminal=True, answers=["", API_URL, "client-1"])

    assert "Next: cp example.env .env, fill it in" in ended.err.splitlines()[-1]


def test_the_name_need_not_be_asked_for(organization: Organization) -> None:
    ended = organization.run("init", "--env", "uat", is_terminal=True, answers=[API_URL])

    assert ended.code == ExitCode.OK
    assert list(read_environments()) == ["uat"]


def test_ctrl_d_ends_it_and_writes_nothing(organization: Organization) -> None:
    ended = organization.run("init", environ={}, is_terminal=True, answers=["dev"])

    assert ended.code == ExitCode.FAILED
    assert "No answer came; nothing was done." in ended.err
    assert written() == set()


class Typist:
    """Somebody at a real terminal, on which `publisher init` runs."""

    def __init__(self) -> None:
        self._terminal, theirs = os.openpty()
        self._process = subprocess.Popen(
            [*COMMAND, "init"], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self.seen = ""

    def answer(self, question: str, answer: str) -> None:
        """Type an answer once the question is there."""
        self.wait_for(question)
        os.write(self._terminal, f"{answer}\n".encode())

    def wait_for(self, text: str) -> None:
        """Read what is shown until it holds a text, which is not looked for again."""
        ends_at = time.monotonic() + LIMIT_S
        before = len(self.seen)
        while text not in self.seen[before:]:
            assert time.monotonic() < ends_at, self.seen
            if select.select([self._terminal], [], [], 1)[0]:
                self.seen += os.read(self._terminal, 4096).decode(errors="replace")

    def end(self) -> int:
        """How the command ended."""
        code = self._process.wait(LIMIT_S)
        os.close(self._terminal)
        return code


@pytest.fixture
def sandbox_url() -> Iterator[str]:
    """Where a sandbox listens."""
    with a_sandbox_process() as sandbox:
        yield sandbox.url


def test_a_secret_that_is_typed_on_a_real_terminal_is_not_shown(sandbox_url: str) -> None:
    typist = Typist()

    typist.answer("Name of the environment [dev]:", "")
    typist.answer("sandbox):", sandbox_url)
    typist.answer("Its id:", "client-1")
    typist.answer("(not shown):", "hunter2")
    typist.wait_for("Next:")

    assert typist.end() == ExitCode.OK
    assert "hunter2" not in typist.seen + everything()
    assert written() == FILES
