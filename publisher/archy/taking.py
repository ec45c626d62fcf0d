"""Takes what a flow refers to in other files into the flow, so that one document can be uploaded.

`shared/tasks.yaml#/common/tasks/task[hours]` becomes an item of the flow's own `tasks`, and the reference one to it.
An item is taken once, however often it is referred to, and with it what it refers to in its own file.
https://developer.genesys.cloud/devapps/archy/flowAuthoring/lesson_04_c_external_references.html
"""

import posixpath
from collections import deque
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from publisher.archy.bundle import Bundle, Origin
from publisher.archy.data import Data, Location, value_at
from publisher.archy.references import (
    Navigator,
    Reference,
    Step,
    is_reference,
    parse_reference,
    ref_id_of,
    written,
)
from publisher.archy.source import Source
from publisher.archy.substitution import is_open
from publisher.archy.vocabulary import CONTAINERS
from publisher.flow_text import FlowText
from publisher.problems import Problem, quoted

MAX_FILES = 100
LISTS = {kind: key for key, kind in CONTAINERS.items()}

Open = Callable[[str], Source]
"""Reads a file that is referred to, by its path; UnreadableError says why it cannot."""


class UnreadableError(Exception):
    """A file that is referred to cannot be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A part of the document whose references are still those of the file that it was written in."""

    value: Any
    text: FlowText
    location: Location
    """Where it was written."""


class Taker:
    """Takes into one flow what it refers to."""

    def __init__(self, bundle: Bundle, open_file: Open) -> None:
        self.problems: list[Problem] = []
        self._bundle = bundle
        self._flow = deepcopy(dict(bundle.flow))
        self._open = open_file
        self._sources: dict[str, Source | None] = {}
        self._navigators: dict[str, Navigator] = {bundle.text.file: Navigator(bundle.data)}
        self._new_names: dict[tuple[str, Location], tuple[Step, ...]] = {}
        """For each item that was taken, by its file and location: the way to it in the flow."""
        self._taken: dict[Location, Origin] = {}
        self._pieces: deque[Piece] = deque()

    @property
    def files(self) -> tuple[str, ...]:
        """The files that were read."""
        return tuple(self._sources)

    def take(self) -> Bundle:
        """The flow with all that it refers to."""
        self._pieces.append(Piece(value=self._flow, text=self._bundle.text, location=(self._bundle.root,)))
        while self._pieces:
            piece = self._pieces.popleft()
            for mapping, key, location in list(references_in(piece.value, piece.location)):
                new = self._new_reference(mapping[key], piece, at=(*location, key))
                mapping[key] = mapping[key] if new is None else new
        return replace(self._bundle, flow=self._flow, taken=self._taken)

    def _new_reference(self, text: str, piece: Piece, *, at: Location) -> str | None:
        """How a reference reads in the flow; None where it stays, or leads nowhere."""
        reference = None if is_open(text) else parse_reference(text)
        if reference is None:
            return None
        if reference.file is not None:
            return self._outside(reference, piece, at=at)
        if piece.text is self._bundle.text:
            return None
        return self._of_a_taken_item(reference, piece, at=at)

    def _outside(self, reference: Reference, piece: Piece, *, at: Location) -> str | None:
        """How a reference to another file reads in the flow."""
        if "\\" in str(reference.file) or PurePosixPath(str(reference.file)).is_absolute():
            hint = "Write '/' between folders, and begin at the folder of this file."
            self._report(piece, f"{quoted(str(reference.file))} is no path to a file beside this one.", at, hint=hint)
            return None
        file = posixpath.normpath(posixpath.join(posixpath.dirname(piece.text.file), str(reference.file)))
        if file == posixpath.normpath(self._bundle.text.file):
            return written(reference.steps)
        try:
            source = self._source(file)
        except UnreadableError as exc:
            self._report(piece, str(exc), at)
            return None
        found = self._navigators[file].follow((), reference.steps)
        if found is None:
            self._report(piece, f"{quoted(file)} has no {quoted(written(reference.steps))}.", at)
            return None
        return self._way_to(found, source.text, piece, at=at)

    def _of_a_taken_item(self, reference: Reference, piece: Piece, *, at: Location) -> str | None:
        """How a reference within a taken item reads in the flow: its own file comes first, then the flow's."""
        found = self._navigators[piece.text.file].find(reference, at=at[:-1])
        if found is None:
            if reference.up is None and self._navigators[self._bundle.text.file].find(reference, at=()):
                return None
            self._report(
                piece, f"{quoted(str(at[-1]))} refers to {quoted(written(reference.steps))}, which is nowhere.", at
            )
            return None
        if reference.up is not None and found[: len(piece.location)] == piece.location:
            return None
        return self._way_to(found, piece.text, piece, at=at)

    def _source(self, file: str) -> Source:
        """A file that is referred to, read once."""
        if file not in self._sources:
            if len(self._sources) == MAX_FILES:
                raise UnreadableError(f"more than {MAX_FILES} files are referred to.")
            self._sources[file] = None
            source = self._open(file)
            self._sources[file] = source
            self._navigators[file] = Navigator(source.data)
            self.problems += source.problems
        found = self._sources[file]
        if found is None or found.text.document is None:
            raise UnreadableError(f"{quoted(file)} cannot be read.")
        return found

    def _way_to(self, found: Location, text: FlowText, piece: Piece, *, at: Location) -> str | None:
        """The way, in the flow, to something of another file; its item is taken if it was not yet."""
        item = item_around(found)
        if item is None:
            self._report(piece, f"What this refers to is none of {', '.join(LISTS)}; only those can be taken in.", at)
            return None
        data = text.document.data if text.document else None
        steps = self._new_names.get((text.file, item)) or self._take_item(item, text, data)
        rest = steps_of(found[len(item) :], value_at(data, item))
        return written((*steps, *rest))

    def _take_item(self, item: Location, text: FlowText, data: Data) -> tuple[Step, ...]:
        """Add an item to the flow's own list; the way to it."""
        kind = str(item[-1])
        items = self._flow.setdefault(LISTS[kind], [])
        body = deepcopy(value_at(data, item))
        ref_id = free_ref_id(str(ref_id_of(body) or kind), kind, items)
        body["refId"] = ref_id
        items.append({kind: body})
        steps = (Step(name=self._bundle.root), Step(name=LISTS[kind]), Step(name=kind, ref_id=ref_id))
        self._new_names[text.file, item] = steps
        self._taken[self._bundle.root, LISTS[kind], len(items) - 1] = Origin(text=text, location=item[:-1])
        self._pieces.append(Piece(value=body, text=text, location=item))
        return steps

    def _report(self, piece: Piece, message: str, at: Location, *, hint: str = "") -> None:
        sentence = message[:1].upper() + message[1:]
        self.problems.append(piece.text.problem("archy.bad-reference", sentence, at=at, hint=hint))


