"""How long somebody waits for the writer."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

SHARED_S: Final = 0.25
"""How far apart two may begin to wait and share a timer."""


class Patience:
    """Ends waiting that takes too long. Those who begin at about the same time share a timer.

    One for each, begun and cancelled, costs as much as reading the fields of an event [measured].
    """

    def __init__(self, limit_s: float, *, fault: Callable[[], Exception], shared_s: float = SHARED_S) -> None:
        self._limit_s = limit_s
        self._shared_s = shared_s
        self._fault = fault
        self._waiting: set[asyncio.Future[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._until = 0.0

    async def wait(self, future: asyncio.Future[Any]) -> Any:  # noqa: ANN401 (whatever is waited for)
        """The result of a future, or the fault once its time is over."""
        waiting = self._sharing(future.get_loop())
        waiting.add(future)
        try:
            return await future
        finally:
            waiting.discard(future)

    def _sharing(self, loop: asyncio.AbstractEventLoop) -> set[asyncio.Future[Any]]:
        now = loop.time()
        if now >= self._until or loop is not self._loop:
            self._waiting, self._loop, self._until = set(), loop, now + self._shared_s
            loop.call_later(self._limit_s + self._shared_s, self._give_up, self._waiting)
        return self._waiting

    def _give_up(self, waiting: set[asyncio.Future[Any]]) -> None:
        for future in waiting:
            if not future.done():
                future.set_exception(self._fault())
