"""What publishing works with, and what it works on."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from publisher.audit import Audit
from publisher.deadline import Deadline
from publisher.genesys.client import GenesysClient
from publisher.genesys.model import Flow
from publisher.liaison import Liaison
from publisher.publish.locks import Locks
from publisher.publish.order import Order
from publisher.trail import Trail
from publisher.voice import Voice


@dataclass(frozen=True, kw_only=True, slots=True)
class Means:
    """What one command works with, the same for all its files."""

    client: GenesysClient
    audit: Audit
    deadline: Deadline
    locks: Locks
    liaison: Liaison | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """One order on its way. The trail tells how far it has come."""

    order: Order
    flow: Flow | None
    """The flow as it was found; None where publishing makes it."""
    trail: Trail
    voice: Voice
    needs_stubs: bool = False
    """Whether it refers to flows that may not be there yet, and that only come after it."""
