"""Steps are claimed, attempted and settled, whatever happens between."""

import json
from datetime import timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from receiver.config import Config, SecretRule
from receiver.model import (
    AttemptResult,
    NewStep,
    RunRecord,
)
from receiver.states import RunStatus, StepStatus
from receiver.store import get_run, open_database
from receiver.store.claims import ANSWER_LOST
from tests.receiver.dispatching import CANARY, Downstream, Mute, Stumbling, a_world, defined, working
from tests.receiver.store.connecting import SQLITE_ONLY, all_that_is_kept
from tests.receiver.store.makers import NOON, a_step

pytestmark = pytest.mark.anyio


async def test_a_due_step_is_called_and_done(url: str) -> None:
    async with a_world(url, Downstream(httpx.Response(201))) as world, working(world.dispatcher()):
        run_id = await world.record()
        found = await world.run_when(run_id, RunStatus.SUCCEEDED)

    step = found.steps[0]
    attempt = found.attempts[step.id][0]
    assert world.downstream.keys == [f'"{step.id}"']
    assert (step.status, step.message) == (StepStatus.SUCCEEDED, "The target answered 201 Created.")
    assert (attempt.result, attempt.message) == (AttemptResult.SUCCEEDED, "The target answered 201 Created.")
    assert (attempt.request or {})["url"] == "http://ci.test/"
    assert (attempt.response or {})["status"] == 201


async def test_what_is_recorded_while_it_works_is_done_on_a_wake(url: str) -> None:
    async with a_world(url) as world, working(world.dispatcher()) as dispatcher:
        await world.run_when(await world.record(), RunStatus.SUCCEEDED)
        second = await world.record()
        dispatcher.wake()
        await world.run_when(second, RunStatus.SUCCEEDED)

    assert len(world.downstream.calls) == 2


async def test_a_passing_fault_is_tried_again_with_the_same_key(url: str) -> None:
    downstream = Downstream(httpx.Response(503), httpx.ConnectError("refused"))
    async with a_world(url, downstream) as world, working(world.dispatcher()) as dispatcher:
        run_id = await world.record()
        await world.step_when(run_id, StepStatus.DUE)
        world.clock.advance(5)
        dispatcher.wake()
        await world.step_when(run_id, StepStatus.DUE, attempts=2)
        world.clock.advance(5)
        dispatcher.wake()
        found = await world.run_when(run_id, RunStatus.SUCCEEDED)

    step = found.steps[0]
    results = [attempt.result for attempt in found.attempts[step.id]]
    assert downstream.keys == [f'"{step.id}"'] * 3
    assert results == [AttemptResult.RETRY, AttemptResult.RETRY, AttemptResult.SUCCEEDED]


async def test_nothing_is_tried_before_its_time(url: str) -> None:
    answer = httpx.Response(429, headers={"Retry-After": "600"})
    async with a_world(url, Downstream(answer)) as world, working(world.dispatcher()) as dispatcher:
        run_id = await world.record()
        step = await world.step_when(run_id, StepStatus.DUE)
        world.clock.advance(599)
        dispatcher.wake()
        other = await world.record()
        dispatcher.wake()
        await world.run_when(other, RunStatus.SUCCEEDED)

    assert step.due_at is not None
    assert step.due_at >= NOON + timedelta(seconds=600)
    assert len(world.downstream.calls) == 2


async def test_the_last_attempt_makes_a_dead_letter(url: str) -> None:
    step = a_step(definition=defined(retry={"attempts": 1}))
    async with a_world(url, Downstream(httpx.Response(500))) as world, working(world.dispatcher()):
        found = await world.run_when(await world.record(step), RunStatus.FAILED)

    assert found.steps[0].is_dead_letter
    assert found.steps[0].message == "The target answered 500 Internal Server Error. Given up after 1 attempt."


async def test_steps_are_done_in_order(url: str) -> None:
    first = a_step("build", definition=defined(url="http://ci.test/build"))
    second = a_step("deploy", needs=("build",), definition=defined(json="${{ steps.build.outputs.status }}"))
    async with a_world(url, Downstream(httpx.Response(202))) as world, working(world.dispatcher()):
        await world.run_when(await world.record(first, second), RunStatus.SUCCEEDED)

    assert [call.url.path for call in world.downstream.calls] == ["/build", "/deploy"]
    assert world.downstream.calls[1].content == b"202"


async def test_a_lost_answer_is_asked_for_with_the_same_key(url: str) -> None:
    downstream = Downstream(httpx.ReadError("reset"))
    async with a_world(url, downstream) as world, working(world.dispatcher()) as dispatcher:
        run_id = await world.record()
        await world.step_when(run_id, StepStatus.UNKNOWN)
        world.clock.advance(5)
        dispatcher.wake()
        found = await world.run_when(run_id, RunStatus.SUCCEEDED)

    step = found.steps[0]
    results = [attempt.result for attempt in found.attempts[step.id]]
    assert downstream.keys == [f'"{step.id}"'] * 2
    assert results == [AttemptResult.UNKNOWN, AttemptResult.SUCCEEDED]
    assert found.attempts[step.id][0].message == "The connection broke before the answer was complete: reset."


