"""The sandbox's parts: one organization with its clients, jobs, webhooks and faults, and the world around it."""

import asyncio
import secrets
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from publisher.sandbox.depot import Depot
from publisher.sandbox.errors import not_found
from publisher.sandbox.faults import FaultKind, Faults
from publisher.sandbox.herald import Herald
from publisher.sandbox.org import Org
from publisher.sandbox.rates import Rates
from publisher.sandbox.settings import SandboxSettings
from publisher.sandbox.tokens import Tokens
from publisher.sandbox.traffic import Traffic
from publisher.sandbox.webhooks import Outbox, Patience

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
    """One organization with its clients, its jobs, its webhooks and its faults."""

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
        clock, new_id, new_token = self.world.clock, self.world.new_id, self.world.new_token
        self.outbox.clear()
        self.seen.clear()
        self.faults = Faults(self.settings.faults)
        self.tokens = Tokens(self.settings, clock=clock, new_token=new_token)
        self.rates = Rates(self.settings.rate_per_minute, clock=clock)
        self.org = Org(self.settings.flows, clock=clock, new_id=new_id)
        self.things = list(self.settings.things)
        self.depot = Depot(clock=clock, new_id=new_id, new_token=new_token)
        self.traffic = Traffic()
        self.herald = Herald(self.org, self.outbox, self.faults, settings=self.settings, world=(clock, new_id))
        self.histories: dict[str, tuple[str, datetime]] = {}
        self.audit_queries: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
        self._unseen: set[str] = set()

    def hide(self, made_id: str) -> None:
        """Let something that was just made be unseen for as long as a fault wants."""
        self._unseen.add(made_id)

    def check_seen(self, wanted_id: str) -> None:
        """Answer 404 to a look at something that cannot be seen yet."""
        if wanted_id not in self._unseen:
            return
        if self.faults.due((FaultKind.UNSEEN,)) is not None:
            raise not_found(f"{wanted_id!r}")
        self._unseen.discard(wanted_id)
