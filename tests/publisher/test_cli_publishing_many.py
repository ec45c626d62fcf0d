"""`publisher publish` of many files: what is referred to first, some at a time, and what it says when some fail."""

import asyncio
import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from publisher.errors import ExitCode
from publisher.sandbox import FLOW_ID, Fault, FaultKind, SandboxSettings, WebhookApi
from tests.publisher.archy_makers import an_archy_flow_file
from tests.publisher.organization import BOTH, VERSIONS, Ended, Organization, Time, a_flow_file

pytestmark = pytest.mark.usefixtures("project")


def flow_files(**references: Sequence[str]) -> list[str]:
    """A file for each flow, which refers to these others: `main="hours"` is main.yaml with the flow `main`."""
    return [an_archy_flow_file(f"{name}.yaml", name, flows=flows) for name, flows in references.items()]


def fates(ended: Ended) -> dict[str, str]:
    """How it ended for each file."""
    return {result["file"]: result["result"] for result in ended.results()}


def in_order(ended: Ended) -> list[str]:
    """The files in the order in which they went live."""
    return [result["file"] for result in ended.results() if result["result"] == "published"]


class Busy(Organization):
    """An organization that counts the files that are under way at the same time."""

    under_way = 0
    most = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(0)
            return await super().handle_async_request(request)
        finally:
            self.under_way -= 1


def test_several_graph_files_share_one_token(organization: Organization, file: Path, project: Path) -> None:
    a_flow_file(project, file="hours.json", name="Opening Hours")

    ended = organization.run("publish", file, "hours.json")

    assert ended.code == ExitCode.OK
    assert fates(ended) == {"main.json": "published", "hours.json": "published"}
    assert len([call for call in organization.calls() if "oauth/token" in call]) == 1


@pytest.mark.parametrize(
    "given", list(itertools.permutations(["main.yaml", "hours.yaml", "common.yaml"])), ids="-".join
)
def test_what_is_referred_to_goes_first(given: Sequence[str], organization: Organization) -> None:
    flow_files(main=["hours"], hours=["common"], common=[])

    ended = organization.run("publish", *given)

    assert ended.code == ExitCode.OK
    assert in_order(ended) == ["common.yaml", "hours.yaml", "main.yaml"]


@pytest.mark.parametrize(
    "references",
    [{"main": ["main"]}, {"a": ["b"], "b": ["a"]}, {"a": ["b"], "b": ["c"], "c": ["a", "b"]}],
    ids=["itself", "each other", "a knot"],
)
def test_flows_that_refer_to_each_other_begin_with_stubs(
    references: dict[str, list[str]], organization: Organization
) -> None:
    ended = organization.run("publish", *flow_files(**references))

    flows = {flow.name: flow.published_id for flow in organization.sandbox.org.flows() if flow.name in references}
    assert ended.code == ExitCode.OK
    assert flows == dict.fromkeys(references, "1.0")


@pytest.mark.parametrize(("option", "most"), [(["--concurrency", "2"], 2), ([], 8)], ids=["given", "the default"])
def test_no_more_files_than_that_are_under_way(option: list[str], most: int) -> None:
    organization = Busy()
    files = flow_files(**{f"flow{number}": [] for number in range(20)})

    ended = organization.run("publish", *files, *option)

    assert ended.code == ExitCode.OK
    assert organization.most == most


def test_the_config_says_how_many_are_under_way() -> None:
    organization = Busy()
    Path("relay.yaml").write_text("{concurrency: 3, flows: [{files: 'flow*.yaml'}]}")
    flow_files(**{f"flow{number}": [] for number in range(9)})

    organization.run("publish", "--config", "relay.yaml")

    assert organization.most == 3


def test_very_many_flows_are_looked_for_in_one_list(organization: Organization) -> None:
    files = flow_files(**{f"flow{number}": [] for number in range(21)})

    organization.run("publish", *files)

    assert len([call for call in organization.calls() if call == "GET /api/v2/flows 200"]) == 1


def test_after_a_failure_the_other_files_are_published(organization: Organization, file: Path, project: Path) -> None:
    a_flow_file(project, file="hours.json", name="Opening Hours")
    organization.misbehave("invalid")

    ended = organization.run("publish", file, "hours.json")

    assert ended.code == ExitCode.PROBLEMS
    assert fates(ended) == {"main.json": "failed", "hours.json": "published"}
    assert "error: main.json: Version 2 (id 2.0) of flow" in ended.err
    assert "1 succeeded, 1 failed" in ended.err


def test_a_failure_is_a_result_for_machines(organization: Organization, file: Path, project: Path) -> None:
    a_flow_file(project, file="unknown.json", name="Unheard of")

    ended = organization.run("publish", file, "unknown.json")

    [failed] = [result for result in ended.results() if result["result"] == "failed"]
    assert ended.code == ExitCode.NOT_FOUND
    assert failed["error_code"] == "flow.not-found"
    assert failed["message"].startswith("unknown.json: there is no flow named 'Unheard of'.")


