"""The tally: what this process has taken in and ended since its start, for whoever draws curves of it."""

from bisect import bisect_left
from collections import Counter
from typing import Final

from receiver.model import Claim, Event, Recorded, Run, Settlement
from receiver.states import is_final

BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""How long taking in an event may take, in steps."""


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
        self.durations = [0] * (len(BOUNDS_S) + 1)
        """How many events took as long as each of the bounds at most, but longer than the one before it."""
        self.duration_s = 0.0
        """How long all of them took together."""

    def took_in(self, event: Event, recorded: Recorded) -> None:
        """Count an event that was taken in."""
        self.received[event.source, _outcome(event, recorded)] += 1

    def took(self, seconds: float) -> None:
        """Count how long it took from a whole body to a durable record."""
        self.durations[bisect_left(BOUNDS_S, seconds)] += 1
        self.duration_s += seconds

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
