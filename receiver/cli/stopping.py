"""How a long-lived command is told to end, and made to; and how it is told to read its config again."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog

from receiver.cli.exits import ExitCode

SIGNALS = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger(__name__)


@contextmanager
def ended_by_signals(stopping: asyncio.Event, *, within_s: float) -> Iterator[None]:
    """Set the event at SIGTERM or Ctrl-C; a process that has not ended in time after that is cut off.

    Whatever is on disk is whole at any moment, so cutting off loses nothing that was promised.
    """
    loop = asyncio.get_running_loop()
    deadline = threading.Timer(within_s, _cut_off)
    deadline.daemon = True

    def stop(number: signal.Signals) -> None:
        if not stopping.is_set():
            log.info("stopping", signal=number.name)
            stopping.set()
            deadline.start()
        elif number is signal.SIGINT:
            os._exit(ExitCode.INTERRUPTED)  # a second Ctrl-C means now

    loop.add_signal_handler(signal.SIGHUP, _pass_over)  # it would end a process that has nothing to reload
    for number in SIGNALS:
        loop.add_signal_handler(number, stop, number)
    try:
        yield
    finally:
        for number in (*SIGNALS, signal.SIGHUP):
            loop.remove_signal_handler(number)
        deadline.cancel()


@asynccontextmanager
async def reloaded_by_signal(reload: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Reload at SIGHUP; signals that come during a reload are one more."""
    loop, wanted = asyncio.get_running_loop(), asyncio.Event()

    async def reload_when_wanted() -> None:
        while await wanted.wait():
            wanted.clear()
            await reload()

    loop.add_signal_handler(signal.SIGHUP, wanted.set)
    reloading = loop.create_task(reload_when_wanted(), name="reloading")
    try:
        yield
    finally:
        loop.add_signal_handler(signal.SIGHUP, _pass_over)
        reloading.cancel()
        await asyncio.wait([reloading])


def _pass_over() -> None:
    """Do nothing at a signal."""


def _cut_off() -> None:
    log.error("not ended in time; cutting off")
    os._exit(ExitCode.FAILED)


@asynccontextmanager
async def ended_by_loss(lost: asyncio.Event, stopping: asyncio.Event) -> AsyncIterator[None]:
    """Stop when the disk has not kept what it was given, and end without closing the file.

    To close it is to flush once more, and that would seem to succeed: the kernel may have dropped what it could not
    write. The next start reads what is really there.
    """
    watching = asyncio.create_task(_stop_when(lost, stopping), name="watch the disk")
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait([watching])
    if lost.is_set():
        os._exit(ExitCode.FAILED)


async def _stop_when(lost: asyncio.Event, stopping: asyncio.Event) -> None:
    await lost.wait()
    log.error("ending: the disk did not keep what it was given; look after it, then start again")
    stopping.set()
