"""How long a reader may go on: SQLite asks now and then, while it works, whether to stop.

To cancel whoever waits is not enough: the thread would go on with the statement, and hold its connection and the log.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Final

ASKED_EVERY: Final = 20_000
"""How many instructions of its machine SQLite works off in between: about a millisecond."""


class ReadingTime:
    """The time of one connection."""

    def __init__(self) -> None:
        self._until = inf

    def is_over(self) -> bool:
        """Whether what is being done takes too long: the answer to SQLite."""
        return time.monotonic() > self._until

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Let everything inside be over in so many seconds."""
        self._until = time.monotonic() + seconds
        try:
            yield
        finally:
            self._until = inf
