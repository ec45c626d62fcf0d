"""What publishing works with, and what it works on."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from publisher.audit import Audit
from publisher.deadline import Deadline
from publisher.genesys.client import GenesysClient
from publisher.genesys.model import Flow
from publisher.genesys.wire import utc_now
from publisher.ledger.ledger import Ledger
from publisher.liaison import Liaison
from publisher.provenance import Provenance
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
    ledger: Ledger | None = None
    """Where it is kept what went live."""
    looks_again: bool = False
    """Whether a version that somebody else puts live meanwhile keeps ours back."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], datetime] = utc_now


class Passage(Protocol):
    """A version on its way to being live."""

    @property
    def file(self) -> str:
        """The file that it was made from."""
        ...

    @property
    def provenance(self) -> Provenance:
        """Where it came from."""
        ...

    @property
    def trail(self) -> Trail:
        """How far it has come."""
        ...

    @property
    def voice(self) -> Voice:
        """Who is told."""
        ...


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

    @property
    def file(self) -> str:
        """The file's name, as it was given."""
        return self.order.file

    @property
    def provenance(self) -> Provenance:
        """Where it came from."""
        return self.order.provenance
