"""`publisher rollback` and `publisher unblock`."""

import json
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from publisher.errors import ExitCode
from publisher.sandbox import FLOW_ID, FLOW_NAME
from publisher.sandbox.publishing import edit
from publisher.sandbox.records import ALEX
from tests.publisher.ledger.histories import a_note, a_publication, a_told_flow, telling
from tests.publisher.organization import BOTH, PUBLISH, Organization, a_flow_file

WITH_TOKEN: Mapping[str, str] = {**BOTH, "RELAY_TOKEN": "relay-t0ken", "USER": "kim"}
STATE = ("--state", "state.json")
WHY = ("--reason", "callers hear silence")


@pytest.fixture
def published(organization: Organization, file: Path) -> Path:
    """Versions 2.0 and 3.0, both ours; 3.0 is live."""
    organization.run("publish", file, "--on-drift", "overwrite", *STATE)
    organization.time.now = organization.time.now.replace(hour=13)
    a_flow_file(Path(), types=("trigger", "say", "say", "disconnect"))
    ended = organization.run("publish", file, *STATE)
    assert ended.code == ExitCode.OK, ended.err
    return file


def live(organization: Organization) -> str | None:
    return organization.sandbox.org.flow(FLOW_ID).published_id


def entries() -> list[dict[str, str]]:
    state: dict[str, list[dict[str, str]]] = json.loads(Path("state.json").read_text())["flows"][FLOW_ID]
    return state["entries"]


@pytest.mark.usefixtures("published")
def test_the_version_before_is_live_again(organization: Organization) -> None:
    ended = organization.run("rollback", FLOW_NAME, *WHY, *STATE)

    assert ended.code == ExitCode.OK
    assert live(organization) == "2.0"
    assert ended.results() == [
        {
            "result": "rolled_back",
            "flow_id": FLOW_ID,
            "flow_name": FLOW_NAME,
            "version_id": "2.0",
            "version_number": 2,
            "rolled_back_from": "3.0",
            "reason": "callers hear silence",
            "announced": None,
            "governance_id": ended.records()[0]["governance_id"],
        }
    ]
    assert [action for action, _, _ in ended.statuses()] == ["authenticate", "publish", "verify", "rollback"]
    assert ended.records()[-1]["message"] == "3.0 -> 2.0: callers hear silence"
    newest = entries()[0]
    assert (newest["version_id"], newest["deed"], newest["reason"]) == ("2.0", "rolled_back", "callers hear silence")


def test_a_second_time_it_goes_further_back(organization: Organization, published: Path) -> None:
    organization.run("rollback", published, *WHY, *STATE)

    ended = organization.run("rollback", published, *WHY, *STATE)

    assert ended.code == ExitCode.OK
    assert live(organization) == "1.0"


def test_what_was_rolled_back_to_is_unchanged_for_its_file(organization: Organization, published: Path) -> None:
    organization.run("rollback", published, *WHY, *STATE)
    a_flow_file(Path())

    ended = organization.run("publish", published, *STATE)

    assert [line["result"] for line in ended.results()] == ["unchanged"]


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(("to", "version"), [("1", "1.0"), ("1.0", "1.0"), ("previous", "2.0")])
def test_a_dry_run_says_what_it_would_be(organization: Organization, to: str, version: str) -> None:
    ended = organization.run("rollback", FLOW_ID, "--to", to, "--dry-run", "--block", *WHY, *STATE)

    assert ended.code == ExitCode.OK
    assert ended.results()[0]["would"] == [
        f"roll back '{FLOW_NAME}' from 3.0 to {version}",
        "block the content of 3.0",
    ]
    assert live(organization) == "3.0"


def test_a_version_that_never_was_live_is_not_called_live_again(organization: Organization, published: Path) -> None:
    organization.run("publish", published, "--no-publish", "--force", *STATE)

    dry = organization.run("rollback", FLOW_ID, "--to", "4.0", "--dry-run", *WHY, *STATE)
    done = organization.run("rollback", FLOW_ID, "--to", "4.0", *WHY, *STATE)
    back = organization.run("rollback", FLOW_ID, "--to", "3.0", *WHY, *STATE)

    assert f"would put 4.0 of '{FLOW_NAME}' live, which is not known to have been before, in place of 3.0" in dry.err
    assert f"4.0 of flow '{FLOW_NAME}' is live, in place of 3.0." in done.err
    assert f"3.0 of flow '{FLOW_NAME}' is live again, in place of 4.0." in back.err


@pytest.mark.usefixtures("published")
def test_what_is_live_already_is_left_alone(organization: Organization) -> None:
    ended = organization.run("rollback", FLOW_ID, "--to", "3.0", *WHY, *STATE)

    assert (ended.code, ended.results()[0]["result"]) == (ExitCode.OK, "unchanged")
    assert "3.0 is live already; there is nothing to do." in ended.err


