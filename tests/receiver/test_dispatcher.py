"""Steps are claimed, attempted and settled, whatever happens between."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

import httpx
import pytest
from sqlalchemy import Connection

from receiver.attempts import Attempts
from receiver.clock import new_id
from receiver.config import Config, SecretRule
from receiver.dispatcher import Dispatcher
from receiver.errors import StoreBusyError
from receiver.model import (
    AttemptResult,
    Claim,
    Json,
    NewStep,
    RunRecord,
    Step,
)
from receiver.states import RunStatus, StepStatus
from receiver.store import Database, claim_due, get_run, open_database, record
from receiver.targets.sender import Senders
from tests.receiver.store.makers import NOON, a_plan, a_run, a_step, an_event

pytestmark = pytest.mark.anyio

Result = TypeVar("Result")

CANARY = "canary-8c1f-value"
LIMIT_S = 10


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def unread(answer: httpx.Response) -> httpx.Response:
    """An answer as it comes from the network: its body not yet read."""
    return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))


class Downstream:
    """A downstream system: notes its calls and answers in turn, 200 once the answers are used up."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.calls: list[httpx.Request] = []
        self.called = asyncio.Event()
        self._answers = list(answers)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        self.called.set()
        given = self._answers.pop(0) if self._answers else httpx.Response(200)
        if isinstance(given, Exception):
            raise given
        return unread(given)

    @property
    def keys(self) -> list[str]:
        return [call.headers["idempotency-key"] for call in self.calls]


class Mute(Downstream):
    """Takes a call and does not answer until it is let go; `reads` says whether bytes got there."""

    def __init__(self, *, reads: bool = True, host: str | None = None) -> None:
        super().__init__()
        self.let_go = asyncio.Event()
        self._reads = reads
        self._host = host

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if self._reads:
            await request.extensions["trace"]("http11.send_request_headers.started", {})
        self.calls.append(request)
        self.called.set()
        if self._host in {None, request.url.host}:
            await self.let_go.wait()
        return unread(httpx.Response(200))


class Stumbling(Database):
    """A database that is busy the first few times that something is written."""

    def __init__(self, inner: Database, *, times: int) -> None:
        self._inner = inner
        self.left = times

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        return await self._inner.read(work)

    async def write(self, work: Callable[[Connection], Result], *, settling: bool = False) -> Result:
        if self.left > 0:
            self.left -= 1
            raise StoreBusyError("The database cannot take this now: database or disk is full.")
        return await self._inner.write(work, settling=settling)


class World:
    """A dispatcher at work on a real database, and what a test does to it."""

    def __init__(self, database: Database, downstream: Downstream, *, config: Config, grace_s: float) -> None:
        self.clock = FakeClock()
        self.database = database
        self.downstream = downstream
        self.senders = Senders(lambda: httpx.MockTransport(downstream.answer))
        self._config = config
        self._grace_s = grace_s

    def dispatcher(self, database: Database | None = None) -> Dispatcher:
        attempts = Attempts(
            self.senders,
            config=lambda: self._config,
            secret={"CI_TOKEN": CANARY}.get,
            clock=self.clock,
            rng=Random(1),  # noqa: S311 - jitter, no secret
        )
        return Dispatcher(
            database or self.database, attempts, clock=self.clock, new_id=new_id, poll_s=60, grace_s=self._grace_s
        )

    async def record(self, *steps: NewStep) -> str:
        run = a_run(*steps, group_key=new_id())
        recorded = await self.database.write(
            lambda conn: record(conn, an_event(flow_id=new_id()), a_plan(run), now=self.clock())
        )
        return recorded.run_ids[0]

    async def run(self, run_id: str) -> RunRecord:
        return await self.database.read(lambda conn: get_run(conn, run_id))

    async def run_when(self, run_id: str, status: RunStatus) -> RunRecord:
        async with asyncio.timeout(LIMIT_S):
            while (found := await self.run(run_id)).run.status is not status:
                continue
            return found

    async def step_when(self, run_id: str, status: StepStatus, *, attempts: int = 1) -> Step:
        async with asyncio.timeout(LIMIT_S):
            while (step := (await self.run(run_id)).steps[0]).status is not status or step.attempts != attempts:
                continue
            return step

    async def claims(self) -> list[Claim]:
        """Claim a step as another process would, and die with it."""
        return await self.database.write(
            lambda conn: claim_due(conn, limit=1, now=self.clock(), lease_s=60, new_lease=new_id())
        )


