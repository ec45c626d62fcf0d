"""How the publisher says what it does, whoever listens."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """Four tones to speak in; the command decides where they are heard."""

    stage: Callable[[str], None]
    """What is being done now."""
    detail: Callable[[str], None]
    """How far that has come; may go unheard."""
    say: Callable[[str], None]
    """What has been done."""
    warn: Callable[[str], None]
    """What did not work and does not stop us."""
