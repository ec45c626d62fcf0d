"""`publisher publish` of flows that somebody is editing."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from publisher.errors import ExitCode
from publisher.sandbox import FLOW_ID, FLOW_NAME, Fault, FaultKind
from publisher.sandbox.publishing import edit
from publisher.sandbox.records import ALEX, Actor
from tests.publisher.archy_makers import an_archy_flow_file
from tests.publisher.organization import API_URL, NOON, Organization, a_flow_file

pytestmark = pytest.mark.usefixtures("project")

HELD = f"flow '{FLOW_NAME}' is locked by Alex Architect since 2026-05-04 12:00 UTC"
BY_US = Actor.client("client-1")


def the_archy_file() -> str:
    return an_archy_flow_file("main.yaml", FLOW_NAME)


def lock(organization: Organization, *, draft: bool = False, by: Actor = ALEX) -> None:
    organization.sandbox.org.lock(FLOW_ID, by=by, draft=draft)


def live(organization: Organization) -> str | None:
    return organization.sandbox.org.flow(FLOW_ID).published_id


@dataclass
class Released(Organization):
    """An organization in which whoever holds the lock gives it back after a while, and perhaps publishes first."""

    after_s: float = 95
    publishes: bool = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        is_over = self.time.now >= NOON + timedelta(seconds=self.after_s)
        if is_over and self.sandbox.org.flow(FLOW_ID).lock is not None:
            self.sandbox.org.release(FLOW_ID, by=ALEX)
            _ = edit(self.sandbox, FLOW_ID, by=ALEX) if self.publishes else None
        return await super().handle_async_request(request)


def test_a_locked_flow_is_not_tried_and_the_holder_is_named(organization: Organization) -> None:
    lock(organization, draft=True)
    organization.time.now += timedelta(hours=2, minutes=5)

    ended = organization.run("publish", the_archy_file())

    assert ended.code == ExitCode.CONFLICT
    assert f"F{HELD[1:]} (2 h 5 min), with a draft saved at 2026-05-04 12:00 UTC." in ended.err
    assert ended.statuses()[-1] == ("create_version", "failed", "flow.locked")
    assert not any("/flows/jobs" in call for call in organization.calls())


def test_of_a_graph_file_the_holder_is_named_too(organization: Organization, project: Path) -> None:
    a_flow_file(project)
    lock(organization)

    ended = organization.run("publish", "main.json")

    assert ended.code == ExitCode.CONFLICT
    assert f"F{HELD[1:]} (0 s). `--wait-for-lock 10m` waits for it" in ended.err
    assert ended.statuses()[-1] == ("create_version", "failed", "http.409")


def test_our_own_lock_is_no_obstacle(organization: Organization) -> None:
    lock(organization, by=BY_US)

    assert organization.run("publish", the_archy_file()).code == ExitCode.OK


@pytest.mark.parametrize("kind", ["graph", "archy"])
def test_a_lock_that_is_given_back_in_time_is_waited_for(kind: str, project: Path) -> None:
    organization = Released()
    lock(organization)
    a_flow_file(project)

    ended = organization.run(
        "publish", {"graph": "main.json", "archy": the_archy_file()}[kind], "--wait-for-lock", "5m"
    )

    assert ended.code == ExitCode.OK
    assert f"{HELD} (0 s); waiting up to 5 min for it" in ended.err
    assert live(organization) == "2.0"


def test_a_lock_that_stays_ends_it_when_the_wait_is_over(organization: Organization) -> None:
    lock(organization)

    ended = organization.run("publish", the_archy_file(), "--wait-for-lock", "25s")

    assert ended.code == ExitCode.CONFLICT
    assert organization.time.slept_s == [10, 10, 5]
    assert "(25 s)" in ended.err
    assert live(organization) == "1.0"


@pytest.mark.parametrize(
    ("option", "slept_s"), [([], [10, 10]), (["--wait-for-lock", "0"], [])], ids=["as it says", "0"]
)
def test_the_environment_says_how_long_to_wait(option: list[str], slept_s: list[int]) -> None:
    organization = Organization()
    lock(organization)
    Path("config").mkdir()
    place = f"{{api_url: '{API_URL}', on_lock: {{wait: 20s}}}}"
    Path("config/environments.yaml").write_text(f"environments: {{dev: {place}}}")

    ended = organization.run("publish", the_archy_file(), *option)

    assert ended.code == ExitCode.CONFLICT
    assert organization.time.slept_s == slept_s


def test_the_time_of_the_whole_command_ends_the_wait_too(organization: Organization) -> None:
    lock(organization)
    organization.time.stands_still = True

    ended = organization.run("publish", the_archy_file(), "--wait-for-lock", "10m", "--timeout", "0.2")

    assert ended.code == ExitCode.TIMED_OUT
    assert "waiting for the lock was not done within the 0.2 s" in ended.err


def test_a_lock_that_comes_between_is_told_by_the_job(organization: Organization) -> None:
    message = f"The flow '{FLOW_NAME}' is locked by another entity. You can use the --forceUnlock option."
    organization.misbehave("job-failed", messages=[message])

    ended = organization.run("publish", the_archy_file())

    assert ended.code == ExitCode.CONFLICT
    assert message in ended.err
    assert ended.statuses()[-1] == ("publish", "failed", "flow.locked")


def test_on_a_terminal_a_lock_can_be_taken_away(organization: Organization) -> None:
    lock(organization, draft=True)

    ended = organization.run("publish", the_archy_file(), "--force-unlock", is_terminal=True, answers=[FLOW_NAME])

    assert ended.code == ExitCode.OK
    assert "Unlocking it publishes what Alex Architect has saved, before anything of yours goes live." in ended.err
    assert f"flow '{FLOW_NAME}' was unlocked; what Alex Architect had saved is a version of it now" in ended.err
    assert live(organization) == "3.0"


def test_whoever_does_not_agree_keeps_the_lock(organization: Organization) -> None:
    lock(organization)
    files = [the_archy_file(), an_archy_flow_file("other.yaml", "Other")]

    ended = organization.run("publish", *files, "--force-unlock", is_terminal=True, answers=["no"])

    assert ended.code == ExitCode.CONFLICT
    assert "main.yaml: Nobody agreed to unlock it" in ended.err
    assert live(organization) == "1.0"
    assert organization.sandbox.org.flow_named("Other", "INBOUNDCALL") is not None


def test_without_an_answer_nothing_is_sent(organization: Organization) -> None:
    lock(organization)

    ended = organization.run("publish", the_archy_file(), "--force-unlock", is_terminal=True)

    assert ended.code == ExitCode.FAILED
    assert "No answer came; nothing was done." in ended.err


def test_a_flow_that_is_free_is_not_asked_about(organization: Organization) -> None:
    ended = organization.run("publish", the_archy_file(), "--force-unlock", is_terminal=True)

    assert ended.code == ExitCode.OK


def test_without_a_terminal_no_lock_is_taken_away(organization: Organization) -> None:
    ended = organization.run("publish", the_archy_file(), "--force-unlock")

    assert ended.code == ExitCode.USAGE
    assert "--force-unlock publishes the draft of whoever holds the lock" in ended.err
    assert organization.calls() == []


@pytest.mark.parametrize("given", ["10", "soon", "-1s"])
def test_an_odd_wait_is_wrong_use(given: str, organization: Organization) -> None:
    ended = organization.run("publish", the_archy_file(), f"--wait-for-lock={given}")

    assert ended.code == ExitCode.USAGE
    assert f"--wait-for-lock is {given!r}; give a number with s, m, h or d" in ended.err


def test_a_history_that_cannot_be_seen_does_not_hide_the_holder(organization: Organization) -> None:
    lock(organization)
    organization.misbehave("error", times="always", on="POST /api/v2/flows/*/history", status=501)

    ended = organization.run("publish", the_archy_file())

    assert ended.code == ExitCode.CONFLICT
    assert "is locked by Alex Architect. `--wait-for-lock" in ended.err


def test_what_the_holder_published_meanwhile_is_not_published_over(project: Path) -> None:
    organization = Released(publishes=True)
    organization.run("publish", the_archy_file(), "--state", "state.json", "--on-drift", "overwrite")
    lock(organization)
    an_archy_flow_file("main.yaml", FLOW_NAME, queues=["Sales"])

    ended = organization.run("publish", "main.yaml", "--state", "state.json", "--wait-for-lock", "5m")

    assert ended.code == ExitCode.CONFLICT
    assert "While this was under way, 3.0 by Alex Architect went live in place of 2.0" in ended.err
    assert ended.statuses()[-1] == ("create_version", "failed", "publish.overtaken")
    assert live(organization) == "3.0"


def test_a_holder_who_cannot_be_asked_for_is_known_from_before(organization: Organization) -> None:
    lock(organization)
    files = [the_archy_file(), an_archy_flow_file("other.yaml", "Other")]  # found together, then looked at
    organization.misbehave("error", times="always", on=f"GET /api/v2/flows/{FLOW_ID}", status=501)

    ended = organization.run("publish", *files)

    assert "Flow 'Automated IVR Flow v2' is locked by Alex Architect. `--wait-for-lock" in ended.err


def test_a_refusal_for_a_lock_that_nobody_seems_to_hold_is_told_as_it_is(
    organization: Organization, project: Path
) -> None:
    a_flow_file(project)
    organization.add(Fault(kind=FaultKind.LOCKED, times=1, on="POST /api/v2/flows/actions/publish"))

    ended = organization.run("publish", "main.json", "--wait-for-lock", "20s")

    assert ended.code == ExitCode.OK
    assert f"flow '{FLOW_NAME}' is locked" in ended.err


def test_while_one_file_waits_for_a_lock_the_others_go_on() -> None:
    organization = Released()
    lock(organization)
    files = [the_archy_file(), *(an_archy_flow_file(f"{name}.yaml", name) for name in ("one", "two", "three"))]

    ended = organization.run("publish", *files, "--wait-for-lock", "5m", "--concurrency", "1")

    assert ended.code == ExitCode.OK
    assert [result["file"] for result in ended.results()] == ["one.yaml", "two.yaml", "three.yaml", "main.yaml"]
