"""Trouble: a fault that may come again and again while it lasts; the log tells when it begins and when it is over."""

import structlog

from receiver.errors import ReceiverError, described

log = structlog.get_logger(__name__)


class Trouble:
    """What may go wrong for a while. The same fault is told once, however often it comes; another one is news."""

    def __init__(self, begins: str, ends: str, **fields: str) -> None:
        """`begins` and `ends` are the lines of the log, `fields` what both say."""
        self._begins = begins
        self._ends = ends
        self._fields = fields
        self._told: str | None = None

    def met(self, exc: Exception) -> None:
        """Tell of a fault, unless it is the last one again."""
        fault = described(exc)
        if fault == self._told:
            return
        self._told = fault
        say = log.warning if isinstance(exc, ReceiverError) else log.error
        say(self._begins, **self._fields, fault=fault)

    def ended(self) -> None:
        """Tell that it is over, where it was told that it began."""
        if self._told is not None:
            log.info(self._ends, **self._fields)
        self._told = None
