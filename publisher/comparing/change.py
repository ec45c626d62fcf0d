"""What became of a thing: a sign, and a sentence."""

from dataclasses import dataclass
from enum import StrEnum


class Sign(StrEnum):
    """What became of a thing."""

    SAME = " "
    ADDED = "+"
    REMOVED = "−"  # noqa: RUF001  # as wide as the plus
    CHANGED = "~"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One thing that is not as it was, in words."""

    sign: Sign
    text: str

    def __str__(self) -> str:
        """As a line."""
        return f"{self.sign} {self.text}"
