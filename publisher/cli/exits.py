"""The code that a command ends with (docs/exit-codes.md)."""

from collections.abc import Mapping

from publisher.errors import ExitCode, PublisherError
from publisher.genesys.errors import (
    CredentialsError,
    GenesysError,
    LimitedError,
    LockedError,
    MissingError,
    NotAllowedError,
    RefusedError,
    UnavailableError,
    UnreachableError,
)

CODES: Mapping[type[GenesysError], ExitCode] = {
    CredentialsError: ExitCode.NOT_ALLOWED,
    NotAllowedError: ExitCode.NOT_ALLOWED,
    MissingError: ExitCode.NOT_FOUND,
    LockedError: ExitCode.CONFLICT,
    RefusedError: ExitCode.PROBLEMS,
    LimitedError: ExitCode.TRY_AGAIN,
    UnavailableError: ExitCode.TRY_AGAIN,
    UnreachableError: ExitCode.TRY_AGAIN,
}


def exit_code_of(error: PublisherError | GenesysError) -> ExitCode:
    """The exit code that says what kind of failure this was."""
    if isinstance(error, PublisherError):
        return error.exit_code
    return next((code for kind, code in CODES.items() if isinstance(error, kind)), ExitCode.FAILED)
