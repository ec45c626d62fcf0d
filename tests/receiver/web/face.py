"""The API and the pages over a real database, with a clock to turn and a client to ask with."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import httpx
from starlette.applications import Starlette

from receiver.clock import new_id
from receiver.model import Event, GroupPolicy, NewRun, NewStep, Plan, Recorded, Settlement, Verdict, VerdictKind
from receiver.states import StepStatus
from receiver.store import Database, claim_due, open_database, record, settle
from receiver.web import api, assets, pages, signing
from receiver.web.access import Access, create_access
from tests.receiver.web.makers import NOON, an_attempt, an_event

QUIET = SimpleNamespace(inbox=SimpleNamespace(size=0))
"""Nothing waits to be recorded."""
TOKEN = "an admin token of the tests"
PEER = "192.0.2.7"
HOST = "relay.test"
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class TurnedClock:
    """A clock that stands still until it is turned."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Face:
    """What is looked at, and what it is looked at with."""

    database: Database
    access: Access
    app: Starlette
    client: httpx.AsyncClient
    clock: TurnedClock = field(default_factory=TurnedClock)

    async def sign_in(self, token: str = TOKEN, *, headers: Mapping[str, str] = FROM_OUR_PAGE) -> httpx.Response:
        return await self.client.post("/sign-in", data={"token": token, "next": "/"}, headers=headers)

    async def ask(self, path: str) -> httpx.Response:
        """Ask the API, with the token."""
        return await self.client.get(path, headers={"Authorization": f"Bearer {TOKEN}"})

    async def receive(self, event: Event | None = None, *, plan: Plan | None = None) -> Recorded:
        """Record an event, as the door does."""
        given = event or an_event(id=new_id(), dedupe_key=new_id())
        chosen = a_plan() if plan is None else plan
        return await self.database.write(lambda conn: record(conn, given, chosen, now=self.clock()))

    async def run_step(self, status: StepStatus = StepStatus.SUCCEEDED, **attempt: object) -> None:
        """Send the next due step, and have it end so."""
        [claim] = await self.database.write(
            lambda conn: claim_due(conn, limit=1, now=self.clock(), lease_s=60, new_lease=new_id())
        )
        kept = an_attempt(
            id=claim.attempt.id, step_id=claim.step.id, number=claim.attempt.number, ended_at=self.clock(), **attempt
        )
        settlement = Settlement(status=status, attempt=kept, message=kept.message)
        await self.database.write(lambda conn: settle(conn, claim, settlement, now=self.clock()), settling=True)


@asynccontextmanager
async def a_face(folder: Path, *, base_url: str = f"http://{HOST}") -> AsyncIterator[Face]:
    """The API and the pages over an empty database."""
    clock = TurnedClock()
    access = create_access(
        admin_token=TOKEN, secret_keys=["a signing key of the tests"], clock=clock, new_secret=numbered_secrets()
    )
    async with open_database(f"sqlite:///{folder / 'receiver.db'}") as database:
        app = an_app(SimpleNamespace(database=database, ingest=QUIET), access)
        async with a_client(app, base_url=base_url) as client:
            yield Face(database=database, access=access, app=app, client=client, clock=clock)


def an_app(relay: object, access: Access | None) -> Starlette:
    app = Starlette(routes=[*api.routes, *pages.routes, *signing.routes, *assets.routes])
    app.state.relay = relay
    app.state.access = access
    return app


def a_client(app: Starlette, *, base_url: str = f"http://{HOST}", peer: str = PEER) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app, client=(peer, 40_000)), base_url=base_url)


def numbered_secrets() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"secret-{next(numbers)}"


def a_plan() -> Plan:
    """One pipeline that matched, and one that did not."""
    run = NewRun(
        id=new_id(),
        pipeline="deploy-ivr",
        group_key="deploy-ivr",
        policy=GroupPolicy.PARALLEL,
        steps=[NewStep(name="deploy", target="ci", kind="http")],
        config_digest="c0ffee",
    )
    matched = Verdict(pipeline="deploy-ivr", kind=VerdictKind.MATCHED, reason="type and flow fit", run_id=run.id)
    missed = Verdict(pipeline="nightly", kind=VerdictKind.NOT_MATCHED, reason="flow 'Main' is not among [\"Sales *\"]")
    return Plan(verdicts=(matched, missed), runs=(run,))


async def shown(face: Face, path: str) -> str:
    """A page as somebody who is signed in sees it."""
    await face.sign_in()
    answer = await face.client.get(path)
    assert answer.status_code == 200
    return answer.text
