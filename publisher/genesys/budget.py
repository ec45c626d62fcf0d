"""How much may still be asked of an organization: one budget for every call that is under way at the same time."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

ALLOWED = "inin-ratelimit-allowed"
COUNT = "inin-ratelimit-count"
RESET = "inin-ratelimit-reset"

SHORTEST_WAIT_S = 0.001
LOOK_S = 1.0
"""How long to wait for answers that are under way, and tell how much room there is."""
NEWS_S = 2.0
"""A wait that is longer by less than this is no news."""


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
        """How many more calls may be made until then; None where nothing is known."""
        self._count = 0
        """The highest count that an answer told since the limit began anew."""
        self._is_presumed = False
        """Whether the limit began anew, and no answer told so yet."""
        self._under_way = 0
        self._told_until = 0.0
        self.limit: RateLimit | None = None
        """What the last answer told; the room that is left."""

    def wait_s(self) -> float:
        """How long to wait before the next call; none where it may be made."""
        now = self._monotonic()
        if now >= self._reset_at - SHORTEST_WAIT_S and not self._is_presumed:
            self._begin_anew()
        until = self._held_until
        if self._is_used_up:
            until = max(until, now + LOOK_S if self._may_change else self._reset_at)
        return until - now if until - now > SHORTEST_WAIT_S else 0.0

    def is_news(self) -> bool:
        """Whether nobody was told of the present wait yet; asking tells. Nobody is told of a wait for an answer."""
        is_look = self._is_used_up and self._may_change
        return not is_look and self._tell(self._monotonic() + self.wait_s())

    @property
    def _is_used_up(self) -> bool:
        return self._left is not None and self._left <= 0

    @property
    def _may_change(self) -> bool:
        """Whether an answer may soon tell that there is more room than it seems."""
        return self._is_presumed or self._under_way > 0

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

    def hold(self, wait_s: float) -> bool:
        """Let no call go for so long: the organization asked one of them to wait, and would ask the others.

        Whether that is news: most likely several calls are asked at the same time.
        """
        until = self._monotonic() + wait_s
        self._held_until = max(self._held_until, until)
        return self._tell(until)

    def _tell(self, until: float) -> bool:
        if until <= self._told_until + NEWS_S:
            return False
        self._told_until = until
        return True

    def _begin_anew(self) -> None:
        """The limit begins anew: as many calls may be made as it allows, until an answer tells more."""
        if self.limit is None:
            return
        self._is_presumed = True
        self._left = self.limit.allowed - self._under_way

    def _learn(self, headers: Mapping[str, str]) -> None:
        limit = read_limit(headers)
        if limit is None:
            return
        now = self._monotonic()
        if self._is_presumed or now >= self._reset_at:
            self._is_presumed = False
            self._reset_at = now + limit.reset_s
            self._count = 0
        self._count = max(self._count, limit.count)
        # Calls under way may not be counted yet: each is taken to be one more.
        self._left = limit.allowed - self._count - self._under_way
        self.limit = limit
