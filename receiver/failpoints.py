"""Failpoints: the named places at which a test ends the process, as a power cut would.

They stand at the boundaries between what is promised and what is not yet. `tests/torture` kills at each of them, the
first time that it is reached, the second, and so on, and looks afterwards whether anything is missing. One that is not
armed does nothing.
"""

import os
import signal
from enum import StrEnum

from receiver.errors import ConfigError


class Failpoint(StrEnum):
    """Where a process can be made to end."""

    MIGRATING = "migrating"
    """The schema is changed, its transaction not committed."""
    BEFORE_COMMIT = "before-commit"
    """A batch of writes has been made, and is not committed."""
    AFTER_COMMIT = "after-commit"
    """A batch is on disk, and nobody has been told: no sender has its 202, no claimed step has been sent."""
    SENT = "sent"
    """The whole request of a step has left; its answer is not there."""
    ANSWERED = "answered"
    """The answer is there, and not kept."""


class _Fuse:
    """Which failpoint ends this process, and how many times it still lets the process pass."""

    def __init__(self) -> None:
        self.point: Failpoint | None = None
        self.passes = 0

    def burn(self) -> None:
        if self.passes:
            self.passes -= 1
            return
        os.kill(os.getpid(), signal.SIGKILL)


# The one mutable thing at module level: what is armed belongs to the process, not to anything in it.
_fuse = _Fuse()


def arm(text: str) -> Failpoint:
    """Have the process killed where `after-commit` says, or `after-commit:3`: the third time that it gets there."""
    name, _, turn = text.partition(":")
    if name not in set(Failpoint) or not (turn or "1").isdecimal() or turn == "0":
        raise ConfigError(
            [f"RECEIVER_FAILPOINT is {text!r}; give one of {', '.join(Failpoint)}, with :2 for the second time."]
        )
    _fuse.point, _fuse.passes = Failpoint(name), int(turn or "1") - 1
    return _fuse.point


def reach(point: Failpoint) -> None:
    """End here, if that is what this process is meant to do."""
    if _fuse.point is point:
        _fuse.burn()
