"""The present: the config and the secrets that are in force, put in force together at the start and at each reload."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from receiver.config import Config


@dataclass(frozen=True, kw_only=True, slots=True)
class Reload:
    """One time that the config was to be read again."""

    at: datetime
    faults: Sequence[str] = ()
    """Why it was not put in force; the one before it holds."""


class Present:
    """What is in force. Whoever goes by it asks each time, and keeps no part of it."""

    def __init__(self, config: Config, secrets: Mapping[str, str]) -> None:
        self.config = config
        self.secrets = secrets
        self.last_reload: Reload | None = None
        self.reloads = 0
        """How many there have been since the start."""
        self.failed_reloads = 0

    def put_in_force(self, config: Config, secrets: Mapping[str, str], *, at: datetime) -> None:
        """Let another config hold from now on, with its secrets."""
        self.config, self.secrets = config, secrets
        self._note(Reload(at=at))

    def refuse(self, faults: Sequence[str], *, at: datetime) -> None:
        """Note that what should have been put in force could not be; all stays as it was."""
        self.failed_reloads += 1
        self._note(Reload(at=at, faults=tuple(faults)))

    def secret(self, name: str) -> str | None:
        """The value of a secret; None where it is not set."""
        return self.secrets.get(name)

    def _note(self, reload: Reload) -> None:
        self.reloads += 1
        self.last_reload = reload
