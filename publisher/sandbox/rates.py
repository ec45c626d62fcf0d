"""How many calls a client may make in a minute, and what every answer says of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.sandbox.errors import ApiError

WINDOW = timedelta(minutes=1)


@dataclass(kw_only=True, slots=True)
class Window:
    """A minute, and the calls that were made in it."""

    ends_at: datetime
    count: int = 0


class Rates:
    """The calls of each client in its present minute."""

    def __init__(self, allowed: int, *, clock: Callable[[], datetime]) -> None:
        self._allowed = allowed
        self._clock = clock
        self._windows: dict[str, Window] = {}

    def count(self, client_id: str) -> Mapping[str, str]:
        """Count a call: the headers that tell of it, or a refusal where it is one too many."""
        now = self._clock()
        window = self._windows.get(client_id)
        if window is None or now >= window.ends_at:
            window = self._windows[client_id] = Window(ends_at=now + WINDOW)
        reset_s = max(1, -(-(window.ends_at - now) // timedelta(seconds=1)))
        if window.count >= self._allowed:
            raise self._refusal(window, reset_s)
        window.count += 1
        return self._headers(window, reset_s)

    def _refusal(self, window: Window, reset_s: int) -> ApiError:
        text = f"Rate limit exceeded the maximum. Retry the request in [{reset_s}] seconds"
        headers = {"Retry-After": str(reset_s)} | self._headers(window, reset_s)
        return ApiError(429, "too.many.requests.retry.after", text, headers=headers)

    def _headers(self, window: Window, reset_s: int) -> dict[str, str]:
        return {
            "inin-ratelimit-allowed": str(self._allowed),
            "inin-ratelimit-count": str(window.count),
            "inin-ratelimit-reset": str(reset_s),
        }