def item_around(location: Location) -> Location | None:
    """The item of a list of menus, tasks or states that something stands in."""
    for end in range(1, len(location)):
        if location[end] in LISTS and isinstance(location[end - 1], int):
            return location[: end + 1]
    return None


def references_in(value: Data, location: Location) -> Iterator[tuple[dict[str, Any], str, Location]]:
    """Each mapping beneath a value that has a reference: the mapping, the key, and where the mapping stands."""
    waiting: list[tuple[Any, Location]] = [(value, location)]
    while waiting:
        each, at = waiting.pop()
        if isinstance(each, dict):
            for key in [key for key, text in each.items() if is_reference(key, text)]:
                yield each, key, at
            waiting += [(part, (*at, key)) for key, part in each.items() if isinstance(part, dict | list)]
        elif isinstance(each, list):
            waiting += [(part, (*at, number)) for number, part in enumerate(each) if isinstance(part, dict | list)]


def steps_of(location: Location, data: Data) -> tuple[Step, ...]:
    """The steps of a reference to a location."""
    steps: list[Step] = []
    is_item = False
    for part in location:
        data = data[part]
        if isinstance(part, str):
            steps.append(Step(name=part, ref_id=ref_id_of(data) if is_item and isinstance(data, dict) else None))
        is_item = isinstance(part, int)
    return tuple(steps)


def free_ref_id(wanted: str, kind: str, items: list[Any]) -> str:
    """A refId that no item of a list has."""
    bodies = [item.get(kind) for item in items if isinstance(item, dict)]
    used = {ref_id_of(body) for body in bodies if isinstance(body, dict)}
    number = 2
    free = wanted
    while free in used:
        free, number = f"{wanted}_{number}", number + 1
    return free