def test_a_file_that_refers_to_one_that_failed_is_not_tried(organization: Organization) -> None:
    files = flow_files(main=["hours"], hours=["common"], common=[], other=[])
    an_archy_flow_file("common.yaml", "common", queues=["Nowhere"])

    ended = organization.run("publish", *files)

    assert ended.code == ExitCode.PROBLEMS
    assert fates(ended) == {
        "common.yaml": "failed",
        "hours.yaml": "not_tried",
        "main.yaml": "not_tried",
        "other.yaml": "published",
    }
    assert "hours.yaml: not tried: it refers to what is in common.yaml, and that is not live." in ended.err
    assert "1 succeeded, 1 failed, 2 not tried, in " in ended.err
    assert ("create_version", "skipped", None) in ended.statuses()


def test_what_is_live_and_refers_to_what_is_not_is_told(organization: Organization) -> None:
    files = [an_archy_flow_file("a.yaml", "a", flows=["b"])]
    files += [an_archy_flow_file("b.yaml", "b", flows=["a"], queues=["Nowhere"])]

    ended = organization.run("publish", *files)

    assert ended.code == ExitCode.PROBLEMS
    assert "warning: a.yaml is live, but refers to what is in b.yaml, which is not" in ended.err


def test_failures_of_several_kinds_are_a_plain_failure(organization: Organization, file: Path, project: Path) -> None:
    a_flow_file(project, file="unknown.json", name="Unheard of")
    organization.misbehave("invalid")

    assert organization.run("publish", file, "unknown.json").code == ExitCode.FAILED


def test_a_failure_that_all_would_meet_ends_it(organization: Organization, file: Path, project: Path) -> None:
    a_flow_file(project, file="hours.json", name="Opening Hours")
    organization.add(Fault(kind=FaultKind.EXPIRED, times=None, on=f"POST {VERSIONS}"))

    ended = organization.run("publish", file, "hours.json", "--concurrency", "1")

    assert ended.code == ExitCode.NOT_ALLOWED
    assert fates(ended) == {"main.json": "failed", "hours.json": "not_tried"}
    assert ended.records()[-1]["message"] == "hours.json: not tried; the command ended before it"


def test_when_the_time_is_over_the_rest_is_not_tried(organization: Organization, file: Path, project: Path) -> None:
    a_flow_file(project, file="hours.json", name="Opening Hours")
    organization.time.stands_still = True

    ended = organization.run("publish", file, "hours.json", "--concurrency", "1", "--timeout", "0.2")

    assert ended.code == ExitCode.TIMED_OUT
    assert fates(ended) == {"main.json": "failed", "hours.json": "not_tried"}


def test_the_table_at_the_end_has_a_row_for_each_file(organization: Organization, file: Path, project: Path) -> None:
    a_flow_file(project, file="hours.json", name="Opening Hours")
    organization.misbehave("invalid")

    ended = organization.run("publish", file, "hours.json", "--concurrency", "1")

    table = [line.split() for line in ended.err.splitlines()]
    assert ["hours.json", "Opening", "Hours", "4.0", "live", "4.5"] in table
    assert ["File", "Flow", "Version", "Result", "Seconds"] in table
    assert any("FAILED: validation.failed" in line for line in ended.err.splitlines())


def test_the_table_at_the_end_breaks_no_file_name(organization: Organization, project: Path) -> None:
    folder = project / "flows/europe/customer-service"
    folder.mkdir(parents=True)
    a_flow_file(folder, file="hours.json", name="Opening Hours")
    a_flow_file(folder, name="Nobody knows")

    ended = organization.run("publish", "flows", is_terminal=True)

    lines = [line.rstrip() for line in ended.err.splitlines()]
    heading = next(at for at, line in enumerate(lines) if line.startswith("File "))
    assert lines[heading + 1 : heading + 5] == [
        "flows/europe/customer-service/hours.json  4.0      live",
        "    flow Opening Hours, seconds 4.5",
        "flows/europe/customer-service/main.json            FAILED: flow.not-found",
        "    flow Nobody knows",
    ]


def test_a_receiver_that_was_not_told_of_one_is_an_exit_code(file: Path, project: Path) -> None:
    a_flow_file(project, file="hours.json", name="Opening Hours")
    without = Organization(settings=SandboxSettings(webhook_api=WebhookApi.NONE))
    without.receiver = lambda request: httpx.Response(401 if FLOW_ID.encode() in request.content else 202)

    ended = without.run("publish", file, "hours.json", "--concurrency", "1", environ=BOTH)

    assert ended.code == ExitCode.LIVE_BUT
    assert [result["announced"] for result in ended.results()] == [False, True]


def test_the_registration_stands_before_any_of_them_is_published(organization: Organization) -> None:
    files = flow_files(**{f"flow{number}": [] for number in range(8)})

    organization.run("publish", *files, environ=BOTH)

    calls = organization.calls()
    assert calls.index("POST /api/v2/platform/webhooks 201") < calls.index("POST /api/v2/flows/jobs 200")
    assert calls.count("POST /api/v2/platform/webhooks 201") == 1


