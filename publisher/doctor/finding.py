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
    """One thing that was looked at: how it is, what was found, and where something is wrong, what to do."""

    check: str
    health: Health = Health.OK
    found: str
    advice: str | None = None
    cause: Exception | None = None
    """What made it fail, from which the command's exit code follows."""

    @property
    def has_failed(self) -> bool:
        """Whether nothing can be published as it is."""
        return self.health is Health.FAILED


def failed(check: str, cause: Exception, *, advice: str | None = None) -> Finding:
    """The finding that something went wrong; the error itself mostly says what to do."""
    return Finding(check=check, health=Health.FAILED, found=str(cause), advice=advice, cause=cause)
