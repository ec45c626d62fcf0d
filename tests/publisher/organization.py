"""A Genesys Cloud organization, a receiver, and time: all that the publisher's commands meet, in one process."""

import asyncio
import io
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any

import httpx

from publisher.cli import main
from publisher.cli.surroundings import Surroundings
from publisher.sandbox import FLOW_ID, FLOW_NAME, Fault, FaultKind, SandboxSettings, create_sandbox
from publisher.sandbox.faults import read_fault
from publisher.sandbox.sandbox import Sandbox, World

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
API_URL = "http://org.test"
NO_HOST = "nowhere.test"
WEBHOOK_URL = "http://relay.test/webhooks/genesys"
WEBHOOK_SECRET = "webhook-s3cret"
CLIENT_SECRET = "client-s3cret"

CREDENTIALS: Mapping[str, str] = {
    "GENESYS_API_URL": API_URL,
    "GENESYS_CLIENT_ID": "client-1",
    "GENESYS_CLIENT_SECRET": CLIENT_SECRET,
}
WEBHOOK: Mapping[str, str] = {"CI_WEBHOOK_URL": WEBHOOK_URL, "CI_WEBHOOK_SECRET": WEBHOOK_SECRET}
BOTH: Mapping[str, str] = {**CREDENTIALS, **WEBHOOK}

VERSIONS = f"/api/v2/flows/{FLOW_ID}/versions"
PUBLISH = "POST /api/v2/flows/actions/publish"


class Time:
    """Passes only while someone sleeps."""

    def __init__(self) -> None:
        self.now = NOON
        self.slept_s: list[float] = []
        self.stands_still = False
        """Then whoever sleeps never wakes up."""
        self.asleep = asyncio.Event()

    def clock(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.now.timestamp()

    async def sleep(self, delay_s: float) -> None:
        self.slept_s.append(delay_s)
        self.now += timedelta(seconds=delay_s)
        self.asleep.set()
        await (asyncio.Event().wait() if self.stands_still else asyncio.sleep(0))


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def lines(self) -> list[dict[str, Any]]:
        """The JSON objects on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]

    def records(self) -> list[dict[str, Any]]:
        """The audit records among them."""
        return [line for line in self.lines() if "action" in line]

    def results(self) -> list[dict[str, Any]]:
        """The results among them."""
        return [line for line in self.lines() if "result" in line]

    def statuses(self) -> list[tuple[str, str, str | None]]:
        """Action, status and error code of each record."""
        return [(record["action"], record["status"], record["error_code"]) for record in self.records()]


@dataclass
class Organization(httpx.AsyncBaseTransport):
    """The sandbox and a receiver, reached without a socket; a command is run against both."""

    settings: SandboxSettings = field(default_factory=SandboxSettings)
    receiver: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(202)
    history: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(404, json={})
    """What the receiver's API answers."""
    time: Time = field(default_factory=Time)

    def __post_init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.asked: list[httpx.Request] = []
        self._ids = iter(range(1, 10_000))
        self._open = AsyncExitStack()
        self._receiver = httpx.MockTransport(self._receive)
        world = World(clock=self.time.clock, sleep=self.time.sleep, transport=self._receiver)
        self.app = create_sandbox(self.settings, world=world)
        self._transport = httpx.ASGITransport(self.app)

    @property
    def sandbox(self) -> Sandbox:
        """What the sandbox holds."""
        sandbox: Sandbox = self.app.state.sandbox
        return sandbox

    def calls(self) -> list[str]:
        """Every request that the organization got: method, path and status."""
        return [f"{seen.method} {seen.path} {seen.status}" for seen in self.sandbox.seen]

    def misbehave(self, fault: str, **more: Any) -> None:  # noqa: ANN401 - as JSON gives it
        """Have the sandbox go wrong, as `POST /sandbox/faults` would."""
        self.sandbox.faults.add(read_fault({"fault": fault, **more}))

    def add(self, fault: Fault) -> None:
        """Have the sandbox go wrong."""
        self.sandbox.faults.add(fault)

    def forbid(self, scope: str) -> None:
        """Take a scope away from the client."""
        self.add(Fault(kind=FaultKind.FORBIDDEN, times=None, scope=scope))

    def run(
        self,
        *arguments: object,
        environ: Mapping[str, str] = CREDENTIALS,
        is_terminal: bool = False,
        answers: Sequence[str] = (),
        secret: str = CLIENT_SECRET,
    ) -> Ended:
        """Run a command to its end; the answers are what somebody types, line by line, then Ctrl-D."""
        stream = Terminal if is_terminal else io.StringIO
        streams = (stream(), stream())
        around = Surroundings(
            environ=environ,
            out=streams[0],
            err=streams[1],
            answers=stream("".join(f"{answer}\n" for answer in answers)),
            read_secret=lambda prompt: f"{streams[1].write(prompt) and secret}",
            clock=self.time.clock,
            monotonic=self.time.monotonic,
            sleep=self.time.sleep,
            new_id=lambda: f"id-{next(self._ids)}",
            rng=Random(1),  # noqa: S311 - jitter, not a secret
            resolve=self.resolve,
            transport=self,
        )
        code = main([str(argument) for argument in arguments], around)
        return Ended(code=code, out=streams[0].getvalue(), err=streams[1].getvalue())

    async def resolve(self, host: str) -> list[str]:
        """The addresses of a host; none of the one that is not there."""
        if host == NO_HOST:
            raise OSError(-2, "Name or service not known")
        return ["192.0.2.7"]

    async def __aenter__(self) -> "Organization":
        await self._open.enter_async_context(self.app.router.lifespan_context(self.app))
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._open.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        away = request.url.host == "relay.test"
        return await (self._receiver if away else self._transport).handle_async_request(request)

    def _receive(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            self.asked.append(request)
            return self.history(request)
        self.told.append(json.loads(request.content) | {"secret": request.headers["X-Genesys-Webhook-Secret"]})
        return self.receiver(request)


def a_definition(
    *, name: str = FLOW_NAME, types: Sequence[str] = ("trigger", "say", "disconnect"), is_circular: bool = False
) -> dict[str, Any]:
    """A flow whose nodes follow one another, n0 to the last; a circular one leads back to its second node."""
    nodes = [{"id": f"n{at}", "type": type_, "name": f"Node {at}"} for at, type_ in enumerate(types)]
    pairs = [(at, at + 1) for at in range(len(types) - 1)]
    pairs += [(len(types) - 1, 1)] if is_circular else []
    connections = [
        {"id": f"c{source}", "sourceNodeId": f"n{source}", "targetNodeId": f"n{target}", "condition": "always"}
        for source, target in pairs
    ]
    return {"name": name, "description": "", "language": "en-US", "nodes": nodes, "connections": connections}


def a_flow_file(folder: Path, *, file: str = "main.json", **definition: Any) -> Path:  # noqa: ANN401 - passed on
    """A file with such a flow."""
    path = folder / file
    path.write_text(json.dumps(a_definition(**definition), indent=1))
    return path
