"""The code that a command ends with: the same numbers in both commands (docs/exit-codes.md)."""

from collections.abc import Mapping
from enum import IntEnum

from receiver.errors import ConfigError, NotFoundError, OwnedError, ReceiverError, StoreBusyError


class ExitCode(IntEnum):
    """How a command ends."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    PROBLEMS = 5
    RUN_FAILED = 6
    TIMED_OUT = 7
    CONFLICT = 9
    TRY_AGAIN = 75
    INTERRUPTED = 130


class CommandError(ReceiverError):
    """A command cannot do what it was asked; `code` says how it ends."""

    def __init__(self, message: str, *, code: ExitCode) -> None:
        super().__init__(message)
        self.code = code


CODES: Mapping[type[ReceiverError], ExitCode] = {
    ConfigError: ExitCode.USAGE,
    NotFoundError: ExitCode.NOT_FOUND,
    OwnedError: ExitCode.CONFLICT,
    StoreBusyError: ExitCode.TRY_AGAIN,
}


def exit_code_of(error: ReceiverError) -> ExitCode:
    """The exit code that says what kind of failure this was."""
    if isinstance(error, CommandError):
        return error.code
    return next((code for kind, code in CODES.items() if isinstance(error, kind)), ExitCode.FAILED)
