"""The structure of a flow: its menus, tasks and states, their actions and choices, and what each leads into.

An Archy file has neither nodes nor connections: control goes down the lists, and into what is nested. Whatever an
action is, its outputs are found alike: each list called `actions` beneath it is one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from publisher.archy.bundle import Bundle
from publisher.archy.data import Data, Location
from publisher.archy.references import SUFFIX, is_reference
from publisher.archy.vocabulary import CONTAINERS, KNOWN_ACTIONS
from publisher.problems import Problem, quoted

START_ID = "start"
START_KIND = "trigger"
START_UP = "startUpTaskActions"
REF_KEYS = frozenset({"defaultChildMenuRef", "startUpRef", "targetMenuRef", "targetStateRef", "targetTaskRef"})
"""Keys that must refer to something of the flow; others that end in `Ref` do so where they look like it."""
DASHES = "Begin each item with a dash."
SYMBOLS: Mapping[str, str] = {"star": "*", "pound": "#"}
PLAIN_LEVELS = frozenset({"outputs", "evaluate", "firstTrue", "task", "switch"})
"""Levels between an action and its outputs that say nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """A reference where it stands."""

    key: str
    text: str
    location: Location
    """Of the mapping that has the key."""


@dataclass(slots=True, kw_only=True, eq=False)
class Part:
    """A menu, a task, a state, an action or a choice: what a flow can be at."""

    number: int
    kind: str
    name: str
    location: Location
    body: Mapping[str, Any]
    outputs: "list[Output]" = field(default_factory=list)
    choices: "list[Part]" = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    on: str = ""
    """Of a choice: what chooses it."""
    scope: str = ""
    """The names of what it stands in."""
    is_choice: bool = False
    is_container: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """Actions that follow an action, and on what."""

    name: str
    parts: Sequence[Part]


@dataclass(frozen=True, kw_only=True, slots=True)
class Structure:
    """All parts of a flow, in the order of the file."""

    start: Part
    containers: Sequence[Part]
    parts: Sequence[Part]
    problems: tuple[Problem, ...]


def read_structure(bundle: Bundle) -> Structure:
    """The structure of a flow; what has not the shape that it should is left out, and told."""
    reader = StructureReader(bundle)
    start, containers = reader.read()
    return Structure(start=start, containers=containers, parts=reader.parts, problems=tuple(reader.problems))


