"""The whole plan."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.planning.entry import Entry, Would

DONE: dict[Would, str] = {
    Would.PUBLISH: "to publish",
    Would.SKIP: "unchanged",
    Would.REFUSE: "refused",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What publishing some files would come to, in the order in which they would be published."""

    entries: Sequence[Entry]
    place: str
    """What to call the organization: prod."""
    warnings: tuple[str, ...] = ()

    @property
    def has_changes(self) -> bool:
        """Whether something else would be live than is now."""
        return any(entry.is_change for entry in self.entries)

    @property
    def has_conflicts(self) -> bool:
        """Whether what somebody else put live, or has blocked, stands in the way of a file."""
        return any(entry.is_in_conflict for entry in self.entries)

    @property
    def has_problems(self) -> bool:
        """Whether a file would be refused for what is wrong with it."""
        return any(entry.is_faulty for entry in self.entries)

    @property
    def summary(self) -> str:
        """How many files there are of each sort."""
        counts = Counter(entry.would for entry in self.entries)
        return ", ".join(f"{counts[would]} {DONE[would]}" for would in Would if counts[would])
