"""The event loop of a command: begun for one piece of work, ended with it, or by whoever stops the process."""

import asyncio
import signal
import socket
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from publisher.errors import StoppedError

Answer = TypeVar("Answer")


async def addresses(host: str) -> Sequence[str]:
    """The addresses of a host, as the machine's resolver gives them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run the work to its end. Ctrl-C and SIGTERM end it at once, with every task that it started: StoppedError."""
    signals: list[int] = []
    try:
        return asyncio.run(_ended_by_sigterm(work, signals))
    except KeyboardInterrupt:
        raise StoppedError from None
    except asyncio.CancelledError:
        if not signals:
            raise
        raise StoppedError(by_sigterm=True) from None


async def _ended_by_sigterm(work: Coroutine[Any, Any, Answer], signals: list[int]) -> Answer:
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work, name="command")

    def end() -> None:
        signals.append(signal.SIGTERM)
        task.cancel()

    loop.add_signal_handler(signal.SIGTERM, end)
    try:
        return await task
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
