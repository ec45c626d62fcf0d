"""What `publisher publish` looks up before it sends anything, and names that were changed."""

from pathlib import Path

import pytest

from publisher.errors import ExitCode
from publisher.sandbox import FLOW_ID, Fault, FaultKind, SandboxSettings
from publisher.sandbox.publishing import delete
from publisher.sandbox.records import ALEX
from publisher.sandbox.settings import SeedFlow
from tests.publisher.archy_makers import an_archy_flow_file
from tests.publisher.organization import Organization

pytestmark = pytest.mark.usefixtures("project")

RENAMED = "main.yaml:2:9: error: org.renamed"


def known_as(name: str) -> Organization:
    """An organization with the flow that the config has for main.yaml, under that name."""
    Path("config").mkdir()
    Path("config/publisher.yaml").write_text(f"flows:\n  - {{file: main.yaml, id: {FLOW_ID}}}\n")
    seeds = (SeedFlow(id=FLOW_ID, name=name), SeedFlow(id="other", name="Taken"))
    return Organization(settings=SandboxSettings(flows=seeds))


def test_a_file_that_names_what_is_not_there_is_not_sent(organization: Organization) -> None:
    ended = organization.run("publish", an_archy_flow_file("main.yaml", queues=["Sales", "Sales EU"]))

    assert ended.code == ExitCode.PROBLEMS
    assert "main.yaml:11:74: error: org.missing\n    Queue 'Sales EU' is not in the organization.\n" in ended.err
    assert "Hint: Did you mean 'Sales'?" in ended.err
    assert "error: main.yaml names 1 thing that is not in the organization; it was not sent." in ended.err
    assert not [call for call in organization.calls() if "/jobs" in call]
    assert [each["error_code"] for each in ended.results()] == ["org.missing"]


def test_the_other_files_go_on_unless_they_refer_to_it(organization: Organization) -> None:
    an_archy_flow_file("main.yaml", "Main", flows=["Sales Line"])
    an_archy_flow_file("sales.yaml", "Sales Line", queues=["Nowhere"])
    an_archy_flow_file("other.yaml", "Other", queues=["Support"])

    ended = organization.run("publish", "main.yaml", "sales.yaml", "other.yaml")

    assert {each["file"]: each["result"] for each in ended.results()} == {
        "main.yaml": "not_tried",
        "sales.yaml": "failed",
        "other.yaml": "published",
    }


def test_what_may_not_be_looked_up_is_a_warning() -> None:
    organization = Organization(settings=SandboxSettings(denied=("routing:queue:view",)))

    ended = organization.run("publish", an_archy_flow_file("main.yaml", queues=["Sales"]))

    assert ended.code == ExitCode.OK
    assert (
        "warning: whether 1 queue is in the organization could not be looked up: the OAuth client lacks"
        " routing:queue:view\n"
    ) in ended.err


def test_nothing_is_looked_up_where_that_is_not_wanted(organization: Organization) -> None:
    ended = organization.run("publish", an_archy_flow_file("main.yaml", queues=["Nowhere"]), "--no-preflight")

    assert ended.code == ExitCode.PROBLEMS
    assert "The queue 'Nowhere' does not exist in the organization. [server]" in ended.err
    assert not [call for call in organization.calls() if "/routing/queues" in call]


def test_an_organization_that_cannot_be_asked_ends_it(organization: Organization) -> None:
    organization.add(Fault(kind=FaultKind.ERROR, times=None, on="GET /api/v2/routing/queues", status=503))

    ended = organization.run("publish", an_archy_flow_file("main.yaml", queues=["Sales"]))

    assert ended.code == ExitCode.TRY_AGAIN
    assert not [call for call in organization.calls() if "/jobs" in call]


def test_a_dry_run_looks_it_up_too(organization: Organization) -> None:
    ended = organization.run("publish", an_archy_flow_file("main.yaml", queues=["Nowhere"]), "--dry-run")

    assert ended.code == ExitCode.PROBLEMS
    assert "Queue 'Nowhere' is not in the organization." in ended.err


def test_a_name_that_was_changed_is_refused() -> None:
    organization = known_as("Main Line")

    ended = organization.run("publish", an_archy_flow_file("main.yaml"))

    assert ended.code == ExitCode.PROBLEMS
    assert RENAMED in ended.err
    assert "error: main.yaml has another name than its flow; it was not sent." in ended.err
    assert [flow.name for flow in organization.sandbox.org.flows()] == ["Main Line", "Taken"]


