"""A document: plain data, and the place in the text of each key and value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


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
class Mark:
    """Where a value stands, and where its parts do: a tree of the same shape as the data."""

    line: int
    column: int
    keys: "dict[str, tuple[Mark, Mark]] | None" = None
    """Of a mapping: for each key, the mark of the key and that of its value."""
    items: "list[Mark] | None" = None
    """Of a list: the marks of its items."""

    @property
    def place(self) -> Place:
        """The same as a `Place`."""
        return Place(line=self.line, column=self.column)

    def step(self, part: str | int) -> "tuple[Mark, Mark] | None":
        """The marks of a part's key and value (the same one twice in a list); None where there is no such part."""
        if self.keys is not None and isinstance(part, str):
            return self.keys.get(part)
        if self.items is not None and isinstance(part, int) and 0 <= part < len(self.items):
            return self.items[part], self.items[part]
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """Plain data (dict, list, str, int, float, bool, None), and where each part of it stands in the text."""

    data: Any
    root: Mark

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:
        """Where the value at a path stands (its key, with `key`); for an absent one, its nearest parent's place."""
        found = (self.root, self.root)
        for part in path:
            step = found[1].step(part)
            if step is None:
                return found[1].place
            found = step
        return found[0 if key else 1].place
