"""`publisher webhook` against the sandbox, without a socket."""

from pathlib import Path

import pytest

from publisher.errors import ExitCode
from publisher.registration import NAME
from publisher.sandbox import SandboxSettings, WebhookApi
from tests.publisher.organization import BOTH, CREDENTIALS, WEBHOOK_SECRET, WEBHOOK_URL, Organization

pytestmark = pytest.mark.usefixtures("project")

MOVED = {**BOTH, "CI_WEBHOOK_URL": "http://elsewhere.test/webhooks/genesys"}


def created_only() -> Organization:
    return Organization(settings=SandboxSettings(webhook_api=WebhookApi.CREATE_ONLY))


def test_ensure_registers_the_webhook(organization: Organization) -> None:
    ended = organization.run("webhook", "ensure", environ=BOTH)

    assert ended.code == ExitCode.OK
    assert ended.err.splitlines()[-1] == f"The webhook {NAME!r} is synchronized: registered."
    result = ended.results()[0]
    assert (result["result"], result["endpoint_url"]) == ("created", WEBHOOK_URL)


def test_ensure_twice_leaves_one(organization: Organization) -> None:
    organization.run("webhook", "ensure", environ=BOTH)
    ended = organization.run("webhook", "ensure", environ=BOTH)

    assert ended.results()[0]["result"] == "unchanged"
    assert len(organization.sandbox.org.registrations()) == 1


@pytest.mark.parametrize(
    ("environ", "differences"),
    [(MOVED, ["URL"]), ({**BOTH, "CI_WEBHOOK_SECRET": "another"}, ["secret"])],
    ids=["URL", "secret"],
)
def test_ensure_updates_what_differs(
    environ: dict[str, str], differences: list[str], organization: Organization
) -> None:
    organization.run("webhook", "ensure", environ=BOTH)
    ended = organization.run("webhook", "ensure", environ=environ)

    assert (ended.results()[0]["result"], ended.results()[0]["differences"]) == ("updated", differences)
    assert len(organization.sandbox.org.registrations()) == 1


def test_ensure_as_a_dry_run_changes_nothing(organization: Organization) -> None:
    ended = organization.run("webhook", "ensure", "--dry-run", environ=BOTH)

    assert ended.results()[0] == {"result": "dry_run", "change": "created", "differences": []}
    assert organization.sandbox.org.registrations() == []


def test_ensure_creates_plainly_where_there_is_no_list() -> None:
    assert created_only().run("webhook", "ensure", environ=BOTH).code == ExitCode.OK


def test_ensure_needs_url_and_secret(organization: Organization) -> None:
    ended = organization.run("webhook", "ensure")

    assert ended.code == ExitCode.USAGE
    assert [line.partition(":")[0] for line in ended.err.removeprefix("error: ").splitlines()] == [
        "CI_WEBHOOK_URL is not set",
        "CI_WEBHOOK_SECRET is not set",
    ]


def test_list_shows_every_registration_without_its_secret(organization: Organization) -> None:
    organization.run("webhook", "ensure", environ=BOTH)
    ended = organization.run("webhook", "list")

    [line] = ended.lines()
    assert (line["name"], line["events"]) == (NAME, ["flow.version.published"])
    assert WEBHOOK_SECRET not in ended.out + ended.err


def test_list_on_a_terminal_is_for_people(organization: Organization) -> None:
    organization.run("webhook", "ensure", environ=BOTH)
    ended = organization.run("webhook", "list", is_terminal=True)

    assert ended.out.endswith(f"  {NAME}  flow.version.published → {WEBHOOK_URL}\n")


def test_an_empty_list_says_what_to_do(organization: Organization) -> None:
    ended = organization.run("webhook", "list")

    assert (ended.code, ended.out) == (ExitCode.OK, "")
    assert "publisher webhook ensure" in ended.err


def test_list_where_there_is_none_says_so() -> None:
    ended = created_only().run("webhook", "list")

    assert ended.code == ExitCode.FAILED
    assert "does not list webhook registrations" in ended.err


def test_delete_removes_ours(organization: Organization) -> None:
    organization.run("webhook", "ensure", environ=BOTH)
    ended = organization.run("webhook", "delete")

    assert ended.code == ExitCode.OK
    assert organization.sandbox.org.registrations() == []


def test_delete_removes_the_ones_that_are_named(organization: Organization) -> None:
    organization.run("webhook", "ensure", environ=BOTH)
    [there] = organization.sandbox.org.registrations()
    ended = organization.run("webhook", "delete", there.id)

    assert ended.results() == [{"result": "deleted", "id": there.id}]


def test_delete_as_a_dry_run_removes_nothing(organization: Organization) -> None:
    organization.run("webhook", "ensure", environ=BOTH)
    ended = organization.run("webhook", "delete", "--dry-run")

    assert "would delete the webhook registration" in ended.err
    assert len(organization.sandbox.org.registrations()) == 1


@pytest.mark.parametrize("arguments", [[], ["no-such-id"]], ids=["ours", "by id"])
def test_delete_of_what_is_not_there_is_told(arguments: list[str], organization: Organization) -> None:
    ended = organization.run("webhook", "delete", *arguments)

    assert ended.code == ExitCode.NOT_FOUND
    assert "There is no webhook registration" in ended.err


@pytest.mark.parametrize("command", ["ensure", "list", "delete"])
def test_a_client_that_may_not_is_told(command: str, organization: Organization) -> None:
    organization.forbid("webhook:write")

    ended = organization.run("webhook", command, environ=BOTH)

    assert ended.code == ExitCode.NOT_ALLOWED
    assert "webhook:write" in ended.err


@pytest.mark.parametrize("command", ["ensure", "list", "delete"])
def test_every_command_ends_when_its_time_is_over(command: str, organization: Organization) -> None:
    organization.time.stands_still = True
    organization.misbehave("slow", delay_s=60)

    ended = organization.run("webhook", command, "--timeout", "0.2", environ=BOTH)

    assert ended.code == ExitCode.TIMED_OUT


def test_a_config_with_faults_is_told_with_places(organization: Organization) -> None:
    Path("publisher.yaml").write_text("receivr: 1\n")

    ended = organization.run("webhook", "list", "--config", "publisher.yaml", environ=CREDENTIALS)

    assert ended.code == ExitCode.USAGE
    assert "publisher.yaml:1:1: there is no key 'receivr' here. Did you mean 'receiver'?" in ended.err


def test_where_webhooks_are_not_listed_it_says_that_older_ones_stay() -> None:
    ended = created_only().run("webhook", "ensure", environ=BOTH)

    assert ended.err.splitlines()[-1] == (
        f"The webhook {NAME!r} is synchronized: registered; this host does not list its webhooks, so any that was"
        " registered before is there beside it."
    )
