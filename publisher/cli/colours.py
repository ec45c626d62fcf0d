"""Colours for the lines of a plan and of a difference, by the sign or the word that they begin with."""

from collections.abc import Mapping

from publisher.comparing import Sign
from publisher.problems import Severity

RESET = "\033[0m"
RED, GREEN, YELLOW = "\033[31m", "\033[32m", "\033[33m"
COLOURS: Mapping[str, str] = {
    Sign.ADDED.value: GREEN,
    Sign.REMOVED.value: RED,
    Sign.CHANGED.value: YELLOW,
    Severity.ERROR.value: RED,
    Severity.WARNING.value: YELLOW,
}


def painted(text: str) -> str:
    """The text, each line in the colour of what it begins with."""
    return "".join(painted_line(line) for line in text.splitlines(keepends=True))


def painted_line(line: str) -> str:
    """A line in the colour of the sign or the word that it begins with."""
    colour = COLOURS.get(line.strip().partition(" ")[0].rstrip(":"))
    return f"{colour}{line.rstrip()}{RESET}\n" if colour else line