@pytest.mark.parametrize(*SQLITE_ONLY, indirect=True)
async def test_a_restart_carries_on_at_once(url: str) -> None:
    async with a_world(url) as world:
        run_id = await world.record()
        claim = (await world.claims())[0]
        async with working(world.dispatcher()):
            found = await world.run_when(run_id, RunStatus.SUCCEEDED)

    results = [attempt.result for attempt in found.attempts[claim.step.id]]
    assert world.downstream.keys == [f'"{claim.step.id}"']
    assert results == [AttemptResult.UNKNOWN, AttemptResult.SUCCEEDED]


async def test_a_lease_that_is_over_is_taken_up(url: str) -> None:
    async with a_world(url) as world, working(world.dispatcher()) as dispatcher:
        await world.run_when(await world.record(), RunStatus.SUCCEEDED)
        run_id = await world.abandoned()
        world.clock.advance(61)
        dispatcher.wake()
        found = await world.run_when(run_id, RunStatus.SUCCEEDED)

    assert found.steps[0].attempts == 2


async def test_an_answer_after_the_lease_changes_nothing(url: str) -> None:
    mute = Mute()
    async with a_world(url, mute) as world, working(world.dispatcher()):
        run_id = await world.record()
        await mute.called.wait()
        world.clock.advance(61)
        other = (await world.claims())[0]
        mute.let_go.set()

    found = await late(url, run_id)
    assert found.steps[0].status is StepStatus.UNKNOWN
    assert found.steps[0].id == other.step.id
    [attempt] = found.attempts[other.step.id]
    assert attempt.result is AttemptResult.UNKNOWN
    assert attempt.message == f"{ANSWER_LOST} It came later: The target answered 200 OK."
    assert attempt.response is not None


async def test_an_attempt_that_may_take_long_is_leased_for_as_long(url: str) -> None:
    mute = Mute()
    async with a_world(url, mute) as world, working(world.dispatcher()):
        run_id = await world.record(a_step(definition=defined(timeout_s=300)))
        await mute.called.wait()
        world.clock.advance(301)
        taken = await world.claims()
        mute.let_go.set()
        await world.run_when(run_id, RunStatus.SUCCEEDED)

    assert taken == []


async def late(url: str, run_id: str) -> RunRecord:
    """A run as it stands after everything has been closed."""
    async with open_database(url, read_only=True) as database:
        return await database.read(lambda conn: get_run(conn, run_id))


async def test_stopping_waits_for_what_is_in_flight(url: str) -> None:
    mute = Mute()
    async with a_world(url, mute) as world:
        run_id = await world.record()
        async with working(world.dispatcher()) as dispatcher:
            await mute.called.wait()
            dispatcher.stop()
            mute.let_go.set()
        found = await world.run(run_id)

    assert found.run.status is RunStatus.SUCCEEDED


async def test_stopping_leaves_unknown_what_does_not_end_in_time(url: str) -> None:
    mute = Mute()
    async with a_world(url, mute, grace_s=0.05) as world:
        run_id = await world.record()
        async with working(world.dispatcher()):
            await mute.called.wait()
        found = await world.run(run_id)

    step = found.steps[0]
    assert (step.status, step.attempts) == (StepStatus.UNKNOWN, 1)
    assert found.attempts[step.id][0].message == "The receiver stopped before the answer was complete."


async def test_stopping_hands_back_what_was_not_sent(url: str) -> None:
    mute = Mute(reads=False)
    async with a_world(url, mute, grace_s=0.05) as world:
        run_id = await world.record()
        async with working(world.dispatcher()):
            await mute.called.wait()
        found = await world.run(run_id)

    step = found.steps[0]
    assert (step.status, step.attempts) == (StepStatus.DUE, 0)
    assert found.attempts[step.id][0].result is AttemptResult.HANDED_BACK


