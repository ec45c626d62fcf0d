"""The sandbox's parts, and what joins them: a version that goes live is told to every webhook."""

import asyncio
import secrets
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from publisher.sandbox.bodies import published_event
from publisher.sandbox.definitions import compile_errors
from publisher.sandbox.faults import FaultKind, Faults
from publisher.sandbox.org import Compilation, Org, OrgOperation, OrgVersion
from publisher.sandbox.settings import SandboxSettings
from publisher.sandbox.tokens import Tokens
from publisher.sandbox.webhooks import EVENT_FAULTS, Outbox, Patience

PUBLISHED = "flow.version.published"
LONGEST_LOG = 1000


def utc_now() -> datetime:
    """The present time, aware, in UTC."""
    return datetime.now(UTC)


def random_id() -> str:
    """An id as the platform has them."""
    return str(uuid.uuid4())


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """What the sandbox takes from outside: time, ids, tokens, and the way to the webhooks."""

    clock: Callable[[], datetime] = utc_now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    new_id: Callable[[], str] = random_id
    new_token: Callable[[], str] = secrets.token_urlsafe
    transport: httpx.AsyncBaseTransport | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One request that the sandbox got, and the status that it answered."""

    method: str
    path: str
    status: int


class Sandbox:
    """One organization with its clients, its webhooks and its faults."""

    def __init__(self, settings: SandboxSettings, world: World) -> None:
        self.settings = settings
        self.world = world
        self.outbox = Outbox(
            patience=Patience(
                attempts=settings.event_attempts, delay_s=settings.event_delay_s, timeout_s=settings.event_timeout_s
            ),
            sleep=world.sleep,
            transport=world.transport,
        )
        self.seen: deque[Seen] = deque(maxlen=LONGEST_LOG)
        self.reset()

    def reset(self) -> None:
        """Be as at the start: no tokens, no registrations, the flows that were there, the faults that were given."""
        self.outbox.clear()
        self.seen.clear()
        self.faults = Faults(self.settings.faults)
        self.tokens = Tokens(self.settings, clock=self.world.clock, new_token=self.world.new_token)
        self.org = Org(self.settings.flows, clock=self.world.clock, new_id=self.world.new_id)

    def create_version(self, flow_id: str, definition: Mapping[str, Any], *, by: str) -> OrgVersion:
        """Take a definition as the next version, and begin to compile it."""
        return self.org.add_version(flow_id, definition, compilation=self._compilation(definition), by=by)

    def publish(self, flow_id: str, version_id: str | None, *, by: str) -> OrgOperation:
        """Begin to bring a version live. As on the platform, the answer to an unknown version looks the same."""
        flow = self.org.flow(flow_id)
        wanted = version_id or (flow.latest.id if flow.latest else "")
        fault = self.faults.due((FaultKind.NO_EFFECT, FaultKind.PUBLISH_FAILED))
        if wanted not in flow.versions or (fault is not None and fault.kind is FaultKind.NO_EFFECT):
            return OrgOperation(id=self.world.new_id(), version_id=wanted, client=by)
        error = "; ".join(fault.messages) if fault else self._unfit(flow.versions[wanted])
        operation = self.org.start_publishing(flow_id, wanted, by=by)
        if self.settings.publish_s <= 0:
            return self._finish(flow_id, operation, error=error)
        self.outbox.start(self._finish_later(flow_id, operation, error=error), name=f"publish {operation.id}")
        return operation

    def _compilation(self, definition: Mapping[str, Any]) -> Compilation:
        fault = self.faults.due((FaultKind.STUCK, FaultKind.INVALID))
        if fault is not None and fault.kind is FaultKind.STUCK:
            return Compilation(polls_left=None)
        errors = fault.messages if fault is not None else compile_errors(definition)
        return Compilation(polls_left=self.settings.validation_polls, errors=errors)

    def _unfit(self, version: OrgVersion) -> str | None:
        if version.compilation.status == "passed":
            return None
        return f"Version {version.id} has not passed validation: {version.compilation.status}."

    async def _finish_later(self, flow_id: str, operation: OrgOperation, *, error: str | None) -> None:
        await self.world.sleep(self.settings.publish_s)
        self._finish(flow_id, operation, error=error)

    def _finish(self, flow_id: str, operation: OrgOperation, *, error: str | None) -> OrgOperation:
        ended = self.org.finish_publishing(flow_id, operation, error=error)
        if error is None:
            self._tell(flow_id, ended)
        return ended

    def _tell(self, flow_id: str, operation: OrgOperation) -> None:
        flow = self.org.flow(flow_id)
        listeners = [registration for registration in self.org.registrations() if PUBLISHED in registration.events]
        if not listeners:
            return
        event = published_event(
            flow,
            flow.versions[operation.version_id],
            event_id=self.world.new_id(),
            organization_id=self.settings.organization_id,
            client=operation.client,
            at=self.world.clock(),
        )
        self.outbox.post(event, listeners, fault=self.faults.due(EVENT_FAULTS))
