"""Text in a picture: how wide it is, where it breaks, and how it is written so that it stays text."""

from collections.abc import Mapping
from functools import lru_cache
from html import escape
from unicodedata import combining, east_asian_width

ELLIPSIS = "…"

# How wide characters are in the fonts that a picture may be shown in, in parts of the font's size; rather too wide.
WIDTHS: Mapping[str, float] = {
    **dict.fromkeys("ijl.,:;'|!()[]`Ií", 0.32),
    **dict.fromkeys('ftr-"/\\ ', 0.4),
    **dict.fromkeys("mwMW@%—", 0.95),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ", 0.72),
}
NARROW, WIDE, BOLD = 0.6, 1.05, 1.06


@lru_cache(maxsize=4096)
def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is."""
    return sum(map(width_of_char, text)) * size * (BOLD if bold else 1)


def width_of_char(char: str) -> float:
    """About how wide a character is."""
    known = WIDTHS.get(char)
    if known is not None:
        return known
    return 0.0 if combining(char) else WIDE if east_asian_width(char) in "WF" else NARROW


def wrapped(text: str, *, width: float, size: float, lines: int, bold: bool = False) -> list[str]:
    """A text in at most so many lines that fit; what is left over is cut off."""
    found: list[str] = []
    rest = " ".join(visible(text).split())
    while rest and len(found) < lines - 1 and width_of(rest, size, bold=bold) > width:
        line, rest = broken(rest, width=width, size=size, bold=bold)
        found.append(line)
    return [*found, cut(rest, width=width, size=size, bold=bold)] if rest else found


def broken(text: str, *, width: float, size: float, bold: bool) -> tuple[str, str]:
    """The longest beginning of a text that fits, and the rest; broken where a word ends, if that is not too early."""
    end = fitting(text, width=width, size=size, bold=bold)
    breaks = [at for at in range(max(1, end // 3), end + 1) if text[at] == " " or text[at - 1] in "_-./"]
    at = breaks[-1] if breaks else end
    return text[:at].rstrip(), text[at:].lstrip()


def fitting(text: str, *, width: float, size: float, bold: bool) -> int:
    """How many characters of a text fit that does not fit as a whole; at least one."""
    room = width / (size * (BOLD if bold else 1))
    for at, char in enumerate(text):
        room -= width_of_char(char)
        if room < 0:
            return max(1, at)
    return len(text) - 1


def cut(text: str, *, width: float, size: float, bold: bool = False) -> str:
    """A text in one line that fits, with a mark where something was cut off."""
    if width_of(text, size, bold=bold) <= width:
        return text
    return text[: fitting(text, width=width - size, size=size, bold=bold)].rstrip() + ELLIPSIS


def visible(text: str) -> str:
    """A text without characters that XML does not allow, or that would change how the rest is shown."""
    return text if text.isprintable() else "".join(map(visible_char, text))


def visible_char(char: str) -> str:
    """A character, or what stands for it."""
    return char if char.isprintable() else " " if char.isspace() else "\ufffd"


def xml(text: str) -> str:
    """A text as it is written within an element."""
    return escape(visible(text), quote=False)
