"""A stage for the dispatcher: a database, a downstream system that answers as told, and a clock that stands still."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

import httpx
from sqlalchemy import Connection

from receiver.attempts import Attempts
from receiver.clock import new_id
from receiver.config import Config
from receiver.dispatcher import SETTLE_PAUSES_S, Dispatcher
from receiver.errors import StoreBusyError, StoreError
from receiver.model import (
    Claim,
    Json,
    NewStep,
    Recorded,
    RunRecord,
    Step,
)
from receiver.states import RunStatus, StepStatus
from receiver.store import Database, claim_due, get_run, open_database, record
from receiver.targets.sender import Senders
from tests.receiver.store.makers import NOON, a_plan, a_run, an_event

Item = TypeVar("Item")
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


BUSY = StoreBusyError("The database cannot take this now: database or disk is full.")


class Stumbling(Database):
    """A database that is busy the first few times that something is written."""

    def __init__(self, inner: Database, *, times: int, fault: StoreError = BUSY) -> None:
        self._inner = inner
        self._fault = fault
        self.left = times

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        return await self._inner.read(work)

    async def write(
        self, work: Callable[[Connection], Result], *, settling: bool = False, locks: Collection[str] = ()
    ) -> Result:
        if self.left > 0:
            self.left -= 1
            raise self._fault
        return await self._inner.write(work, settling=settling, locks=locks)

    async def write_one_of_many(
        self,
        work: Callable[[Connection, Sequence[Item]], Sequence[Result]],
        item: Item,
        *,
        locks: Collection[str] = (),
    ) -> Result:
        return await self._inner.write_one_of_many(work, item, locks=locks)


class World:
    """A dispatcher at work on a real database, and what a test does to it."""

    def __init__(self, database: Database, downstream: Downstream, *, config: Config, grace_s: float) -> None:
        self.clock = FakeClock()
        self.database = database
        self.downstream = downstream
        self.senders = Senders(lambda: httpx.MockTransport(downstream.answer))
        self._config = config
        self._grace_s = grace_s
        self._dispatchers: list[Dispatcher] = []

    def dispatcher(
        self, database: Database | None = None, *, settle_pauses_s: Sequence[float] = SETTLE_PAUSES_S
    ) -> Dispatcher:
        attempts = Attempts(
            self.senders,
            config=lambda: self._config,
            secret={"CI_TOKEN": CANARY}.get,
            clock=self.clock,
            rng=Random(1),  # noqa: S311 - jitter, no secret
        )
        made = Dispatcher(
            database or self.database,
            attempts,
            clock=self.clock,
            new_id=new_id,
            poll_s=60,
            grace_s=self._grace_s,
            settle_pauses_s=settle_pauses_s,
        )
        self._dispatchers.append(made)
        return made

    async def record(self, *steps: NewStep) -> str:
        recorded = await self.database.write(self._recording(*steps))
        for dispatcher in self._dispatchers:
            dispatcher.wake()
        return recorded.run_ids[0]

    async def abandoned(self) -> str:
        """A run whose step another process claims at once, and dies with."""
        recording = self._recording()

        def work(conn: Connection) -> str:
            run_id = recording(conn).run_ids[0]
            claim_due(conn, limit=1, now=self.clock(), lease_s=60, new_lease=new_id())
            return run_id

        return await self.database.write(work)

    def _recording(self, *steps: NewStep) -> Callable[[Connection], Recorded]:
        event, plan = an_event(flow_id=new_id()), a_plan(a_run(*steps, group_key=new_id()))
        return lambda conn: record(conn, event, plan, now=self.clock())

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
    url: str, downstream: Downstream | None = None, *, config: Config | None = None, grace_s: float = LIMIT_S
) -> AsyncIterator[World]:
    async with open_database(url) as database:
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
