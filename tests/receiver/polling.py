"""A stage for polls: an organization in memory, a database, and a clock that stands still until it is moved."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from random import Random

import httpx

from publisher.sandbox import SandboxSettings, create_sandbox
from publisher.sandbox.faults import read_fault
from publisher.sandbox.publishing import edit, publish
from publisher.sandbox.records import ALEX
from publisher.sandbox.sandbox import Sandbox
from publisher.sandbox.sandbox import World as SandboxWorld
from publisher.sandbox.settings import FLOW_ID
from receiver.clock import new_id
from receiver.config import Config, parse_config, parse_environments
from receiver.ingest import Ingest
from receiver.model import EventFilter, EventRecord, PollState
from receiver.organizations import Organizations
from receiver.polls import Polls
from receiver.present import Present
from receiver.store import Database, list_events, open_database, poll_states
from tests.receiver.dispatching import FakeClock

API_URL = "http://org.test"
FLOWS = "/api/v2/flows"
SECRETS = {"GENESYS_CLIENT_ID": "client-1", "GENESYS_CLIENT_SECRET": "s3cret-s3cret", "CI_WEBHOOK_SECRET": "present"}
STEP = "{id: go, target: http, url: 'http://ci.test'}"


def a_config(environment: str = "", *, poll: str = "", others: str = "") -> Config:
    """A door, a poll of an organization, and a pipeline that every publication sets off."""
    environments = f"environments: {{prod: {{api_url: '{API_URL}', {environment}}}, {others}}}"
    text = (
        f"sources: {{genesys: {{secrets: [CI_WEBHOOK_SECRET]}}, prod-poll: {{poll: prod, {poll}}}}}\n"
        f"pipelines: {{deploy: {{on: {{}}, steps: [{STEP}]}}}}"
    )
    return parse_config(text, file="f", environments=parse_environments(environments, file="e"))


class Stage:
    """An organization that is polled."""

    def __init__(
        self, database: Database, sandbox: Sandbox, http: httpx.AsyncBaseTransport, *, clock: FakeClock
    ) -> None:
        self.database = database
        self.sandbox = sandbox
        self.clock = clock
        self.present = Present(a_config(), SECRETS)
        self.woken = 0
        self.ingest = self._ingest(database)
        self.organizations = self._organizations(http)

    def polls(self, *, recording: Database | None = None, http: httpx.AsyncBaseTransport | None = None) -> Polls:
        """What polls, as a process that has just started; where given, what records or what reaches out is another."""
        return Polls(
            self.database,
            self._ingest(recording) if recording else self.ingest,
            self._organizations(http) if http else self.organizations,
            present=self.present,
            clock=self.clock,
            new_id=new_id,
        )

    def configure(self, config: Config, secrets: Mapping[str, str] | None = None) -> None:
        """Put another config in force."""
        self.present.put_in_force(config, SECRETS if secrets is None else secrets, at=self.clock())

    def edit(self, flow_id: str = FLOW_ID) -> str:
        """Have somebody change and publish a flow in Architect; the new version's id."""
        return edit(self.sandbox, flow_id, by=ALEX).version_id

    def publish(self, version_id: str, flow_id: str = FLOW_ID) -> None:
        """Bring a version live, an old one as well."""
        publish(self.sandbox, flow_id, version_id, by=ALEX)

    def misbehave(self, fault: str, **more: object) -> None:
        self.sandbox.faults.add(read_fault({"fault": fault, **more}))

    def calls(self, path: str) -> int:
        """How often something was asked for."""
        return len([seen for seen in self.sandbox.seen if seen.path == path])

    async def events(self) -> list[EventRecord]:
        """What was recorded, oldest first."""
        page = await self.database.read(lambda conn: list_events(conn, EventFilter(), cursor=None, limit=100))
        return list(reversed(page.items))

    async def state(self) -> PollState:
        return (await self.database.read(poll_states))["prod-poll"]

    def _ingest(self, database: Database) -> Ingest:
        return Ingest(database, lambda: self.present.config, clock=self.clock, new_id=new_id, wake=self._wake)

    def _organizations(self, http: httpx.AsyncBaseTransport) -> Organizations:
        return Organizations(
            rng=Random(7),  # noqa: S311 - jitter, no secret
            new_http=lambda: httpx.AsyncClient(transport=http),
            monotonic=lambda: self.clock().timestamp(),
        )

    def _wake(self) -> None:
        self.woken += 1


@asynccontextmanager
async def a_stage(folder: Path, **settings: object) -> AsyncIterator[Stage]:
    clock = FakeClock()
    app = create_sandbox(SandboxSettings(**settings), world=SandboxWorld(clock=clock))  # type: ignore[arg-type] # passed on
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        database = await stack.enter_async_context(open_database(f"sqlite:///{folder / 'receiver.db'}"))
        stage = Stage(database, app.state.sandbox, httpx.ASGITransport(app), clock=clock)
        stack.push_async_callback(stage.organizations.close)
        yield stage


def told(records: list[EventRecord]) -> list[tuple[str | None, str | None]]:
    """Flow and version of each."""
    return [(record.event.flow_name, record.event.version_id) for record in records]


def moment(record: EventRecord) -> datetime:
    assert record.event.occurred_at is not None
    return record.event.occurred_at


async def poll(stage: Stage, *, later_s: float = 60) -> float:
    """Let time pass, and make what is due; how long it wants to rest."""
    stage.clock.advance(later_s)
    return await stage.polls().make_due()