async def test_a_target_that_does_not_answer_holds_up_no_other(url: str) -> None:
    mute = Mute(host="slow.test")
    async with a_world(url, mute) as world, working(world.dispatcher()) as dispatcher:
        slow = a_step(target="slow", definition=defined(url="http://slow.test/"))
        slow_runs = [await world.record(slow) for _ in range(40)]
        dispatcher.wake()
        fast_runs = [await world.record() for _ in range(20)]
        dispatcher.wake()
        for run_id in fast_runs:
            await world.run_when(run_id, RunStatus.SUCCEEDED)
        mute.let_go.set()
        for run_id in slow_runs:
            await world.run_when(run_id, RunStatus.SUCCEEDED)

    assert len(world.downstream.calls) == 60


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (a_step(definition={}), "The receiver itself failed at this step; its log says more"),
        (a_step(definition=defined(retry={"attempts": "many"})), "The receiver itself failed at this step"),
        (a_step(kind="gopher"), "This release has no kind of target 'gopher'"),
        (a_step(definition=defined(json="${{ secrets.GONE }}")), "names the secret GONE, which the config does not"),
        (a_step(definition=defined(json="${{ secrets.UNSET }}")), "The secret UNSET is not set"),
        (a_step(definition=defined(json="${{ secrets.CI_TOKEN }}")), "does not let CI_TOKEN go to ci.test:80"),
    ],
    ids=["no url", "odd policy", "unknown kind", "unlisted secret", "unset secret", "secret to another host"],
)
async def test_a_step_that_cannot_be_done_fails_alone(url: str, step: NewStep, message: str) -> None:
    rules = (SecretRule(name="UNSET", hosts=("ci.test",)), SecretRule(name="CI_TOKEN", hosts=("other.test",)))
    config = Config(secrets=rules)
    async with a_world(url, config=config) as world, working(world.dispatcher()) as dispatcher:
        found = await world.run_when(await world.record(step), RunStatus.FAILED)
        other = await world.record()
        dispatcher.wake()
        await world.run_when(other, RunStatus.SUCCEEDED)

    assert message in (found.steps[0].message or "")
    assert found.steps[0].attempts == 1


async def test_a_database_that_is_busy_for_a_moment_costs_no_answer(url: str) -> None:
    mute = Mute()
    async with a_world(url, mute) as world:
        database = Stumbling(world.database, times=0)
        run_id = await world.record()
        async with working(world.dispatcher(database)):
            await mute.called.wait()
            database.left = 2
            mute.let_go.set()
            found = await world.run_when(run_id, RunStatus.SUCCEEDED)

    assert len(mute.calls) == 1
    assert found.steps[0].attempts == 1


async def test_a_database_that_is_away_for_long_costs_no_answer(url: str) -> None:
    mute = Mute()
    async with a_world(url, mute) as world:
        database = Stumbling(world.database, times=0)
        async with working(world.dispatcher(database, settle_pauses_s=[0.0] * 30)):
            run_id = await world.record()
            await mute.called.wait()
            database.left = 30
            mute.let_go.set()
            found = await world.run_when(run_id, RunStatus.SUCCEEDED)

    assert found.steps[0].attempts == 1


async def test_stopping_waits_no_longer_for_a_database_that_is_away(url: str) -> None:
    mute = Mute()
    async with a_world(url, mute, grace_s=0.05) as world:
        database = Stumbling(world.database, times=0)
        async with working(world.dispatcher(database, settle_pauses_s=[60.0])):
            run_id = await world.record()
            await mute.called.wait()
            database.left = 100
            mute.let_go.set()
        found = await world.run(run_id)

    assert found.steps[0].status is StepStatus.IN_FLIGHT


async def test_a_database_that_stays_busy_is_logged_once(url: str) -> None:
    with capture_logs() as lines:
        async with a_world(url) as world:
            database = Stumbling(world.database, times=4)
            async with working(world.dispatcher(database)) as dispatcher:
                run_id = await world.record()
                while database.left:
                    dispatcher.wake()
                    await world.run(run_id)
                dispatcher.wake()
                await world.run_when(run_id, RunStatus.SUCCEEDED)

    told = [line["event"] for line in lines if "claimed" in line["event"]]
    assert told == ["due steps could not be claimed", "due steps are claimed again"]


async def test_no_secret_is_kept_or_logged(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    echo = httpx.Response(500, headers={"X-Echo": f"Bearer {CANARY}"}, text=json.dumps({"got": CANARY}))
    step = a_step(
        definition=defined(
            url="http://ci.test/deploy?token=${{ secrets.CI_TOKEN }}",
            headers={"Authorization": "Bearer ${{ secrets.CI_TOKEN }}"},
            json={"token": "${{ secrets.CI_TOKEN }}"},
            retry={"attempts": 1},
        )
    )
    config = Config(secrets=(SecretRule(name="CI_TOKEN", hosts=("ci.test",)),))
    async with a_world(url, Downstream(echo), config=config) as world, working(world.dispatcher()):
        found = await world.run_when(await world.record(step), RunStatus.FAILED)

    attempt = found.attempts[found.steps[0].id][0]
    kept = all_that_is_kept(url)
    printed = capfd.readouterr()
    assert CANARY in str(world.downstream.calls[0].url)
    assert attempt.request == {
        "method": "POST",
        "url": "http://ci.test/deploy?token=[secret CI_TOKEN]",
        "headers": {**(attempt.request or {})["headers"], "Authorization": "Bearer [secret CI_TOKEN]"},
        "body": '{"token":"[secret CI_TOKEN]"}',
        "cut": False,
    }
    assert (attempt.response or {})["body"] == '{"got": "[secret CI_TOKEN]"}'
    assert CANARY.encode() not in kept
    assert CANARY not in printed.out + printed.err
