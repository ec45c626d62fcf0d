"""Puts a document together from what a reader meets, and holds the limits that every document keeps to."""

from dataclasses import dataclass
from typing import Any, NoReturn

from publisher.genesys.documents.document import Document, DocumentError, Mark
from publisher.genesys.documents.scalars import Scalar

MAX_DEPTH = 64
MAX_ALIASED_VALUES = 100_000


@dataclass(slots=True)
class Container:
    """A mapping or a list that is still open."""

    data: Any
    mark: Mark
    anchor: str | None
    first: int
    """How many values the document had when it was opened."""
    key: str | None = None
    key_mark: Mark | None = None
    height: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchored:
    """A value that aliases may repeat, with what repeating it costs."""

    data: Any
    mark: Mark
    values: int
    height: int


class Builder:
    """Takes keys, values, openings and closings in the order of the text; `document` is the result."""

    def __init__(self) -> None:
        self._open: list[Container] = []
        self._anchors: dict[str, Anchored | None] = {}
        self._root: tuple[Any, Mark] | None = None
        self._values = 0
        self._aliased = 0

    @property
    def expects_key(self) -> bool:
        """Whether the next thing is a mapping's key (or its end)."""
        return bool(self._open) and self._open[-1].mark.keys is not None and self._open[-1].key is None

    @property
    def is_complete(self) -> bool:
        """Whether a whole value has been taken in."""
        return self._root is not None and not self._open

    def document(self) -> Document:
        """What was built; an empty text is null."""
        data, mark = self._root or (None, Mark(1, 1))
        return Document(data=data, root=mark)

    def key(self, text: str, mark: Mark) -> None:
        """Take a mapping's next key."""
        container = self._open[-1]
        known = container.mark.keys or {}
        if text in known:
            fail(f"{text!r} is given twice; the first one is in line {known[text][0].line}.", mark)
        container.key, container.key_mark = text, mark

    def value(self, value: Scalar, mark: Mark, *, anchor: str | None = None) -> None:
        """Take a plain value."""
        self._values += 1
        if anchor:
            self._anchors[anchor] = Anchored(data=value, mark=mark, values=1, height=0)
        self._add(value, mark)

    def open(self, data: dict[str, Any] | list[Any], mark: Mark, *, anchor: str | None = None) -> None:
        """Open an (empty) mapping or list."""
        if self.expects_key:
            fail("a mapping or a list cannot be a key here; keys are text.", mark)
        if len(self._open) == MAX_DEPTH:
            fail(f"this is nested deeper than {MAX_DEPTH} levels.", mark)
        if isinstance(data, dict):
            mark.keys = {}
        else:
            mark.items = []
        if anchor:
            self._anchors[anchor] = None
        self._open.append(Container(data, mark, anchor, self._values))
        self._values += 1

    def close(self) -> None:
        """Close what was opened last."""
        container = self._open.pop()
        if container.anchor:
            self._anchors[container.anchor] = Anchored(
                data=container.data,
                mark=container.mark,
                values=self._values - container.first,
                height=container.height,
            )
        self._raise_height(container.height)
        self._add(container.data, container.mark)

    def alias(self, name: str, mark: Mark) -> None:
        """Repeat an anchored value, within the limits."""
        if self.expects_key:
            fail("an alias cannot be a key here; keys are text.", mark)
        if name not in self._anchors:
            fail(f"the alias *{name} stands for nothing: there is no &{name} before it.", mark)
        anchored = self._anchors[name]
        if anchored is None:
            fail(f"the alias *{name} stands inside of what it repeats.", mark)
        self._values += anchored.values
        self._aliased += anchored.values
        if self._aliased > MAX_ALIASED_VALUES:
            fail(f"aliases repeat more than {MAX_ALIASED_VALUES:,} values in all.", mark)
        if len(self._open) + anchored.height > MAX_DEPTH:
            fail(f"with what *{name} repeats, this is nested deeper than {MAX_DEPTH} levels.", mark)
        self._raise_height(anchored.height)
        self._add(anchored.data, Mark(mark.line, mark.column, anchored.mark.keys, anchored.mark.items))

    def _raise_height(self, height: int) -> None:
        if self._open:
            self._open[-1].height = max(self._open[-1].height, height + 1)

    def _add(self, value: object, mark: Mark) -> None:
        if not self._open:
            self._root = (value, mark)
            return
        container = self._open[-1]
        if container.mark.items is not None:
            container.data.append(value)
            container.mark.items.append(mark)
        elif container.mark.keys is not None and container.key is not None and container.key_mark is not None:
            container.data[container.key] = value
            container.mark.keys[container.key] = (container.key_mark, mark)
            container.key = None


def fail(message: str, mark: Mark) -> NoReturn:
    """Say what is wrong at a mark."""
    raise DocumentError(message, mark.place)
