"""How long to wait before a request is sent once more."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """How often to try again, and how long to wait in between; the server's own wish counts up to `longest_wait_s`."""

    retries: int = 4
    first_delay_s: float = 1.0
    max_delay_s: float = 30.0
    longest_wait_s: float = 180.0

    def delay_s(self, retry: int, *, wished_s: float | None, rng: Random) -> float | None:
        """The wait before the `retry`-th repetition (from 1), or None where it is time to give up.

        Jitter only ever adds: a server that names a time is not asked before it.
        """
        if retry > self.retries or (wished_s is not None and wished_s > self.longest_wait_s):
            return None
        grown_s = min(self.first_delay_s * 2 ** (retry - 1), self.max_delay_s)
        delay_s = grown_s if wished_s is None else wished_s
        return delay_s + rng.uniform(0, max(0.5, delay_s / 4))


def retry_after_s(value: str | None, *, now: datetime) -> float | None:
    """What a `Retry-After` header asks for, in seconds: it holds a number, or a date as `now` is."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
