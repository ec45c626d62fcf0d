"""The gate that keeps back what need not, or must not, go live: unchanged, drifted and blocked flows."""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.environments import OnDrift
from publisher.errors import ExitCode, PublisherError
from publisher.gathering import gathered
from publisher.genesys.model import Flow
from publisher.ledger.history import HistoryError
from publisher.ledger.ledger import Ledger
from publisher.publish.gates import SEND, Decision, Refuse, Skip
from publisher.publish.order import Candidate
from publisher.standing import Standing, State, standing
from publisher.voice import Voice

NOTHING_KNOWN = "what was published is not known, so nothing is skipped and no drift is seen"


class DriftError(PublisherError):
    """What is live was not put there by us."""

    exit_code = ExitCode.CONFLICT
    default_code = "drift"


class BlockedError(PublisherError):
    """The content must not go live."""

    exit_code = ExitCode.CONFLICT
    default_code = "content.blocked"


@dataclass(frozen=True, kw_only=True, slots=True)
class StandingGate:
    """Decides by how each file stands against its flow."""

    ledger: Ledger | None
    on_drift: OnDrift
    force: bool
    """Whether unchanged content is published all the same."""
    voice: Voice
    how_to_know: str
    """What to do where there is no ledger, as the end of a sentence."""

    async def decide(self, candidates: Sequence[Candidate]) -> Sequence[Decision]:
        """One decision for each candidate."""
        standings = await self._standings(candidates)
        if any(each.state is State.UNKNOWN for each in standings):
            self.voice.say(f"Note: {NOTHING_KNOWN}: {self.how_to_know} (docs/state.md).")
        return [self._decision(each, found) for each, found in zip(candidates, standings, strict=True)]

    async def _standings(self, candidates: Sequence[Candidate]) -> list[Standing]:
        try:
            return await gathered(lambda each: standing_of(each.flow, each.order.content_hash, self.ledger), candidates)
        except HistoryError as exc:
            if self.on_drift is OnDrift.FAIL:
                raise
            self.voice.warn(f"{exc} It is published all the same, as on_drift says.")
            return [standing(content_hash=each.order.content_hash, flow=None, ledger=None) for each in candidates]

    def _decision(self, candidate: Candidate, found: Standing) -> Decision:
        name = candidate.order.file
        match found.state:
            case State.BLOCKED:
                return Refuse(error=BlockedError(f"{name}: {found.sentence}."))
            case State.UNCHANGED if not self.force:
                return Skip(reason=found.sentence)
            case State.DRIFTED if self.on_drift is OnDrift.FAIL:
                return Refuse(error=DriftError(f"{name}: {found.sentence}."))
            case State.DRIFTED if self.on_drift is OnDrift.WARN:
                self.voice.warn(f"{name}: {found.sentence}")
        return SEND


async def standing_of(flow: Flow | None, content_hash: str, ledger: Ledger | None) -> Standing:
    """How content stands against its flow by what the ledger knows."""
    known = await ledger.of_flow(flow.id) if ledger is not None and flow is not None else None
    return standing(content_hash=content_hash, flow=flow, ledger=known)