def test_a_required_registration_that_fails_stops_all(organization: Organization) -> None:
    organization.forbid("webhook:write")

    ended = organization.run("publish", *flow_files(a=[], b=[]), "--require-webhook", environ=BOTH)

    assert ended.code == ExitCode.FAILED
    assert fates(ended) == {"a.yaml": "failed", "b.yaml": "failed"}
    assert "POST /api/v2/flows/jobs 200" not in organization.calls()


def test_on_a_terminal_each_file_has_a_bar(organization: Organization) -> None:
    ended = organization.run("publish", *flow_files(main=[], hours=[]), is_terminal=True)

    assert ended.code == ExitCode.OK
    assert "all files" in ended.err
    assert "Version 1 (id 1.0) of flow 'main' is live." in ended.out


def test_the_bar_of_all_files_counts_those_that_ended_before_it(organization: Organization) -> None:
    main, hours = flow_files(main=[], hours=[])
    organization.run("publish", main, "--state", "state.json")

    ended = organization.run("publish", main, hours, "--state", "state.json", is_terminal=True)

    assert ("1/2" in ended.err, "0/2" in ended.err) == (True, False)


def test_without_a_terminal_each_line_names_its_file(organization: Organization) -> None:
    ended = organization.run("publish", *flow_files(main=[], hours=[]))

    assert "hours.yaml: Uploading the file …" in ended.err.splitlines()


def test_a_version_that_a_graph_file_made_is_live_beside_the_others(organization: Organization, file: Path) -> None:
    ended = organization.run("publish", file, *flow_files(main=[]))

    assert ended.code == ExitCode.OK
    assert organization.sandbox.org.flow(FLOW_ID).published_id == "2.0"


def test_the_organizations_limit_is_waited_out_and_shown() -> None:
    organization = Organization(settings=SandboxSettings(rate_per_minute=20))
    files = flow_files(**{f"flow{number}": [] for number in range(12)})

    ended = organization.run("publish", *files, "--timeout", "86400")

    assert ended.code == ExitCode.OK
    assert " s: the organization's limit (all the requests that it allows were made)" in ended.err
    assert " 429" not in " ".join(organization.calls())


def test_a_pause_of_a_minute_and_more_is_kept_by_all_and_shown_once(organization: Organization) -> None:
    organization.misbehave("limited", times=1, retry_after_s=75, on="POST /api/v2/flows/jobs")

    ended = organization.run("publish", *flow_files(**{f"flow{number}": [] for number in range(4)}))

    assert ended.code == ExitCode.OK
    assert ended.err.count("the organization's limit (too many requests)") == 1
    assert max(organization.time.slept_s) >= 75


class Interrupted(Time):
    """Ctrl-C is pressed when somebody sleeps for the third time."""

    async def sleep(self, delay_s: float) -> None:
        if len(self.slept_s) == 2:
            raise KeyboardInterrupt
        await super().sleep(delay_s)


def test_ctrl_c_says_what_is_so_for_each(organization: Organization) -> None:
    organization.time = Interrupted()

    ended = organization.run("publish", *flow_files(a=[], b=[], c=["b"]), "--concurrency", "2")

    said = ended.err.partition("error: stopped.\n")[2].splitlines()
    assert ended.code == ExitCode.INTERRUPTED
    assert said[0].endswith(" was handed a.yaml; whether it has put it live is not known.")
    assert said[1].endswith(" was handed b.yaml; whether it has put it live is not known.")
    assert said[2:4] == [
        "Nothing of 1 file was sent: c.yaml.",
        "Next: publisher publish --dry-run a.yaml b.yaml c.yaml   # says which version is live",
    ]


def test_credentials_that_fail_while_flows_are_looked_for_end_it(organization: Organization) -> None:
    organization.add(Fault(kind=FaultKind.EXPIRED, times=None, on="GET /api/v2/flows"))

    ended = organization.run("publish", *flow_files(a=[], b=[]), "--concurrency", "1")

    assert ended.code == ExitCode.NOT_ALLOWED
    assert fates(ended) == {"a.yaml": "failed", "b.yaml": "not_tried"}


class Unkept(Organization):
    """An organization beside which the folder of the state file goes away."""

    def take_away(self) -> None:
        shutil.rmtree("state", ignore_errors=True)
        Path("state").touch()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            self.take_away()
        return await super().handle_async_request(request)


def test_what_is_live_is_enough_for_those_that_refer_to_it() -> None:
    organization = Unkept()

    ended = organization.run("publish", *flow_files(main=["hours"], hours=[]), "--state", "state/prod.json")

    assert ended.code == ExitCode.LIVE_BUT
    assert {flow.name for flow in organization.sandbox.org.flows()} >= {"main", "hours"}
