from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from receiver import store
from receiver.clock import new_id
from receiver.model import Claim, GroupPolicy, NewRun, Run, RunFilter
from receiver.states import RunStatus, StepStatus
from receiver.store import rows, tables
from tests.receiver.store.makers import NOON, a_plan, a_run, a_settlement, a_step, after, an_event, counting

RUNNING, WAITING, SUPERSEDED = RunStatus.RUNNING, RunStatus.WAITING, RunStatus.SUPERSEDED
SUCCEEDED = RunStatus.SUCCEEDED


def publish(conn: Connection, *runs: NewRun) -> None:
    """Let one version after another go live, each setting off one run."""
    for minute, run in enumerate(runs):
        event = an_event(version_id=f"{minute}.0", occurred_at=after(60 * minute))
        store.record(conn, event, a_plan(run), now=after(60 * minute))


def claim(conn: Connection) -> list[Claim]:
    return store.claim_due(conn, limit=10, now=after(300), lease_s=60, new_lease="lease")


def finish(conn: Connection, status: StepStatus = StepStatus.SUCCEEDED) -> None:
    """Settle what is due now."""
    for claimed in claim(conn):
        store.settle(conn, claimed, a_settlement(claimed, status), now=after(300))


def statuses(conn: Connection, runs: Sequence[NewRun]) -> list[RunStatus]:
    return [store.get_run(conn, run.id).run.status for run in runs]


def a_queue(**changes: GroupPolicy) -> list[NewRun]:
    return [a_run(**changes) for _ in range(4)]


def test_latest_supersedes_those_that_wait_and_lets_the_running_one_end(conn: Connection) -> None:
    runs = a_queue(policy=GroupPolicy.LATEST)

    publish(conn, *runs)

    assert statuses(conn, runs) == [RUNNING, SUPERSEDED, SUPERSEDED, WAITING]


def test_latest_starts_the_newest_next(conn: Connection) -> None:
    runs = a_queue(policy=GroupPolicy.LATEST)
    publish(conn, *runs)

    finish(conn)

    assert statuses(conn, runs) == [SUCCEEDED, SUPERSEDED, SUPERSEDED, RUNNING]


def test_a_superseded_run_says_by_which_and_its_steps_are_cancelled(conn: Connection) -> None:
    runs = a_queue(policy=GroupPolicy.LATEST)
    publish(conn, *runs)

    found = store.get_run(conn, runs[1].id)

    assert found.run.reason == f"superseded by run {runs[2].id}"
    assert [step.status for step in found.steps] == [StepStatus.CANCELLED]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param(GroupPolicy.LATEST, [SUCCEEDED, SUPERSEDED, RUNNING], id="latest"),
        pytest.param(GroupPolicy.QUEUE, [SUCCEEDED, RUNNING, WAITING], id="queue"),
    ],
)
def test_publications_count_by_their_numbers_where_clocks_differ(
    conn: Connection, policy: GroupPolicy, expected: list[RunStatus]
) -> None:
    runs = [a_run(policy=policy) for _ in range(3)]
    for minute, (run, clock) in enumerate(zip(runs, ("a", "c", "b"), strict=True)):
        event = an_event(version_id=f"{minute}.0", occurred_at=after(60 * minute))
        store.record(conn, event, a_plan(run), now=NOON, new_id=counting(f"{clock} {new_id()}"))

    finish(conn)

    assert statuses(conn, runs) == expected


def test_queue_runs_the_oldest_publication_first(conn: Connection) -> None:
    runs = a_queue(policy=GroupPolicy.QUEUE)
    publish(conn, *runs)

    finish(conn)
    finish(conn, StepStatus.FAILED)

    assert statuses(conn, runs) == [SUCCEEDED, RunStatus.FAILED, RUNNING, WAITING]


def test_parallel_runs_all_at_once(conn: Connection) -> None:
    runs = [a_run(policy=GroupPolicy.PARALLEL, group_key=f"run {number}") for number in range(3)]

    publish(conn, *runs)

    assert statuses(conn, runs) == [RUNNING, RUNNING, RUNNING]


def test_other_groups_do_not_wait(conn: Connection) -> None:
    runs = [a_run(group_key="flow-1"), a_run(group_key="flow-2")]

    publish(conn, *runs)

    assert statuses(conn, runs) == [RUNNING, RUNNING]


def test_pipelines_that_share_a_group_wait_for_each_other_and_supersede_their_own(conn: Connection) -> None:
    runs = [a_run(pipeline=name) for name in ("deploy", "report", "deploy", "report")]

    publish(conn, *runs)

    assert statuses(conn, runs) == [RUNNING, SUPERSEDED, WAITING, WAITING]


def test_a_waiting_run_says_for_which(conn: Connection) -> None:
    runs = a_queue(policy=GroupPolicy.QUEUE)

    publish(conn, *runs)

    assert store.get_run(conn, runs[1].id).run.reason == f"waits for run {runs[0].id} of pipeline 'deploy'"
    assert store.counts(conn).waiting_runs == 3


def test_runs_without_steps_let_the_next_in(conn: Connection) -> None:
    first, *rest = a_queue(policy=GroupPolicy.QUEUE)
    empty = [a_run(policy=GroupPolicy.QUEUE, steps=()), a_run(policy=GroupPolicy.QUEUE, steps=())]
    runs = [first, *empty, rest[0]]
    publish(conn, *runs)

    finish(conn)

    assert statuses(conn, runs) == [SUCCEEDED, SUCCEEDED, SUCCEEDED, RUNNING]


def test_two_runs_of_one_plan_may_share_a_group(conn: Connection) -> None:
    runs = [a_run(pipeline="deploy"), a_run(pipeline="report")]

    store.record(conn, an_event(), a_plan(*runs), now=NOON)

    assert statuses(conn, runs) == [RUNNING, WAITING]


def test_steps_follow_each_other(conn: Connection) -> None:
    run = a_run(a_step("smoke"), a_step("deploy", needs=("smoke",)))
    publish(conn, run)

    finish(conn)

    found = store.get_run(conn, run.id)
    assert found.run.status is RUNNING
    assert [step.status for step in found.steps] == [StepStatus.SUCCEEDED, StepStatus.DUE]


def test_the_database_itself_holds_one_running_run_in_a_group(conn: Connection) -> None:
    publish(conn, a_run())
    running = conn.execute(tables.runs.select()).mappings().one()

    with pytest.raises(IntegrityError):
        conn.execute(insert(tables.runs), {**running, "id": "another", "cause": "another"})


def test_the_database_itself_holds_one_run_for_a_pipeline_and_a_cause(conn: Connection) -> None:
    publish(conn, a_run())
    running = conn.execute(tables.runs.select()).mappings().one()

    with pytest.raises(IntegrityError):
        conn.execute(insert(tables.runs), {**running, "id": "another", "group_key": "another"})


def test_a_run_comes_back_as_it_went_in(conn: Connection) -> None:
    run = a_run()
    publish(conn, run)

    listed = store.list_runs(conn, RunFilter(pipeline="deploy"), cursor=None, limit=5).items[0]

    assert isinstance(listed.run, Run)
    assert listed.run == store.get_run(conn, run.id).run
    assert rows.of_run(listed.run)["policy"] is GroupPolicy.LATEST
