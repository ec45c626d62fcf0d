"""Room for one more connection where all are taken: who has the most of those that wait gives some up."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from receiver.networks import neighbourhood


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """A connection that waits for its client: for a request, for the rest of one, or for its answer to be read."""

    address: str
    until: float
    """When it would be given up in any case, by the clock of the loop."""
    give_up: Callable[[], None]


def least_missed(seats: Sequence[Seat], *, number: int) -> Sequence[Seat]:
    """Those to be given up: of the neighbourhood that has most of them first, and there the one that would end soonest.

    A client that has been answered is waited for longer than one that has asked nothing yet, so it goes last.
    """
    held = Counter(neighbourhood(seat.address) for seat in seats)
    return sorted(seats, key=lambda seat: (-held[neighbourhood(seat.address)], seat.until))[:number]
