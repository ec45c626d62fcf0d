"""A document: plain data, and the place in the text of each key and value."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, count
from operator import add
from typing import Any, TypeAlias


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Place:
    """A place in a text: line and column, both counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


class DocumentError(Exception):
    """The text is no document; `message` says why, `place` where."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(f"{place}: {message}")
        self.message = message
        self.place = place


@dataclass(slots=True)
class Branch:
    """Where a mapping or a list stands, and where its parts do: a tree of the same shape as the data."""

    spot: int
    keys: "dict[str, tuple[int, Twig]] | None" = None
    """Of a mapping: for each key, where it stands, and its value."""
    items: "list[Twig] | None" = None
    """Of a list: its items."""

    def part(self, name: str | int) -> "tuple[int, Twig] | None":
        """Where a part stands (a mapping's key, a list's item), and the part; None where there is no such part."""
        if self.keys is not None and isinstance(name, str):
            return self.keys.get(name)
        if self.items is not None and isinstance(name, int) and 0 <= name < len(self.items):
            return spot_of(self.items[name]), self.items[name]
        return None


Twig: TypeAlias = int | Branch
"""Where a value stands: the offset in the text, a bare number wherever that is all. A large file has very many."""


def spot_of(twig: Twig) -> int:
    """The offset at which a value begins."""
    return twig.spot if isinstance(twig, Branch) else twig


def place_at(text: str, offset: int) -> Place:
    """The line and the column of an offset in a text."""
    return Place(line=text.count("\n", 0, offset) + 1, column=offset - text.rfind("\n", 0, offset))


class Lines:
    """The lines of a text. They are counted when somebody asks for the first place: most files have no problem."""

    def __init__(self, text: str) -> None:
        self._text = text

    def place_of(self, offset: int) -> Place:
        """The line and the column of an offset."""
        line = bisect_right(self._starts, offset)
        return Place(line=line, column=offset - self._starts[line - 1] + 1)

    @cached_property
    def _starts(self) -> Sequence[int]:
        """The offset at which each line begins."""
        ends = accumulate(map(len, self._text.split("\n")), initial=0)
        return list(map(add, ends, count()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """Plain data (dict, list, str, int, float, bool, None), and where each part of it stands in the text."""

    data: Any
    root: Twig
    lines: Lines

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:
        """Where the value at a path stands (its key, with `key`); for an absent one, its nearest parent's place."""
        key_spot, twig = spot_of(self.root), self.root
        for name in path:
            part = twig.part(name) if isinstance(twig, Branch) else None
            if part is None:
                return self.place_of(spot_of(twig))
            key_spot, twig = part
        return self.place_of(key_spot if key else spot_of(twig))

    def place_of(self, offset: int) -> Place:
        """The line and the column of an offset in the text that was read."""
        return self.lines.place_of(offset)
