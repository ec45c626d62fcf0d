"""How a long-lived command is told to end, and made to."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

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

    for number in SIGNALS:
        loop.add_signal_handler(number, stop, number)
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
        deadline.cancel()


def _cut_off() -> None:
    log.error("not ended in time; cutting off")
    os._exit(ExitCode.FAILED)
