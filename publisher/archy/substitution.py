"""Puts values in place of `{{placeholders}}`, and knows afterwards where each character came from.

Archy works on the plain text: an unquoted `{{name}}` is not even YAML before. So this comes first, and YAML second.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from publisher.archy.data import Data
from publisher.archy.values import Values
from publisher.genesys.documents import Document, Lines, Place

PLACEHOLDER = re.compile(r"\{\{[ \t]*(\w[\w.-]*(?: +[\w.-]+)*)[ \t]*\}\}")
OPENING, CLOSING = "\ue000", "\ue001"
"""Around the name of a placeholder that has no value: letters that no file has, and that YAML allows."""
STAND_IN = re.compile(f"{OPENING}([^{CLOSING}]*){CLOSING}")
MAX_CHARS = 64 * 1024 * 1024


class TooLongError(Exception):
    """With all values put in, the text is longer than any flow is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edits:
    """Which parts of a text were put in place of others."""

    starts: Sequence[int] = ()
    """Where each part begins in the new text."""
    ends: Sequence[int] = ()
    original_starts: Sequence[int] = ()
    """Where the placeholder that it replaced began."""
    original_ends: Sequence[int] = ()

    def original(self, offset: int) -> int:
        """Where a character of the new text stood before; all of a value stands where its placeholder began."""
        at = bisect_right(self.starts, offset) - 1
        if at < 0:
            return offset
        if offset < self.ends[at]:
            return self.original_starts[at]
        return self.original_ends[at] + offset - self.ends[at]


@dataclass(frozen=True, kw_only=True, slots=True)
class Substituted:
    """A text with values in place of its placeholders."""

    text: str
    edits: Edits = field(default_factory=Edits)
    placeholders: Sequence[tuple[str, int]] = ()
    """The name of each, and where it stood in the original text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OriginalDocument(Document):
    """What was read from a text with values in it; its places are those of the file."""

    edits: Edits = field(default_factory=Edits)

    @classmethod
    def behind(cls, document: Document, edits: Edits, *, text: str) -> "OriginalDocument":
        """A document with its places in the original text."""
        return cls(data=document.data, root=document.root, lines=Lines(text), edits=edits)

    def place_of(self, offset: int) -> Place:
        """The line and the column, in the file, of an offset in the text that was read."""
        return Document.place_of(self, self.edits.original(offset))


def substitute(text: str, value_of: Callable[[str], str]) -> Substituted:
    """The text with each placeholder replaced by its value."""
    parts: list[str] = []
    columns: tuple[list[int], ...] = ([], [], [], [])
    placeholders: list[tuple[str, int]] = []
    taken = length = 0
    for match in PLACEHOLDER.finditer(text):
        name, value = match.group(1), value_of(match.group(1))
        length += match.start() - taken
        for column, offset in zip(columns, (length, length + len(value), match.start(), match.end()), strict=True):
            column.append(offset)
        parts += (text[taken : match.start()], value)
        placeholders.append((name, match.start()))
        taken, length = match.end(), length + len(value)
        if length > MAX_CHARS:
            raise TooLongError
    starts, ends, original_starts, original_ends = columns
    edits = Edits(starts=starts, ends=ends, original_starts=original_starts, original_ends=original_ends)
    return Substituted(text="".join((*parts, text[taken:])), edits=edits, placeholders=placeholders)


def with_values(text: str, values: Values) -> Substituted:
    """The text with all values that are there; a name without one stays, as a word that YAML takes."""
    if "{{" not in text:
        return Substituted(text=text)
    return substitute(text, lambda name: values.texts.get(name, stand_in(name)))


def with_stand_ins(text: str) -> Substituted:
    """The text with a plain word for each placeholder, however its value reads."""
    return substitute(text, stand_in)


def stand_in(name: str) -> str:
    """The word that stands for a placeholder."""
    return f"{OPENING}{name}{CLOSING}"


def is_open(value: Data) -> bool:
    """Whether a value still waits for a placeholder's."""
    return isinstance(value, str) and OPENING in value


def readable(text: str) -> str:
    """A text with its placeholders as the file has them."""
    return text.replace(OPENING, "{{").replace(CLOSING, "}}") if OPENING in text else text
