"""The seam between checked and sent: what is decided on each order before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from publisher.errors import PublisherError
from publisher.publish.order import Candidate


@dataclass(frozen=True, kw_only=True, slots=True)
class Send:
    """Nothing speaks against it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Skip:
    """There is no need to send it; that counts as done, also for those that refer to it."""

    reason: str
    """Completes "unchanged: …": `live 16.0 is this very content`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refuse:
    """It must not be sent. The others are, unless they refer to it."""

    error: PublisherError


Decision: TypeAlias = Send | Skip | Refuse
SEND = Send()


class Gate(Protocol):
    """Something that may keep orders from being sent. It may ask the organization, but changes nothing there."""

    async def decide(self, candidates: Sequence[Candidate]) -> Sequence[Decision]:
        """One decision for each candidate, in their order; an error that is raised keeps all from being sent."""
        ...


async def decided(candidates: Sequence[Candidate], gates: Sequence[Gate]) -> list[Decision]:
    """What all gates together say: the first that would not send a candidate decides, and later ones do not see it."""
    decisions: list[Decision] = [SEND for _ in candidates]
    for gate in gates:
        left = [at for at, decision in enumerate(decisions) if isinstance(decision, Send)]
        if not left:
            break
        found = await gate.decide([candidates[at] for at in left])
        for at, decision in zip(left, found, strict=True):
            decisions[at] = decision
    return decisions
