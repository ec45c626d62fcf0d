"""`receiver runs wait`."""

import json
from pathlib import Path

import httpx
import pytest

from receiver.cli.exits import ExitCode
from receiver.model import Json
from receiver.states import RunStatus, StepStatus
from receiver.web.views import event_view, run_view
from tests.receiver.cli_stage import REMOTE, Stopwatch, called, filled, scripted
from tests.receiver.web.face import Face
from tests.receiver.web.makers import (
    EVENT_ID,
    FLOW_ID,
    RUN_ID,
    a_run,
    a_run_record,
    a_step,
    a_verdict,
    an_event,
    an_event_record,
)


def a_run_answer(stands: RunStatus = RunStatus.SUCCEEDED, **step: Json) -> httpx.Response:
    record = a_run_record(run=a_run(status=stands), steps=[a_step(**step)])
    return httpx.Response(200, json=run_view(record, an_event()))


def test_waiting_tells_each_change_and_ends_with_the_run() -> None:
    answers = (
        a_run_answer(RunStatus.WAITING, status=StepStatus.WAITING),
        a_run_answer(RunStatus.RUNNING, status=StepStatus.IN_FLIGHT),
        a_run_answer(RunStatus.RUNNING, status=StepStatus.IN_FLIGHT),
        a_run_answer(RunStatus.RUNNING, status=StepStatus.DUE, attempts=2),
        a_run_answer(),
    )

    with scripted(*answers) as (answer, _):
        seen = called(["runs", "wait", RUN_ID], environ=REMOTE, answer=answer)

    assert seen.code == ExitCode.OK
    assert seen.err.splitlines() == [
        "deploy-ivr waiting: deploy waiting",
        "deploy-ivr running: deploy in flight",
        "deploy-ivr running: deploy due (2 attempts)",
        "deploy-ivr succeeded: deploy succeeded",
    ]
    assert "✓ succeeded" in seen.out


@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.SUPERSEDED])
def test_a_run_that_did_not_succeed_ends_the_wait_with_6(status: RunStatus) -> None:
    with scripted(a_run_answer(status)) as (answer, _):
        seen = called(["runs", "wait", RUN_ID, "--json"], environ=REMOTE, answer=answer)

    assert seen.code == ExitCode.RUN_FAILED
    assert json.loads(seen.out)["status"] == status.value


def test_a_run_that_takes_too_long_ends_the_wait_with_7() -> None:
    watch = Stopwatch()

    seen = called(
        ["runs", "wait", RUN_ID, "--timeout", "30"],
        environ=REMOTE,
        answer=lambda _: a_run_answer(RunStatus.RUNNING, status=StepStatus.IN_FLIGHT),
        watch=watch,
    )

    assert seen.code == ExitCode.TIMED_OUT
    assert "Not ended within 30 s: deploy-ivr running: deploy in flight." in seen.err
    assert watch.now_s <= 30
    assert max(watch.pauses) == 2.0


def test_the_runs_of_an_event_are_waited_for() -> None:
    with scripted(httpx.Response(200, json=event_view(an_event_record())), a_run_answer()) as (answer, asked):
        seen = called(["runs", "wait", "--event", EVENT_ID], environ=REMOTE, answer=answer)

    assert seen.code == ExitCode.OK
    assert [request.url.path for request in asked] == [f"/api/v1/events/{EVENT_ID}", f"/api/v1/runs/{RUN_ID}"]


def test_an_event_that_set_off_nothing_says_why() -> None:
    verdict = a_verdict(run_id=None, reason="type 'x' is not among ['y']")
    bare = event_view(an_event_record(runs=(), verdicts=(verdict,)))

    with scripted(httpx.Response(200, json=bare)) as (answer, _):
        seen = called(["runs", "wait", "--event", EVENT_ID], environ=REMOTE, answer=answer)

    assert seen.code == ExitCode.NOT_FOUND
    assert "set off no run: deploy-ivr: type 'x' is not among ['y']." in seen.err


def test_a_version_that_is_still_to_go_live_is_waited_for() -> None:
    item = event_view(an_event_record())
    listed = httpx.Response(200, json={"items": [{**item, "version_id": "15.0"}], "next_cursor": None})
    then = httpx.Response(200, json={"items": [item], "next_cursor": None})

    with scripted(listed, then, httpx.Response(200, json=item), a_run_answer()) as (answer, asked):
        seen = called(["runs", "wait", "--flow", FLOW_ID, "--version", "16.0"], environ=REMOTE, answer=answer)

    assert seen.code == ExitCode.OK
    assert asked[0].url.params["flow"] == FLOW_ID
    assert asked[0].url.params["type"] == "flow.version.published"


def test_a_receiver_that_is_away_for_a_while_is_waited_for() -> None:
    with scripted(httpx.Response(503, json={"detail": "Not now."}), a_run_answer()) as (answer, _):
        seen = called(["runs", "wait", RUN_ID], environ=REMOTE, answer=answer)

    assert seen.code == ExitCode.OK
    assert "Not now. Trying again." in seen.err


def test_a_run_is_waited_for_in_the_file_as_well(tmp_path: Path) -> None:
    async def fill(face: Face) -> None:
        await face.receive()
        await face.run_step()

    environ = filled(tmp_path, fill)
    run_id = json.loads(called(["runs", "list", "--json"], environ=environ).out)["id"]

    assert called(["runs", "wait", run_id], environ=environ).code == ExitCode.OK
    assert called(["runs", "wait", "--flow", FLOW_ID, "--version", "16.0"], environ=environ).code == ExitCode.OK