class StructureReader:
    """Reads one flow."""

    def __init__(self, bundle: Bundle) -> None:
        self.parts: list[Part] = []
        self.problems: list[Problem] = []
        self._bundle = bundle

    def read(self) -> tuple[Part, list[Part]]:
        """The start, and the containers."""
        root, flow = self._bundle.root, self._bundle.flow
        start = self._part(START_KIND, flow, (root,), scope="", name=START_ID)
        containers: list[Part] = []
        for key, value in flow.items():
            if key in CONTAINERS:
                containers += self._containers(value, (root, key), CONTAINERS[key])
            elif key == START_UP:
                start.outputs.append(Output(name="", parts=self._actions(value, (root, key), scope="")))
            else:
                self._scan({key: value}, start, (root,), label=key)
        return start, containers

    def report(self, message: str, at: Location, *, hint: str = "") -> None:
        """Keep a problem of the shape."""
        self.problems.append(self._bundle.problem("archy.shape", message, at=at, hint=hint))

    def _part(self, kind: str, body: Mapping[str, Any], location: Location, *, scope: str, name: str = "") -> Part:
        given = body.get("name")
        own = name or (str(given) if isinstance(given, str | int | float) and str(given).strip() else kind)
        part = Part(number=len(self.parts), kind=kind, name=own, location=location, body=body, scope=scope)
        self.parts.append(part)
        return part

    def _containers(self, items: object, location: Location, kind: str) -> Iterator[Part]:
        for at, each, body in self._items(items, location, thing=f"a list of {kind}s"):
            if each != kind:
                self.report(f"An item of {location[-1]!r} must be a {kind!r}; this is {each!r}.", (*location, at))
                continue
            part = self._part(kind, body, (*location, at, kind), scope="")
            part.is_container = True
            self._scan(body, part, part.location, label="")
            yield part

    def _actions(self, items: object, location: Location, *, scope: str) -> list[Part]:
        return [
            self._action(kind, body, (*location, at, kind), scope=scope)
            for at, kind, body in self._items(items, location, thing="a list of actions")
        ]

    def _action(self, kind: str, body: Mapping[str, Any], location: Location, *, scope: str) -> Part:
        part = self._part(kind, body, location, scope=scope)
        self._scan(body, part, location, label="")
        return part

    def _items(self, items: object, location: Location, *, thing: str) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
        """The items of a list, each of which is a mapping of its kind to its fields."""
        if items is None:
            return
        if not isinstance(items, list):
            self.report(f"{location[-1]!r} must be {thing}.", location, hint=DASHES)
            return
        for at, item in enumerate(items):
            if not isinstance(item, dict) or len(item) != 1:
                self._report_item(item, (*location, at))
                continue
            ((kind, body),) = item.items()
            if body is not None and not isinstance(body, dict):
                self.report(f"{kind!r} must hold fields.", (*location, at, kind))
                continue
            yield at, kind, body or {}

    def _report_item(self, item: Data, at: Location) -> None:
        """Say that an item is no mapping of one key."""
        wanted = f"an item of {at[-2]!r} is a mapping with one key, its kind"
        if isinstance(item, dict) and item:
            found, hint = f"has {len(item)}: {', '.join(map(quoted, item))}", "Indent the fields under the kind."
        else:
            found, hint = "is none", ""
        self.report(f"{wanted[:1].upper()}{wanted[1:]}; this {found}.", at, hint=hint)

    def _scan(self, value: Data, part: Part, location: Location, *, label: str) -> None:
        """Find the outputs, the choices and the references beneath a part. Documents are at most 64 levels deep."""
        if isinstance(value, dict):
            for key, each in value.items():
                if key == "actions" and isinstance(each, list):
                    scope = scope_of(part)
                    actions = self._actions(each, (*location, key), scope=scope)
                    part.outputs.append(Output(name=label, parts=actions))
                elif key == "actions" and isinstance(each, dict) and not KNOWN_ACTIONS.isdisjoint(each):
                    self.report("'actions' must be a list of actions.", (*location, key), hint=DASHES)
                elif key == "choices" and isinstance(each, list):
                    part.choices += self._choices(each, (*location, key), scope=scope_of(part))
                elif isinstance(each, dict | list):
                    self._scan(each, part, (*location, key), label=label_of(key, each, label))
                elif key.endswith(SUFFIX) and (key in REF_KEYS or is_reference(key, each)) and each is not None:
                    part.mentions.append(Mention(key=key, text=str(each), location=location))
        elif isinstance(value, list):
            for at, each in enumerate(value):
                if isinstance(each, dict | list):
                    self._scan(each, part, (*location, at), label=f"{at + 1}" if not label else f"{label} {at + 1}")

    def _choices(self, items: object, location: Location, *, scope: str) -> Iterator[Part]:
        for at, kind, body in self._items(items, location, thing="a list of choices"):
            choice = self._part(kind, body, (*location, at, kind), scope=scope)
            choice.is_choice, choice.on = True, key_of(body) or choice.name
            self._scan(body, choice, choice.location, label="")
            yield choice


def scope_of(part: Part) -> str:
    """The names that stand before those of what a part holds: actions are told by their container or choice."""
    if part.is_container or part.is_choice:
        return f"{part.scope}/{part.name}" if part.scope else part.name
    return part.scope


def label_of(key: str, value: Data, label: str) -> str:
    """What to call the outputs beneath a key: by the nearest key that says something."""
    if key in PLAIN_LEVELS:
        return label
    if key == "cases":
        return "case"
    if key == "paths":
        return "path"
    if key == "case":
        return label
    if key == "path":
        name = value.get("name") if isinstance(value, dict) else None
        return str(name) if name else label
    return key


def key_of(body: Mapping[str, Any]) -> str:
    """The key of the telephone that makes a choice: `digit_1` is 1, `star` is *."""
    dtmf = body.get("dtmf")
    text = str(dtmf) if isinstance(dtmf, str | int) else ""
    return SYMBOLS.get(text, text.removeprefix("digit_"))


def everything_beneath(parts: Iterable[Part]) -> Iterator[Part]:
    """Parts with all that stands in them."""
    waiting = list(parts)
    while waiting:
        part = waiting.pop()
        yield part
        waiting += part.choices
        for output in part.outputs:
            waiting += output.parts
