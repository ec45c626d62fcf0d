"""A running sandbox without a socket, somebody who asks it, and a listener for its events."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from publisher.genesys.client import GenesysClient
from publisher.sandbox import FLOW_ID, Fault, FaultKind, SandboxSettings, create_sandbox
from publisher.sandbox.faults import read_fault
from publisher.sandbox.sandbox import Sandbox, World
from tests.publisher.genesys.wires import Time, a_client

URL = "http://sandbox.test"
WEBHOOK_URL = "http://relay.test/webhooks/genesys"
SECRET = "t0psecret"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

DEFINITION: Mapping[str, Any] = {
    "name": "Automated IVR Flow v2",
    "nodes": [
        {"id": "trigger", "type": "trigger", "name": "Start"},
        {"id": "say_welcome", "type": "say", "name": "Welcome"},
        {"id": "bye", "type": "disconnect", "name": "End"},
    ],
    "connections": [
        {"id": "c1", "sourceNodeId": "trigger", "targetNodeId": "say_welcome", "condition": "always"},
        {"id": "c2", "sourceNodeId": "say_welcome", "targetNodeId": "bye", "condition": "always"},
    ],
}


@dataclass
class Listener:
    """Takes events; answers from a list of statuses, the last one for ever. None breaks the connection."""

    statuses: Sequence[int | None] = (202,)
    requests: list[httpx.Request] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.bodies.append(json.loads(request.content))
        self._came.set()
        status = self.statuses[min(len(self.requests), len(self.statuses)) - 1]
        if status is None:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(status)

    async def heard(self, count: int) -> list[dict[str, Any]]:
        """The events, once there are so many."""
        async with asyncio.timeout(5):
            while len(self.bodies) < count:
                self._came.clear()
                await self._came.wait()
        return self.bodies


@dataclass
class Clock:
    """A clock that only waiting moves; whoever sleeps lets the others go first."""

    now: datetime = NOON
    naps: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, delay_s: float) -> None:
        self.naps.append(delay_s)
        self.now += timedelta(seconds=delay_s)
        await asyncio.sleep(0)


@dataclass(kw_only=True)
class Running:
    """A sandbox, and the ways to it."""

    sandbox: Sandbox
    transport: httpx.ASGITransport
    http: httpx.AsyncClient
    client: GenesysClient
    client_time: Time
    listener: Listener
    clock: Clock

    def add(self, name: str, **told: Any) -> None:  # noqa: ANN401
        """Misbehave so."""
        self.sandbox.faults.add(read_fault({"fault": name} | told))

    async def register(self, *, name: str = "Sync", events: Sequence[str] = ("flow.version.published",)) -> str:
        """Register the listener; its registration's id."""
        body = {
            "name": name,
            "description": "",
            "type": "web",
            "endpointUrl": WEBHOOK_URL,
            "events": list(events),
            "secret": SECRET,
        }
        response = await self.http.post("/api/v2/platform/webhooks", json=body)
        return str(response.json()["id"])

    async def publish(self, version_id: str = "1.0", *, flow_id: str = FLOW_ID) -> httpx.Response:
        """Ask for a version to go live."""
        query = {"flow": flow_id, "version": version_id}
        return await self.http.post("/api/v2/flows/actions/publish", params=query)

    async def push(self, definition: Mapping[str, Any] = DEFINITION, *, flow_id: str = FLOW_ID) -> httpx.Response:
        """Push a definition as the next version."""
        return await self.http.post(f"/api/v2/flows/{flow_id}/versions", json=definition)


@asynccontextmanager
async def a_sandbox(
    settings: SandboxSettings | None = None, *, listener: Listener | None = None
) -> AsyncIterator[Running]:
    """A sandbox with its lifespan entered and a client with a token."""
    clock, hears, time = Clock(), listener or Listener(), Time()
    world = World(clock=clock, sleep=clock.sleep, transport=httpx.MockTransport(hears))
    app = create_sandbox(settings, world=world)
    transport = httpx.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url=URL) as http:
        token = app.state.sandbox.tokens.give(client_id="ci", client_secret="pa55word")
        http.headers["Authorization"] = f"Bearer {token}"
        yield Running(
            sandbox=app.state.sandbox,
            transport=transport,
            http=http,
            client=a_client(transport, time=time),
            client_time=time,
            listener=hears,
            clock=clock,
        )


def a_fault(name: FaultKind, **told: Any) -> Fault:  # noqa: ANN401
    """A fault as JSON would give it."""
    return read_fault({"fault": name.value} | told)