@asynccontextmanager
async def a_world(
    tmp_path: Path, downstream: Downstream | None = None, *, config: Config | None = None, grace_s: float = LIMIT_S
) -> AsyncIterator[World]:
    async with open_database(f"sqlite:///{tmp_path / 'receiver.db'}") as database:
        world = World(database, downstream or Downstream(), config=config or Config(), grace_s=grace_s)
        yield world
        await world.senders.aclose()


@asynccontextmanager
async def working(dispatcher: Dispatcher) -> AsyncIterator[Dispatcher]:
    async with asyncio.timeout(2 * LIMIT_S), asyncio.TaskGroup() as group:
        group.create_task(dispatcher.run(), name="dispatcher")
        yield dispatcher
        dispatcher.stop()


def defined(**definition: Json) -> Mapping[str, Json]:
    return {"url": "http://ci.test/deploy", **definition}


async def test_a_due_step_is_called_and_done(tmp_path: Path) -> None:
    async with a_world(tmp_path, Downstream(httpx.Response(201))) as world, working(world.dispatcher()):
        run_id = await world.record()
        found = await world.run_when(run_id, RunStatus.SUCCEEDED)

    step = found.steps[0]
    attempt = found.attempts[step.id][0]
    assert world.downstream.keys == [f'"{step.id}"']
    assert (step.status, step.message) == (StepStatus.SUCCEEDED, "The target answered 201 Created.")
    assert (attempt.result, attempt.message) == (AttemptResult.SUCCEEDED, "The target answered 201 Created.")
    assert (attempt.request or {})["url"] == "http://ci.test/"
    assert (attempt.response or {})["status"] == 201


