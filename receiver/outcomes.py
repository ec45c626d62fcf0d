"""How a step ended, as the downstream system reported it, or as the line to it broke."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus

from receiver.model import Json

PASSING_STATUSES = frozenset({408, 425, 429})
"""Refusals that say "not now"; every 5xx says so as well."""


class OutcomeKind(StrEnum):
    """What a kind of target makes of an exchange."""

    SUCCEEDED = "succeeded"
    STARTED = "started"
    """It was taken, and ends later."""
    REFUSED = "refused"
    """It was not done, and asking again would not change that."""
    PASSING = "passing"
    """It was not done, and may be when asked again."""
    LOST = "lost"
    """Whether it was done is not known: the answer did not come."""
    NOT_FOUND = "not_found"
    """After a lost answer: the downstream system shows no trace of the step."""
    HANDED_BACK = "handed_back"
    """Nothing was sent, for reasons of our own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one exchange with a target."""

    kind: OutcomeKind
    message: str
    """What happened, for people: a sentence without its full stop."""
    reference: str | None = None
    url: str | None = None
    outputs: Mapping[str, Json] = field(default_factory=dict)
    retry_after: str | None = None
    """The answer's `Retry-After`, as it came."""
    look_after_s: float | None = None
    """When to look how it stands, once it has started; None: nobody looks."""

    @classmethod
    def succeeded(
        cls,
        message: str,
        *,
        reference: str | None = None,
        url: str | None = None,
        outputs: Mapping[str, Json] | None = None,
    ) -> "Outcome":
        """It was done."""
        return cls(
            kind=OutcomeKind.SUCCEEDED, message=message, reference=reference, url=url, outputs=dict(outputs or {})
        )

    @classmethod
    def started(
        cls, message: str, *, reference: str | None = None, url: str | None = None, look_after_s: float | None = None
    ) -> "Outcome":
        """It was taken, and ends later."""
        return cls(kind=OutcomeKind.STARTED, message=message, reference=reference, url=url, look_after_s=look_after_s)

    @classmethod
    def failed(cls, message: str, *, permanent: bool = False, retry_after: str | None = None) -> "Outcome":
        """It was not done; `permanent` when asking again would not change that."""
        kind = OutcomeKind.REFUSED if permanent else OutcomeKind.PASSING
        return cls(kind=kind, message=message, retry_after=retry_after)

    @classmethod
    def of_status(cls, status: int) -> "Outcome":
        """What a status means that no rule of the kind knows: done, not now, or no."""
        said = f"The target answered {phrase(status)}"
        if 200 <= status < 300:
            return cls.succeeded(said)
        if 300 <= status < 400:
            return cls.failed(f"{said}; redirects are never followed", permanent=True)
        return cls.failed(said, permanent=not is_passing(status))

    @classmethod
    def lost(cls, message: str) -> "Outcome":
        """Whether it was done is not known."""
        return cls(kind=OutcomeKind.LOST, message=message)

    @classmethod
    def not_found(cls, message: str) -> "Outcome":
        """The downstream system shows no trace of the step."""
        return cls(kind=OutcomeKind.NOT_FOUND, message=message)

    @classmethod
    def handed_back(cls, message: str) -> "Outcome":
        """Nothing was sent, for reasons of our own; it uses up no attempt."""
        return cls(kind=OutcomeKind.HANDED_BACK, message=message)


def is_passing(status: int) -> bool:
    """Whether an HTTP status says "not now" rather than "no"."""
    return status in PASSING_STATUSES or 500 <= status < 600


def phrase(status: int) -> str:
    """A status with its name, where it has one: `503 Service Unavailable`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
