"""Puts a document together from what a reader meets, and holds the limits that every document keeps to."""

from dataclasses import dataclass
from typing import Any, NoReturn

from publisher.genesys.documents.document import Branch, Document, DocumentError, Lines, Twig, place_at
from publisher.genesys.documents.scalars import Scalar

MAX_DEPTH = 64
MAX_ALIASED_VALUES = 100_000


@dataclass(slots=True)
class Container:
    """A mapping or a list that is still open."""

    data: Any
    branch: Branch
    anchor: str | None
    first: int
    """How many values the document had when it was opened."""
    key: str = ""
    key_spot: int = 0
    height: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchored:
    """A value that aliases may repeat, with what repeating it costs."""

    data: Any
    twig: Twig
    values: int = 1
    height: int = 0


class Builder:
    """Takes keys, values, openings and closings in the order of the text; `document` is the result."""

    def __init__(self, text: str) -> None:
        self.expects_key = False
        """Whether the next thing is a mapping's key (or its end)."""
        self.is_complete = False
        """Whether a whole value has been taken in."""
        self._text = text
        self._open: list[Container] = []
        self._anchors: dict[str, Anchored | None] = {}
        self._data: Any = None
        self._root: Twig = 0
        self._values = 0
        self._aliased = 0

    def document(self) -> Document:
        """What was built; an empty text is null."""
        return Document(data=self._data, root=self._root, lines=Lines(self._text))

    def fail(self, message: str, spot: int) -> NoReturn:
        """Say what is wrong at a place of the text."""
        raise DocumentError(message, place_at(self._text, spot))

    def key(self, text: str, spot: int) -> None:
        """Take a mapping's next key."""
        container = self._open[-1]
        if text in container.data:
            line = place_at(self._text, container.branch.keys[text][0]).line  # type: ignore[index]  # a mapping has them
            self.fail(f"{text!r} is given twice; the first one is in line {line}.", spot)
        container.key, container.key_spot = text, spot
        self.expects_key = False

    def value(self, value: Scalar, spot: int, *, anchor: str | None = None) -> None:
        """Take a plain value."""
        self._values += 1
        if anchor:
            self._anchors[anchor] = Anchored(data=value, twig=spot)
        self._add(value, spot)

    def open(self, data: dict[str, Any] | list[Any], spot: int, *, anchor: str | None = None) -> None:
        """Open an (empty) mapping or list."""
        if self.expects_key:
            self.fail("a mapping or a list cannot be a key here; keys are text.", spot)
        if len(self._open) == MAX_DEPTH:
            self.fail(f"this is nested deeper than {MAX_DEPTH} levels.", spot)
        self.expects_key = isinstance(data, dict)
        branch = Branch(spot, keys={}) if self.expects_key else Branch(spot, items=[])
        if anchor:
            self._anchors[anchor] = None
        self._open.append(Container(data, branch, anchor, self._values))
        self._values += 1

    def close(self) -> None:
        """Close what was opened last."""
        container = self._open.pop()
        if container.anchor:
            self._anchors[container.anchor] = Anchored(
                data=container.data,
                twig=container.branch,
                values=self._values - container.first,
                height=container.height,
            )
        self._raise_height(container.height)
        self._add(container.data, container.branch)

    def alias(self, name: str, spot: int) -> None:
        """Repeat an anchored value, within the limits."""
        if self.expects_key:
            self.fail("an alias cannot be a key here; keys are text.", spot)
        if name not in self._anchors:
            self.fail(f"the alias *{name} stands for nothing: there is no &{name} before it.", spot)
        anchored = self._anchors[name]
        if anchored is None:
            self.fail(f"the alias *{name} stands inside of what it repeats.", spot)
        self._values += anchored.values
        self._aliased += anchored.values
        if self._aliased > MAX_ALIASED_VALUES:
            self.fail(f"aliases repeat more than {MAX_ALIASED_VALUES:,} values in all.", spot)
        if len(self._open) + anchored.height > MAX_DEPTH:
            self.fail(f"with what *{name} repeats, this is nested deeper than {MAX_DEPTH} levels.", spot)
        self._raise_height(anchored.height)
        twig = anchored.twig
        self._add(anchored.data, Branch(spot, twig.keys, twig.items) if isinstance(twig, Branch) else spot)

    def _raise_height(self, height: int) -> None:
        if self._open:
            self._open[-1].height = max(self._open[-1].height, height + 1)

    def _add(self, value: object, twig: Twig) -> None:
        """Put a value where it belongs: into what is open, or else it is the whole document."""
        if not self._open:
            self._data, self._root, self.is_complete = value, twig, True
            return
        container = self._open[-1]
        branch = container.branch
        if branch.keys is not None:
            container.data[container.key] = value
            branch.keys[container.key] = (container.key_spot, twig)
            self.expects_key = True
        elif branch.items is not None:
            container.data.append(value)
            branch.items.append(twig)
            self.expects_key = False