def test_the_receiver_says_which_version_is_good_and_hears_of_it(organization: Organization, published: Path) -> None:
    ours = {"content_hash": "sha256:a", "commit": "c0ffee", "file": "main.json"}
    told = a_told_flow(
        a_publication("3.0"), a_publication("1.0", provenance=ours), good={"version_id": "1.0"}, flow_id=FLOW_ID
    )
    organization.history = telling(told)

    ended = organization.run("rollback", published, "--to", "good", *WHY, environ=WITH_TOKEN)

    assert ended.code == ExitCode.OK
    assert live(organization) == "1.0"
    announced = [event for event in organization.told if "provenance" in event]
    assert [event["event"] for event in announced] == ["flow.version.publishing", "flow.version.published"]
    assert announced[1]["data"]["versionId"] == "1.0"
    governance_id = ended.records()[0]["governance_id"]
    assert announced[1]["provenance"] == ours | {
        "reason": "callers hear silence",
        "actor": "kim",
        "governance_id": governance_id,
    }


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("to", "environ", "code", "told"),
    [
        ("good", BOTH, ExitCode.USAGE, "--to good asks the receiver which version went well"),
        ("good", WITH_TOKEN, ExitCode.NOT_FOUND, "knows of no version of flow 'Automated IVR Flow v2' after which all"),
        ("9.0", BOTH, ExitCode.NOT_FOUND, "has no version '9.0'; it has 3.0, 2.0, 1.0."),
    ],
)
def test_a_version_that_cannot_be_told_is_not_gone_back_to(
    organization: Organization, to: str, environ: Mapping[str, str], code: ExitCode, told: str
) -> None:
    ended = organization.run("rollback", FLOW_ID, "--to", to, *WHY, environ=environ)

    assert ended.code == code
    assert told in ended.err
    assert live(organization) == "3.0"


def test_the_first_version_has_none_before_it(organization: Organization, project: Path) -> None:
    ended = organization.run("rollback", FLOW_ID, *WHY)

    assert ended.code == ExitCode.NOT_FOUND
    assert "no other version is known to have been live before 1.0. Name one with --to" in ended.err
    assert project.exists()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Missing option '--reason'"),
        (("--reason", " "), "--reason is empty"),
        ((*WHY, "--block"), "To block content, flow-relay has to know what it has published: give --state FILE"),
        ((*WHY, "--force-unlock"), "nobody is there to be asked"),
    ],
)
def test_wrong_use_changes_nothing(organization: Organization, arguments: tuple[str, ...], told: str) -> None:
    ended = organization.run("rollback", FLOW_ID, *arguments)

    assert ended.code == ExitCode.USAGE
    assert told in ended.err
    assert organization.calls() == []


def test_blocked_content_is_not_published_again_until_it_is_unblocked(
    organization: Organization, published: Path
) -> None:
    rolled_back = organization.run("rollback", published, "--block", *WHY, *STATE)
    refused = organization.run("publish", published, "--force", *STATE)
    forward = organization.run("rollback", published, "--to", "3.0", *WHY, *STATE)
    unblocked = organization.run("unblock", FLOW_NAME, *STATE)
    again = organization.run("publish", published, *STATE)

    assert "The content of 3.0 is blocked." in rolled_back.err
    assert (refused.code, "this content was blocked" in refused.err) == (ExitCode.CONFLICT, True)
    assert (forward.code, "The content of 3.0 is blocked; choose" in forward.err) == (ExitCode.CONFLICT, True)
    assert [line["result"] for line in unblocked.results()] == ["unblocked"]
    assert (again.code, live(organization)) == (ExitCode.OK, "4.0")


@pytest.mark.usefixtures("published")
def test_content_that_nobody_knows_cannot_be_blocked(organization: Organization) -> None:
    edit(organization.sandbox, FLOW_ID, by=ALEX)

    ended = organization.run("rollback", FLOW_ID, "--block", *WHY, *STATE)

    assert ended.code == ExitCode.LIVE_BUT
    assert "warning: nothing was blocked: state.json does not tell what 4.0 was made from" in ended.err
    assert live(organization) == "3.0"


def test_a_receiver_that_does_not_take_the_block_is_a_warning(organization: Organization, published: Path) -> None:
    organization.history = telling(a_told_flow(a_publication("3.0"), flow_id=FLOW_ID))
    organization.receiver = lambda request: httpx.Response(400 if b"flow.content.blocked" in request.content else 202)

    ended = organization.run("rollback", published, "--block", *WHY, environ=WITH_TOKEN)

    assert ended.code == ExitCode.LIVE_BUT
    assert "warning: nothing was blocked: The receiver answered 400." in ended.err