async def test_what_is_recorded_while_it_works_is_done_on_a_wake(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, working(world.dispatcher()) as dispatcher:
        await world.run_when(await world.record(), RunStatus.SUCCEEDED)
        second = await world.record()
        dispatcher.wake()
        await world.run_when(second, RunStatus.SUCCEEDED)

    assert len(world.downstream.calls) == 2


async def test_a_passing_fault_is_tried_again_with_the_same_key(tmp_path: Path) -> None:
    downstream = Downstream(httpx.Response(503), httpx.ConnectError("refused"))
    async with a_world(tmp_path, downstream) as world, working(world.dispatcher()) as dispatcher:
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


async def test_nothing_is_tried_before_its_time(tmp_path: Path) -> None:
    answer = httpx.Response(429, headers={"Retry-After": "600"})
    async with a_world(tmp_path, Downstream(answer)) as world, working(world.dispatcher()) as dispatcher:
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


async def test_the_last_attempt_makes_a_dead_letter(tmp_path: Path) -> None:
    step = a_step(definition=defined(retry={"attempts": 1}))
    async with a_world(tmp_path, Downstream(httpx.Response(500))) as world, working(world.dispatcher()):
        found = await world.run_when(await world.record(step), RunStatus.FAILED)

    assert found.steps[0].is_dead_letter
    assert found.steps[0].message == "The target answered 500 Internal Server Error. Given up after 1 attempt."


async def test_steps_are_done_in_order(tmp_path: Path) -> None:
    first = a_step("build", definition=defined(url="http://ci.test/build"))
    second = a_step("deploy", needs=("build",), definition=defined(json="${{ steps.build.outputs.status }}"))
    async with a_world(tmp_path, Downstream(httpx.Response(202))) as world, working(world.dispatcher()):
        await world.run_when(await world.record(first, second), RunStatus.SUCCEEDED)

    assert [call.url.path for call in world.downstream.calls] == ["/build", "/deploy"]
    assert world.downstream.calls[1].content == b"202"


async def test_a_lost_answer_is_asked_for_with_the_same_key(tmp_path: Path) -> None:
    downstream = Downstream(httpx.ReadError("reset"))
    async with a_world(tmp_path, downstream) as world, working(world.dispatcher()) as dispatcher:
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


async def test_a_restart_carries_on_at_once(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        run_id = await world.record()
        claim = (await world.claims())[0]
        async with working(world.dispatcher()):
            found = await world.run_when(run_id, RunStatus.SUCCEEDED)

    results = [attempt.result for attempt in found.attempts[claim.step.id]]
    assert world.downstream.keys == [f'"{claim.step.id}"']
    assert results == [AttemptResult.UNKNOWN, AttemptResult.SUCCEEDED]


async def test_a_lease_that_is_over_is_taken_up(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world, working(world.dispatcher()) as dispatcher:
        await world.run_when(await world.record(), RunStatus.SUCCEEDED)
        run_id = await world.record()
        await world.claims()
        world.clock.advance(61)
        dispatcher.wake()
        found = await world.run_when(run_id, RunStatus.SUCCEEDED)

    assert found.steps[0].attempts == 2


async def test_an_answer_after_the_lease_changes_nothing(tmp_path: Path) -> None:
    mute = Mute()
    async with a_world(tmp_path, mute) as world, working(world.dispatcher()):
        run_id = await world.record()
        await mute.called.wait()
        world.clock.advance(61)
        other = (await world.claims())[0]
        mute.let_go.set()

    found = await late(tmp_path, run_id)
    assert found.steps[0].status is StepStatus.UNKNOWN
    assert found.steps[0].id == other.step.id
    assert found.attempts[other.step.id][0].result is AttemptResult.SUCCEEDED


async def test_an_attempt_that_may_take_long_is_leased_for_as_long(tmp_path: Path) -> None:
    mute = Mute()
    async with a_world(tmp_path, mute) as world, working(world.dispatcher()):
        run_id = await world.record(a_step(definition=defined(timeout_s=300)))
        await mute.called.wait()
        world.clock.advance(301)
        taken = await world.claims()
        mute.let_go.set()
        await world.run_when(run_id, RunStatus.SUCCEEDED)

    assert taken == []


async def late(tmp_path: Path, run_id: str) -> RunRecord:
    """A run as it stands after everything has been closed."""
    async with open_database(f"sqlite:///{tmp_path / 'receiver.db'}", read_only=True) as database:
        return await database.read(lambda conn: get_run(conn, run_id))


async def test_stopping_waits_for_what_is_in_flight(tmp_path: Path) -> None:
    mute = Mute()
    async with a_world(tmp_path, mute) as world:
        run_id = await world.record()
        async with working(world.dispatcher()) as dispatcher:
            await mute.called.wait()
            dispatcher.stop()
            mute.let_go.set()
        found = await world.run(run_id)

    assert found.run.status is RunStatus.SUCCEEDED


async def test_stopping_leaves_unknown_what_does_not_end_in_time(tmp_path: Path) -> None:
    mute = Mute()
    async with a_world(tmp_path, mute, grace_s=0.05) as world:
        run_id = await world.record()
        async with working(world.dispatcher()):
            await mute.called.wait()
        found = await world.run(run_id)

    step = found.steps[0]
    assert (step.status, step.attempts) == (StepStatus.UNKNOWN, 1)
    assert found.attempts[step.id][0].message == "The receiver stopped before the answer was complete."


async def test_stopping_hands_back_what_was_not_sent(tmp_path: Path) -> None:
    mute = Mute(reads=False)
    async with a_world(tmp_path, mute, grace_s=0.05) as world:
        run_id = await world.record()
        async with working(world.dispatcher()):
            await mute.called.wait()
        found = await world.run(run_id)

    step = found.steps[0]
    assert (step.status, step.attempts) == (StepStatus.DUE, 0)
    assert found.attempts[step.id][0].result is AttemptResult.HANDED_BACK


async def test_a_target_that_does_not_answer_holds_up_no_other(tmp_path: Path) -> None:
    mute = Mute(host="slow.test")
    async with a_world(tmp_path, mute) as world, working(world.dispatcher()) as dispatcher:
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
async def test_a_step_that_cannot_be_done_fails_alone(tmp_path: Path, step: NewStep, message: str) -> None:
    rules = (SecretRule(name="UNSET", hosts=("ci.test",)), SecretRule(name="CI_TOKEN", hosts=("other.test",)))
    config = Config(secrets=rules)
    async with a_world(tmp_path, config=config) as world, working(world.dispatcher()) as dispatcher:
        found = await world.run_when(await world.record(step), RunStatus.FAILED)
        other = await world.record()
        dispatcher.wake()
        await world.run_when(other, RunStatus.SUCCEEDED)

    assert message in (found.steps[0].message or "")
    assert found.steps[0].attempts == 1


async def test_a_database_that_is_busy_for_a_moment_costs_no_answer(tmp_path: Path) -> None:
    mute = Mute()
    async with a_world(tmp_path, mute) as world:
        database = Stumbling(world.database, times=0)
        run_id = await world.record()
        async with working(world.dispatcher(database)):
            await mute.called.wait()
            database.left = 2
            mute.let_go.set()
            found = await world.run_when(run_id, RunStatus.SUCCEEDED)

    assert len(mute.calls) == 1
    assert found.steps[0].attempts == 1


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_no_secret_is_kept_or_logged(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
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
    async with a_world(tmp_path, Downstream(echo), config=config) as world, working(world.dispatcher()):
        found = await world.run_when(await world.record(step), RunStatus.FAILED)

    attempt = found.attempts[found.steps[0].id][0]
    kept = on_disk(tmp_path)
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
