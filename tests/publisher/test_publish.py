"""The rules of publishing: how often the server is asked, what its answers mean, what can be said on the way."""

from itertools import pairwise

import pytest

from publisher.genesys.model import Flow, FlowVersion, Operation, Validation
from publisher.publish.by_version import MOST_POLLS, poll_delays_s, server_problems
from publisher.publish.going_live import has_failed
from publisher.trail import Stage, Trail, next_command, version_name

FLOW = Flow(id="flow-1", name="Main")


def a_version(*, id_: str = "4.0", number: int | None = 4, errors: tuple[str, ...] = ()) -> FlowVersion:
    return FlowVersion(id=id_, number=number, validation=Validation(status="failed", errors=errors))


def a_trail(stage: Stage, *, flow_id: str | None = None) -> Trail:
    return Trail(file="main.json", flow_id=flow_id, stage=stage, flow=FLOW, version=a_version(), job_id="job-1")


def test_the_server_is_asked_every_2_seconds_growing_to_5_at_most_60_times() -> None:
    delays = list(poll_delays_s())

    assert (delays[0], delays[-1], len(delays), MOST_POLLS) == (2.0, 5.0, 60, 60)
    assert all(earlier <= later for earlier, later in pairwise(delays))


def test_every_error_of_the_server_is_a_line() -> None:
    text = server_problems("main.json", FLOW, a_version(errors=("no prompt", "no skill")))

    assert text.splitlines() == [
        "Version 4 (id 4.0) of flow 'Main' did not pass the server's validation and is not live:",
        "main.json: error: no prompt [server]",
        "main.json: error: no skill [server]",
    ]


def test_a_refusal_without_a_reason_is_told_as_such() -> None:
    assert server_problems("main.json", FLOW, a_version()).endswith("it gave no reason.")


@pytest.mark.parametrize(
    ("seen", "failed"),
    [
        (None, False),
        (Operation(id="o1", is_complete=True, status="FAILURE"), True),
        (Operation(id="o1", is_complete=True, status="SUCCESS"), False),
        (Operation(id="o1", is_complete=False, status="PENDING"), False),
        (Operation(id="another", is_complete=True, status="FAILURE"), False),
    ],
    ids=["none", "failed", "succeeded", "under way", "another operation"],
)
def test_only_the_operation_that_was_asked_for_counts_as_failed(seen: Operation | None, failed: bool) -> None:
    assert has_failed(seen, Operation(id="o1")) is failed


@pytest.mark.parametrize(
    ("version", "flow", "name"),
    [
        (a_version(), FLOW, "Version 4 (id 4.0) of flow 'Main'"),
        (a_version(id_="draft", number=None), FLOW, "Version draft of flow 'Main'"),
        (a_version(), Flow(id="flow-1"), "Version 4 (id 4.0) of flow flow-1"),
        (None, None, "A version of the flow"),
    ],
)
def test_a_version_is_called_by_number_id_and_flow(version: FlowVersion | None, flow: Flow | None, name: str) -> None:
    assert version_name(version, flow) == name


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage.NOTHING_SENT, "Nothing of main.json was sent."),
        (Stage.HANDED_IN, "Job job-1 was handed main.json; whether it has put it live is not known."),
        (Stage.JOB_FAILED, "Job job-1 failed; main.json is not live."),
        (Stage.CREATING, "may have been created from main.json; it is not live."),
        (Stage.VALIDATING, "is still being validated by the server; it is not live."),
        (Stage.REJECTED, "did not pass the server's validation, and is not live."),
        (Stage.VALIDATED, "passed validation; it is not live."),
        (Stage.PUBLISHING, "whether it did is not known."),
        (Stage.LIVE, "is live."),
    ],
)
def test_at_every_stage_it_can_be_said_what_is_so(stage: Stage, words: str) -> None:
    assert a_trail(stage).state().endswith(words)


def test_a_version_that_passed_validation_can_be_put_live_without_making_another() -> None:
    assert next_command([a_trail(Stage.VALIDATED)], place=["--env", "prod"]) == (
        "publisher versions flow-1 --env prod   # `publisher rollback --to 4.0` puts it live; publishing makes another"
    )


@pytest.mark.parametrize("stage", [Stage.NOTHING_SENT, Stage.VALIDATING])
def test_what_is_not_live_is_published_again(stage: Stage) -> None:
    assert next_command([a_trail(stage, flow_id="flow 1")]) == "publisher publish --flow-id 'flow 1' main.json"


def test_the_next_command_repeats_where_and_with_what() -> None:
    trail = a_trail(Stage.NOTHING_SENT)

    command = next_command([trail], place=["--env", "prod", "--state", "a b.json"], values=["--values", "prod.yaml"])

    assert command == "publisher publish --env prod --state 'a b.json' --values prod.yaml main.json"


@pytest.mark.parametrize("stage", [Stage.CREATING, Stage.HANDED_IN, Stage.PUBLISHING, Stage.LIVE])
def test_where_it_is_unclear_what_is_live_one_looks_first(stage: Stage) -> None:
    assert next_command([a_trail(stage)]).startswith("publisher publish --dry-run main.json ")
