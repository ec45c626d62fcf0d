"""The last requests that the door refused, for the people inside. Nothing of a body, no secret, no file."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

MOST = 1_000
LOG_EVERY = timedelta(seconds=10)
LONGEST_SOURCE = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """One request that was not taken in."""

    at: datetime
    source: str
    """As it was asked for, cut; it may be none of ours."""
    address: str
    status: int
    reason: str
    size: int | None = None
    """The length that the request gave, where it gave one."""


class Refusals:
    """Keeps the last refusals in memory, and logs without letting a flood of them fill the disk."""

    def __init__(self, *, most: int = MOST) -> None:
        self._kept: deque[Refusal] = deque(maxlen=most)
        self._logged_at: datetime | None = None
        self._unlogged = 0
        self.by_status: Counter[int] = Counter()
        """How many there have been since the start, by the answer."""

    def add(self, refusal: Refusal) -> None:
        """Keep a refusal."""
        self._kept.append(refusal)
        self.by_status[refusal.status] += 1
        if self._logged_at is not None and timedelta(0) <= refusal.at - self._logged_at < LOG_EVERY:
            self._unlogged += 1
            return
        log.warning(
            "request refused",
            source=refusal.source,
            address=refusal.address,
            status=refusal.status,
            reason=refusal.reason,
            not_logged_before=self._unlogged,
        )
        self._logged_at, self._unlogged = refusal.at, 0

    @property
    def total(self) -> int:
        """How many there have been since the start."""
        return self.by_status.total()

    def latest(self) -> Sequence[Refusal]:
        """What is kept, newest first."""
        return tuple(reversed(self._kept))
