"""The tally: what this process has taken in and ended since its start, for whoever draws curves of it."""

from collections import Counter

from receiver.model import Claim, Event, Recorded, Run, Settlement
from receiver.states import is_final


class Tally:
    """Counts in memory. What happens for every event or step is one addition."""

    def __init__(self) -> None:
        self.received: Counter[tuple[str, ...]] = Counter()
        """Events, by source and by what became of them."""
        self.attempts: Counter[tuple[str, ...]] = Counter()
        """Attempts, by target and result."""
        self.steps: Counter[tuple[str, ...]] = Counter()
        """Steps that an attempt has ended, by target and status."""
        self.runs: Counter[tuple[str, ...]] = Counter()
        """Runs that such a step has ended, by pipeline and status."""

    def took_in(self, event: Event, recorded: Recorded) -> None:
        """Count an event that was taken in."""
        self.received[event.source, _outcome(event, recorded)] += 1

    def settled(self, claim: Claim, settlement: Settlement, run: Run) -> None:
        """Count an attempt, with the step and the run where it has ended them."""
        target = claim.step.target
        self.attempts[target, settlement.attempt.result.value] += 1
        if is_final(settlement.status):
            self.steps[target, settlement.status.value] += 1
            if is_final(run.status):
                self.runs[run.pipeline, run.status.value] += 1


def _outcome(event: Event, recorded: Recorded) -> str:
    if recorded.duplicate:
        return "conflict" if recorded.conflict else "duplicate"
    publication = recorded.publication
    return "recorded" if publication is None or publication.first_event_id == event.id else "joined"
