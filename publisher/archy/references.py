"""References: `/inboundCall/menus/menu[main]`, `./menus/menu[main]`, `../task[x]`, `shared.yaml#/common/tasks/task[x]`.

A step names a key; within a list it names the kind of an item and, in brackets, its refId.
https://developer.genesys.cloud/devapps/archy/flowAuthoring/lesson_04_a_absolute_references
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from publisher.archy.data import Data, Location, value_at

SHAPE = re.compile(r"(?:(?P<file>[^#]+)#)?(?P<way>(?:\.\.?(?:/\.\.)*)?)(?P<steps>(?:/.+)?)", re.DOTALL)
STEP = re.compile(r"/(?P<name>[^/\[\]]+)(?:\[(?P<ref_id>.*?)\](?=/|$))?", re.DOTALL)
SUFFIX = "Ref"
"""How the key of a reference ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a reference: a key, or an item of a list by its kind and refId."""

    name: str
    ref_id: str | None = None

    def __str__(self) -> str:
        return f"/{self.name}" if self.ref_id is None else f"/{self.name}[{self.ref_id}]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """A reference, taken apart."""

    steps: tuple[Step, ...]
    up: int | None = None
    """How many levels to go up first; None for one that begins at the root."""
    file: str | None = None
    """The other file whose YAML it means."""


def is_reference(key: str, value: object) -> bool:
    """Whether a key with its value refers to something: `startUpRef: /…`."""
    return key.endswith(SUFFIX) and isinstance(value, str) and parse_reference(value) is not None


def parse_reference(text: str) -> Reference | None:
    """The reference that a text makes; None where it makes none."""
    shape = SHAPE.fullmatch(text.strip())
    if shape is None or not shape["steps"]:
        return None
    steps, end = [], 0
    while match := STEP.match(shape["steps"], end):
        steps.append(Step(name=match["name"], ref_id=match["ref_id"]))
        end = match.end()
    if end != len(shape["steps"]):
        return None
    way = shape["way"]
    return Reference(steps=tuple(steps), up=way.count("..") if way else None, file=shape["file"])


class Navigator:
    """Finds what references mean in one file's data."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._items: dict[int, Mapping[tuple[str, str], int]] = {}
        """For each list that was looked into: where its items are, by kind and refId."""

    def find(self, reference: Reference, *, at: Location) -> Location | None:
        """Where a reference leads that stands in the mapping at a location; None where it leads nowhere.

        Above its own level, a relative one may mean the level of the list or of its item: the nearest that fits counts.
        """
        if reference.up is None:
            return self.follow((), reference.steps)
        start: Location = at
        for _ in range(reference.up):
            start = parent(start)
        found = self.follow(start, reference.steps)
        while found is None and reference.up and start:
            start = parent(start)
            found = self.follow(start, reference.steps)
        return found

    def follow(self, start: Location, steps: Sequence[Step]) -> Location | None:
        """Where steps lead from a location."""
        value, location = self.value(start), start
        for step in steps:
            name: str | int = step.name
            if step.ref_id is not None:
                at = self._index(value).get((step.name, step.ref_id)) if isinstance(value, list) else None
                if at is None:
                    return None
                value, location = value[at], (*location, at)
            if not isinstance(value, dict) or name not in value:
                return None
            value, location = value[name], (*location, name)
        return location

    def value(self, location: Location) -> Data:
        """What stands at a location."""
        return value_at(self._data, location)

    def ref_ids(self, start: Location, step: Step) -> list[str]:
        """The refIds that a step could have named in the list at a location."""
        value = self.value(start)
        return [ref_id for name, ref_id in self._index(value) if name == step.name] if isinstance(value, list) else []

    def _index(self, items: list[Any]) -> Mapping[tuple[str, str], int]:
        found = self._items.get(id(items))
        if found is None:
            found = self._items[id(items)] = index_of(items)
        return found


def index_of(items: Sequence[Any]) -> Mapping[tuple[str, str], int]:
    """Where the items of a list are, by kind and refId; of two alike, the first."""
    found: dict[tuple[str, str], int] = {}
    for at, item in enumerate(items):
        if isinstance(item, dict):
            for kind, body in item.items():
                if isinstance(body, dict) and (ref_id := ref_id_of(body)) is not None:
                    found.setdefault((kind, ref_id), at)
    return found


def ref_id_of(body: Mapping[str, Any]) -> str | None:
    """The refId of an item, as text."""
    ref_id = body.get("refId")
    return str(ref_id) if isinstance(ref_id, str | int | float) and not isinstance(ref_id, bool) else None


def parent(location: Location) -> Location:
    """One level up; an item of a list and its kind are one level."""
    above = location[:-1]
    return above[:-1] if above and isinstance(above[-1], int) else above


def written(root: Sequence[Step]) -> str:
    """A reference from the root, as text."""
    return "".join(str(step) for step in root)