def test_a_protected_environment_asks_with_the_versions(organization: Organization, published: Path) -> None:
    lab = {"api_url": "http://org.test", "protected": True}
    Path("config").mkdir()
    Path("config/environments.yaml").write_text(json.dumps({"environments": {"lab": lab}}))

    silent = organization.run("rollback", published, *WHY, *STATE)
    asked = organization.run("rollback", published, *WHY, *STATE, is_terminal=True, answers=["lab"])

    assert (silent.code, "Give --yes to roll back" in silent.err) == (ExitCode.USAGE, True)
    assert f"lab is protected. To roll back '{FLOW_NAME}' from 3.0 to 2.0, type its name" in asked.err
    assert (asked.code, live(organization)) == (ExitCode.OK, "2.0")


def test_a_publish_action_without_effect_is_told(organization: Organization, published: Path) -> None:
    organization.misbehave("no-effect")

    ended = organization.run("rollback", published, *WHY, *STATE)

    assert ended.code == ExitCode.FAILED
    assert ("rollback", "failed", "publish.no-effect") in ended.statuses()
    assert live(organization) == "3.0"


def test_a_lost_answer_says_what_is_not_known(organization: Organization, published: Path) -> None:
    organization.misbehave("lost-answer", on=PUBLISH)

    ended = organization.run("rollback", published, *WHY, *STATE)

    assert ended.code == ExitCode.TRY_AGAIN
    assert f"Next: publisher versions {FLOW_ID} --state state.json   # says which version is live" in ended.err


def test_a_locked_flow_can_be_unlocked_by_somebody_at_the_terminal(organization: Organization, published: Path) -> None:
    organization.sandbox.org.lock(FLOW_ID, by=ALEX, draft=True)

    refused = organization.run("rollback", published, *WHY, *STATE)
    kept = organization.run("rollback", published, "--force-unlock", *WHY, *STATE, is_terminal=True, answers=["no"])
    done = organization.run(
        "rollback", published, "--force-unlock", *WHY, *STATE, is_terminal=True, answers=[FLOW_NAME]
    )

    assert (refused.code, "is locked by Alex Architect" in refused.err) == (ExitCode.CONFLICT, True)
    assert kept.code == ExitCode.CONFLICT
    assert (done.code, live(organization)) == (ExitCode.OK, "2.0")


@pytest.mark.parametrize("what", [FLOW_ID, "sha256:0a11beef", "0a11beef", "Main IVR"])
@pytest.mark.usefixtures("project")
def test_the_receiver_is_told_what_is_unblocked(organization: Organization, what: str) -> None:
    blocked = [a_note(content_hash="sha256:0a11beef00"), a_note(content_hash="sha256:0b22")][: 1 + (what == FLOW_ID)]
    organization.history = telling(a_told_flow(blocked=blocked, flow_id=FLOW_ID))

    ended = organization.run("unblock", what, environ=WITH_TOKEN)

    assert ended.code == ExitCode.OK
    assert [event["event"] for event in organization.told] == ["flow.content.unblocked"] * len(blocked)
    assert organization.told[0]["provenance"]["content_hash"] == "sha256:0a11beef00"
    assert organization.told[0]["data"]["flowId"] == FLOW_ID


@pytest.mark.usefixtures("published")
def test_unblocking_can_be_tried_first(organization: Organization) -> None:
    organization.run("rollback", FLOW_ID, "--block", *WHY, *STATE)
    before = Path("state.json").read_text()

    ended = organization.run("unblock", FLOW_ID, "--dry-run", *STATE)

    assert [line["result"] for line in ended.results()] == ["dry_run"]
    assert Path("state.json").read_text() == before


@pytest.mark.usefixtures("project")
def test_where_nothing_is_blocked_nothing_is_unblocked(organization: Organization) -> None:
    ended = organization.run("unblock", "0a11beef", *STATE)

    assert ended.code == ExitCode.NOT_FOUND
    assert "Nothing of '0a11beef' is blocked." in ended.err


@pytest.mark.usefixtures("project")
def test_without_the_secret_the_receiver_cannot_be_told(organization: Organization) -> None:
    organization.history = telling(a_told_flow(blocked=[a_note(content_hash="sha256:0a11beef00")], flow_id=FLOW_ID))
    environ = {name: value for name, value in WITH_TOKEN.items() if name != "CI_WEBHOOK_SECRET"}

    ended = organization.run("unblock", FLOW_ID, environ=environ)

    assert ended.code == ExitCode.USAGE
    assert "CI_WEBHOOK_SECRET (or the variable in receiver.secret) is not set" in ended.err


def test_a_receiver_that_is_away_does_not_stand_in_the_way(organization: Organization, published: Path) -> None:
    organization.history = lambda _: httpx.Response(503)

    ended = organization.run("rollback", published, "--block", *WHY, environ=WITH_TOKEN)

    assert (ended.code, live(organization)) == (ExitCode.LIVE_BUT, "2.0")
    assert "it answered 503. It is rolled back without." in ended.err
    assert "nothing was blocked: the receiver's history does not tell what 3.0 was made from" in ended.err
    assert [event for event in organization.told if "provenance" in event] == []
