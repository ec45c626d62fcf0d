"""How much may still be asked of an organization: one budget for every call that is under way at the same time."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

ALLOWED = "inin-ratelimit-allowed"
COUNT = "inin-ratelimit-count"
RESET = "inin-ratelimit-reset"

SHORTEST_WAIT_S = 0.001


@dataclass(frozen=True, kw_only=True, slots=True)
class RateLimit:
    """What an answer told of the limit: so many calls are allowed, so many were made, it begins anew in so long."""

    allowed: int
    count: int
    reset_s: float

    @property
    def remaining(self) -> int:
        """How many more calls are allowed until then."""
        return max(0, self.allowed - self.count)


def read_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """The limit that the headers of an answer tell; None where they do not, or not whole."""
    told = [headers.get(name, "").strip() for name in (ALLOWED, COUNT, RESET)]
    if not all(text.isascii() and text.isdigit() and len(text) < 10 for text in told):
        return None
    allowed, count, reset_s = (int(text) for text in told)
    return RateLimit(allowed=allowed, count=count, reset_s=reset_s)


class RateBudget:
    """Holds back calls that would only be refused: while a wait was asked for, and once the limit is used up.

    Once `wait_s` is none, make the call within `call`, without waiting for anything else in between.
    """

    def __init__(self, *, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._held_until = 0.0
        self._reset_at = 0.0
        self._left: int | None = None
        self._under_way = 0
        self._told_until = 0.0
        self.limit: RateLimit | None = None
        """What the last answer told; the room that is left."""

    def wait_s(self) -> float:
        """How long to wait before the next call; none where it may be made."""
        now = self._monotonic()
        until = max(self._held_until, self._reset_at if self._is_used_up(now) else 0.0)
        return until - now if until - now > SHORTEST_WAIT_S else 0.0

    def is_news(self) -> bool:
        """Whether nobody was told of the present wait yet; asking tells."""
        until = self._monotonic() + self.wait_s()
        if until <= self._told_until + SHORTEST_WAIT_S:
            return False
        self._told_until = until
        return True

    @contextmanager
    def call(self) -> Iterator[dict[str, str]]:
        """Count a call; put the headers of its answer into what this gives, and the budget learns from them."""
        self._under_way += 1
        self._left = None if self._left is None else self._left - 1
        headers: dict[str, str] = {}
        try:
            yield headers
        finally:
            self._under_way -= 1
            self._learn(headers)

    def hold(self, wait_s: float) -> None:
        """Let no call go for so long: the organization asked one of them to wait, and would ask the others."""
        until = self._monotonic() + wait_s
        self._held_until = max(self._held_until, until)
        # Whoever was asked says so by itself.
        self._told_until = max(self._told_until, until)

    def _learn(self, headers: Mapping[str, str]) -> None:
        limit = read_limit(headers)
        if limit is None:
            return
        now = self._monotonic()
        is_same_window = now < self._reset_at and self._left is not None
        # Calls under way may not be counted yet: each is taken to be one more.
        left = limit.remaining - self._under_way
        self._left = min(left, self._left or 0) if is_same_window else left
        self._reset_at = self._reset_at if is_same_window else now + limit.reset_s
        self.limit = limit

    def _is_used_up(self, now: float) -> bool:
        if self._left is None or self.limit is None:
            return False
        if now >= self._reset_at - SHORTEST_WAIT_S:
            self._left = None
            return False
        return self._left <= 0
