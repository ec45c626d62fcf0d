"""How it ended for one order of a batch."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from publisher.errors import PublisherError
from publisher.genesys.errors import GenesysError
from publisher.publish.order import Order, Result

Failure: TypeAlias = PublisherError | GenesysError


class Fate(StrEnum):
    """What became of an order."""

    PUBLISHED = "published"
    VALIDATED = "validated"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    NOT_TRIED = "not_tried"

    @property
    def is_good(self) -> bool:
        """Whether what refers to it can be published."""
        return self in {Fate.PUBLISHED, Fate.VALIDATED, Fate.UNCHANGED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """What became of an order, and why."""

    order: Order
    fate: Fate
    result: Result | None = None
    error: Failure | None = None
    reason: str = ""
    """Why it was skipped, or not tried."""
    latency_ms: int = 0

    @classmethod
    def of_result(cls, order: Order, result: Result, *, latency_ms: int) -> "Ending":
        """It went as far as it should."""
        fate = Fate.PUBLISHED if result.is_live else Fate.VALIDATED
        return cls(order=order, fate=fate, result=result, latency_ms=latency_ms)


def failures(endings: Iterable[Ending]) -> list[Failure]:
    """Every error there was."""
    return [ending.error for ending in endings if ending.error is not None]
