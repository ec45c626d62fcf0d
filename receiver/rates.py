"""How much a source may still send: for each one a bucket that runs over at its limit and fills evenly."""

from dataclasses import dataclass
from datetime import datetime

from receiver.config import Source
from receiver.errors import RateError


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bucket:
    level: float
    at: datetime


class Rates:
    """The buckets of all sources. Each process has its own."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def take(self, source: Source, *, now: datetime) -> None:
        """Count one event; raises RateError where it is one too many."""
        if source.rate is None:
            return
        most, a_second = source.rate.number, source.rate.number / source.rate.seconds
        bucket = self._buckets.get(source.name, _Bucket(level=most, at=now))
        # A clock that was set back lets nothing run out.
        passed_s = max(0.0, (now - bucket.at).total_seconds())
        level = min(most, bucket.level + passed_s * a_second)
        if level < 1:
            raise RateError(f"Source {source.name!r} sends more than its limit.", wait_s=(1 - level) / a_second)
        self._buckets[source.name] = _Bucket(level=level - 1, at=now)
