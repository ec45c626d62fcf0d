"""What a flow names that has to be in the organization: queues, prompts, data actions, other flows, and more.

All of it is named, not identified: mostly as `{lit: {name: Sales}}`, but a data action, a data table or a called module
is a key of a mapping, and a prompt stands in an expression.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from publisher.archy.bundle import Bundle
from publisher.archy.data import Data, Location
from publisher.archy.substitution import is_open
from publisher.genesys.documents import Place

USER_PROMPT = re.compile(r"(?<![\w.])Prompt\.(\w+)")


class DependencyKind(StrEnum):
    """What a flow can name."""

    BOT_FLOW = "bot_flow"
    COMMON_MODULE = "common_module"
    CONTACT_LIST = "contact_list"
    DATA_ACTION = "data_action"
    DATA_TABLE = "data_table"
    DIVISION = "division"
    EMERGENCY_GROUP = "emergency_group"
    FLOW = "flow"
    FLOW_OUTCOME = "flow_outcome"
    GROUP = "group"
    IN_QUEUE_FLOW = "in_queue_flow"
    LANGUAGE = "language"
    MILESTONE = "milestone"
    PROMPT = "prompt"
    QUEUE = "queue"
    SCHEDULE = "schedule"
    SCHEDULE_GROUP = "schedule_group"
    SCRIPT = "script"
    SKILL = "skill"
    USER = "user"
    WRAPUP_CODE = "wrapup_code"

    @property
    def is_flow(self) -> bool:
        """Whether it is a flow, too, and has to be there first."""
        return self in FLOW_KINDS


FLOW_KINDS = frozenset(
    {DependencyKind.BOT_FLOW, DependencyKind.COMMON_MODULE, DependencyKind.FLOW, DependencyKind.IN_QUEUE_FLOW}
)

NAMED: Mapping[str, DependencyKind] = {
    "acdSkill": DependencyKind.SKILL,
    "contactList": DependencyKind.CONTACT_LIST,
    "defaultLanguageSkill": DependencyKind.LANGUAGE,
    "emergencyGroup": DependencyKind.EMERGENCY_GROUP,
    "flowOutcome": DependencyKind.FLOW_OUTCOME,
    "inQueueFlow": DependencyKind.IN_QUEUE_FLOW,
    "languageSkill": DependencyKind.LANGUAGE,
    "milestone": DependencyKind.MILESTONE,
    "overrideInQueueFlow": DependencyKind.IN_QUEUE_FLOW,
    "schedule": DependencyKind.SCHEDULE,
    "scheduleGroup": DependencyKind.SCHEDULE_GROUP,
    "skill": DependencyKind.SKILL,
    "targetFlow": DependencyKind.FLOW,
    "targetGroup": DependencyKind.GROUP,
    "targetQueue": DependencyKind.QUEUE,
    "targetUser": DependencyKind.USER,
    "wrapupCode": DependencyKind.WRAPUP_CODE,
}
"""Keys whose value names something, as `{lit: {name: …}}`, `{lit: …}` or `{name: …}`."""
KEYED: Mapping[str, DependencyKind] = {
    "botFlow": DependencyKind.BOT_FLOW,
    "commonModule": DependencyKind.COMMON_MODULE,
    "dataAction": DependencyKind.DATA_ACTION,
    "dataTable": DependencyKind.DATA_TABLE,
    "digitalBotFlow": DependencyKind.BOT_FLOW,
    "screenPopScript": DependencyKind.SCRIPT,
}
"""Keys whose value has the name as its own key."""
STATED: Mapping[str, DependencyKind] = {
    "group": DependencyKind.GROUP,
    "language": DependencyKind.LANGUAGE,
    "queue": DependencyKind.QUEUE,
    "schedule": DependencyKind.SCHEDULE,
    "scheduleGroup": DependencyKind.SCHEDULE_GROUP,
    "skill": DependencyKind.SKILL,
    "user": DependencyKind.USER,
}
"""Types of a statement of `updateData` whose value may name something."""
NAMING = frozenset({*NAMED, *KEYED, "statements"})
"""All keys beneath which something may be named."""
NOT_NAMES = frozenset({"exp", "lit", "name", "noValue", "none", "var"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Dependency:
    """One thing that a flow names."""

    kind: DependencyKind
    name: str
    file: str
    place: Place
    category: str = ""
    """Of a data action: the name of its integration."""


def read_dependencies(bundle: Bundle) -> tuple[Dependency, ...]:
    """Everything that a flow names, each time that it does."""
    found = [mention for mention in mentions(bundle) if mention[1] and not is_open(mention[1])]
    named = (dependency(bundle, *mention) for mention in found)
    return tuple(sorted(named, key=lambda each: (each.file != bundle.text.file, each.file, each.place, each.kind)))


def dependency(bundle: Bundle, kind: DependencyKind, name: str, location: Location) -> Dependency:
    """One mention with its place; the location ends with the key where the name is one."""
    origin = bundle.origin(location)
    is_key = kind in KEYED.values()
    category = str(location[-3]) if kind is DependencyKind.DATA_ACTION and location[-4:-3] == ("category",) else ""
    place = origin.text.place(origin.location, key=is_key)
    return Dependency(kind=kind, name=name, file=origin.text.file, place=place, category=category)


def mentions(bundle: Bundle) -> Iterator[tuple[DependencyKind, str, Location]]:
    """What is named, and where."""
    division = bundle.flow.get("division")
    if isinstance(division, str):
        yield DependencyKind.DIVISION, division, (bundle.root, "division")
    waiting: list[tuple[Any, Location]] = [(bundle.flow, (bundle.root,))]
    while waiting:
        value, location = waiting.pop()
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(each, dict | list):
                at = (*location, key)
                if key in NAMING:
                    yield from named_by(str(key), each, at)
                waiting.append((each, at))
            elif isinstance(each, str) and "Prompt." in each:
                names = dict.fromkeys(USER_PROMPT.findall(each))
                yield from ((DependencyKind.PROMPT, name, (*location, key)) for name in names)


def named_by(key: str, value: Data, location: Location) -> Iterator[tuple[DependencyKind, str, Location]]:
    """What a key with its value names."""
    if key in NAMED:
        yield from names_in(NAMED[key], value, location)
    elif key in KEYED and isinstance(value, dict):
        yield from ((KEYED[key], name, (*location, name)) for name in value if name not in NOT_NAMES)
        if isinstance(value.get("name"), str):
            yield KEYED[key], value["name"], (*location, "name")
    elif key == "statements" and isinstance(value, list):
        for at, statement in enumerate(value):
            for type_, each in statement.items() if isinstance(statement, dict) else ():
                if type_ in STATED and isinstance(each, dict):
                    yield from names_in(STATED[type_], each.get("value"), (*location, at, type_, "value"))


def names_in(kind: DependencyKind, value: Data, location: Location) -> Iterator[tuple[DependencyKind, str, Location]]:
    """The name in `{lit: {name: …}}`, `{lit: …}` or `{name: …}`."""
    for key in ("lit", "name"):
        given = value.get(key) if isinstance(value, dict) else None
        if isinstance(given, dict) and isinstance(given.get("name"), str):
            yield kind, given["name"], (*location, key, "name")
            return
        if isinstance(given, str):
            yield kind, given, (*location, key)
            return
