"""What can go wrong in the publisher, and the exit code that says so.

PublisherError              1  what the command was for did not happen
├── UsageError              2  a file, an option or a setting is missing or wrong
├── NotFoundError           3  there is no such flow or registration
├── ProblemsError           5  a flow file has problems; they are printed, nothing was sent
├── WaitTimeoutError        7  something waited for did not happen in time
└── StoppedError          130  Ctrl-C, or 143: SIGTERM, a CI system's way to press it

`publisher.genesys` has its own tree (`publisher/genesys/errors.py`); `publisher/cli` gives those their codes.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends; the same numbers in both commands (docs/exit-codes.md)."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    PROBLEMS = 5
    LIVE_BUT = 6
    TIMED_OUT = 7
    CHANGES = 8
    CONFLICT = 9
    TRY_AGAIN = 75
    INTERRUPTED = 130
    TERMINATED = 143


class PublisherError(Exception):
    """Anything that the publisher says about itself; `code` is what audit records call it."""

    exit_code = ExitCode.FAILED
    default_code = "failed"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code or self.default_code


class UsageError(PublisherError):
    """A file, an option or a setting is missing or wrong."""

    exit_code = ExitCode.USAGE
    default_code = "usage"


class NotFoundError(PublisherError):
    """There is no such flow or registration."""

    exit_code = ExitCode.NOT_FOUND
    default_code = "not-found"


class ProblemsError(PublisherError):
    """A flow file has problems; they are printed, nothing was sent."""

    exit_code = ExitCode.PROBLEMS
    default_code = "problems"


class WaitTimeoutError(PublisherError):
    """Something waited for did not happen in time."""

    exit_code = ExitCode.TIMED_OUT
    default_code = "timeout"


class StoppedError(PublisherError):
    """Ctrl-C was pressed, or SIGTERM came."""

    exit_code = ExitCode.INTERRUPTED
    default_code = "cancelled"

    def __init__(self, *, by_sigterm: bool = False) -> None:
        super().__init__("stopped.")
        self.exit_code = ExitCode.TERMINATED if by_sigterm else ExitCode.INTERRUPTED
