"""One thing that was looked at, and how it is."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, what was found, what to do, and the command that does it."""

    check: str
    health: Health = Health.OK
    found: str
    advice: str | None = None
    command: str | None = None
    cause: Exception | None = None
    """What made it fail, from which the exit code follows."""


def failed(check: str, cause: Exception, *, command: str | None = None) -> Finding:
    """The finding that something is wrong; the error itself says what to do."""
    return Finding(check=check, health=Health.FAILED, found=str(cause), command=command, cause=cause)
