"""What can go wrong in the receiver.

ReceiverError
├── ConfigError          the config or a setting is wrong: one line for each fault, with its place
├── StoreError           the database cannot be used as it is
│   ├── StoreBusyError   it cannot take this now: the caller answers 503 and the sender tries again
│   ├── DiskError        the disk has not kept what it was given: the process has to end
│   ├── OwnedError       another process owns this SQLite file
│   └── RowError         it refuses what it was given, and would again
├── IllegalMoveError     a run or step was asked to become what it may not become from here
├── ExpressionError      a CEL expression or a template cannot be read or evaluated
├── VerificationError    a request did not prove that it comes from its source
├── AddressRefusedError  a target's address is one that may never be called
├── PollError            a poll could not be made
├── RateError            a source sends more than its limit; carries how long it should wait
├── MalformedError       an authenticated body is no JSON object; carries the HTTP status to answer
└── NotFoundError        no such event, run, flow or pipeline
    └── CursorError      a list was to go on from a place that it does not have
"""

from collections.abc import Sequence
from traceback import extract_tb


class ReceiverError(Exception):
    """Anything that the receiver says about itself."""


class ConfigError(ReceiverError):
    """The config or a setting is wrong; `faults` holds one line for each fault, with its place."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class StoreError(ReceiverError):
    """The database cannot be used as it is."""


class StoreBusyError(StoreError):
    """The database cannot take this now: full, locked or overloaded. Nothing was stored."""


class DiskError(StoreError):
    """The disk has not kept what it was given; only a new start shows what is really there."""


class OwnedError(StoreError):
    """Another process owns this SQLite file."""


class RowError(StoreError):
    """The database refuses what it was given, as it breaks a condition; other work fares better."""


class IllegalMoveError(ReceiverError):
    """A run or step was asked to become what it may not become from here."""


class ExpressionError(ReceiverError):
    """A CEL expression or a template cannot be read or evaluated."""


class VerificationError(ReceiverError):
    """A request did not prove that it comes from its source; the message is for the people inside only."""


class RateError(ReceiverError):
    """A source sends more than its limit; `wait_s` is how long it should wait."""

    def __init__(self, message: str, *, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class AddressRefusedError(ReceiverError):
    """A target's address is one that may never be called; nothing was sent."""


class PollError(ReceiverError):
    """A poll could not be made: credentials are missing, or belong to another organization."""


class MalformedError(ReceiverError):
    """An authenticated body is no JSON object; `status` is the HTTP status to answer."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class NotFoundError(ReceiverError):
    """No such event, run, flow or pipeline."""


class CursorError(NotFoundError):
    """A list was to go on from a place that it does not have."""


def described(exc: Exception) -> str:
    """A fault and its place, for the log; no message that is not ours and no locals, as both can hold secrets."""
    if isinstance(exc, ReceiverError):
        return f"{type(exc).__name__}: {exc}"
    frame = extract_tb(exc.__traceback__)[-1]
    return f"{type(exc).__name__} in {frame.filename}:{frame.lineno}"
