"""`--force-unlock`: somebody at the terminal agrees to take a lock away, knowing whose draft that publishes."""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.cli.console import Console
from publisher.cli.person import Person
from publisher.errors import ExitCode, PublisherError
from publisher.genesys.model import Flow
from publisher.publish.gates import SEND, Decision, Refuse
from publisher.publish.locks import Locks
from publisher.publish.order import Candidate


class KeptLockError(PublisherError):
    """Somebody else is editing the flow, and nobody agreed to take the lock away."""

    exit_code = ExitCode.CONFLICT
    default_code = "flow.locked"


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockGate:
    """Asks for each flow that somebody else is editing."""

    locks: Locks
    person: Person
    console: Console

    async def decide(self, candidates: Sequence[Candidate]) -> Sequence[Decision]:
        """Send what is free, or may be unlocked."""
        return [await self.decide_on(candidate.flow) for candidate in candidates]

    async def decide_on(self, flow: Flow | None) -> Decision:
        """Send a flow that is free, or that somebody agrees to unlock."""
        if flow is None or not self.locks.is_locked(flow):
            return SEND
        lock = await self.locks.lock_of(flow)
        said = self.locks.sentence(flow, lock)
        holder = lock.holder if lock else "somebody"
        self.console.pause()
        self.console.say(f"{said[0].upper()}{said[1:]}.")
        self.console.say(f"Unlocking it publishes what {holder} has saved, before anything of yours goes live.")
        if self.person.ask("To unlock it, type the name of the flow") != flow.name:
            return Refuse(error=KeptLockError(f"Nobody agreed to unlock it, and {said}."))
        self.locks.forced.add(flow.id)
        return SEND