def test_no_option_but_the_one_for_it_makes_a_second_flow() -> None:
    organization = known_as("Main Line")

    ended = organization.run("publish", an_archy_flow_file("main.yaml"), "--no-preflight")

    assert ended.code == ExitCode.PROBLEMS
    assert RENAMED in ended.err


def test_a_flow_can_be_renamed_and_keeps_its_id() -> None:
    organization = known_as("Main Line")

    ended = organization.run("publish", an_archy_flow_file("main.yaml"), "--rename")

    flow = organization.sandbox.org.flow(FLOW_ID)
    assert ended.code == ExitCode.OK
    assert (flow.name, flow.published_id) == ("Main", "2.0")
    assert len(organization.sandbox.org.flows()) == 2
    assert f"Flow {FLOW_ID} was named 'Main Line' and is named 'Main' now.\n" in ended.err
    assert ("rename", "success", None) in ended.statuses()


def test_a_job_that_fails_after_the_renaming_says_that_the_renaming_stands() -> None:
    organization = known_as("Main Line")
    file = an_archy_flow_file("main.yaml", queues=["Sales EU"])

    ended = organization.run("publish", file, "--rename", "--no-preflight")

    assert ended.code == ExitCode.PROBLEMS
    assert "main.yaml is not live. The renaming stands: flow 'Main' was named 'Main Line' before.\n" in ended.err
    assert organization.sandbox.org.flow(FLOW_ID).name == "Main"


def test_a_flow_of_the_right_name_is_not_renamed() -> None:
    organization = known_as("Main")

    ended = organization.run("publish", an_archy_flow_file("main.yaml"), "--rename")

    assert ended.code == ExitCode.OK
    assert not [call for call in organization.calls() if call.startswith("PUT /api")]


def test_a_name_that_another_flow_has_cannot_be_given() -> None:
    organization = known_as("Main Line")

    ended = organization.run("publish", an_archy_flow_file("main.yaml", "Taken"), "--rename")

    assert ended.code == ExitCode.CONFLICT
    assert "There is a flow named 'Taken' of the type INBOUNDCALL." in ended.err
    assert organization.sandbox.org.flow(FLOW_ID).name == "Main Line"


def test_a_dry_run_says_that_a_flow_would_be_renamed() -> None:
    organization = known_as("Main Line")

    ended = organization.run("publish", an_archy_flow_file("main.yaml"), "--dry-run", "--rename")

    assert (
        f"would publish flow 'Main Line' (id {FLOW_ID}, live now: version 1.0), named 'Main' from then on," in ended.err
    )
    assert organization.sandbox.org.flow(FLOW_ID).name == "Main Line"


STATE = ("--state", "state.json")


def test_the_ledger_knows_which_flow_a_file_was_for(organization: Organization) -> None:
    (first,) = organization.run("publish", an_archy_flow_file("main.yaml", "Main"), *STATE).results()
    an_archy_flow_file("main.yaml", "Main Line")

    refused = organization.run("publish", "main.yaml", *STATE)
    ended = organization.run("publish", "main.yaml", "--rename", *STATE)

    assert (refused.code, ended.code) == (ExitCode.PROBLEMS, ExitCode.OK)
    assert ended.results()[0]["flow_id"] == first["flow_id"]
    assert organization.sandbox.org.flow(first["flow_id"]).name == "Main Line"


def test_files_that_have_changed_their_places_are_no_new_names(organization: Organization) -> None:
    organization.run("publish", an_archy_flow_file("main.yaml", "Main"), *STATE)
    an_archy_flow_file("moved.yaml", "Main")
    an_archy_flow_file("main.yaml", "Another")

    ended = organization.run("publish", "main.yaml", "moved.yaml", *STATE)

    assert ended.code == ExitCode.OK
    assert {flow.name for flow in organization.sandbox.org.flows()} > {"Main", "Another"}


def test_a_flow_that_is_gone_is_made_anew(organization: Organization) -> None:
    (first,) = organization.run("publish", an_archy_flow_file("main.yaml", "Main"), *STATE).results()
    delete(organization.sandbox, first["flow_id"], by=ALEX)

    ended = organization.run("publish", an_archy_flow_file("main.yaml", "Main Line"), *STATE)

    assert ended.code == ExitCode.OK
    assert ended.results()[0]["flow_id"] != first["flow_id"]
