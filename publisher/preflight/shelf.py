"""What is looked up: which list of the organization holds a thing that a flow names, and which entry of it is meant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from publisher.archy import Dependency, DependencyKind
from publisher.genesys.inventory import Kind
from publisher.genesys.model import Found
from publisher.publish.sequence import TYPES

KINDS: Mapping[DependencyKind, Kind] = {
    DependencyKind.BOT_FLOW: Kind.FLOW,
    DependencyKind.COMMON_MODULE: Kind.FLOW,
    DependencyKind.DATA_ACTION: Kind.DATA_ACTION,
    DependencyKind.DATA_TABLE: Kind.DATA_TABLE,
    DependencyKind.DIVISION: Kind.DIVISION,
    DependencyKind.EMERGENCY_GROUP: Kind.EMERGENCY_GROUP,
    DependencyKind.FLOW: Kind.FLOW,
    DependencyKind.IN_QUEUE_FLOW: Kind.FLOW,
    DependencyKind.LANGUAGE: Kind.LANGUAGE,
    DependencyKind.PROMPT: Kind.PROMPT,
    DependencyKind.QUEUE: Kind.QUEUE,
    DependencyKind.SCHEDULE: Kind.SCHEDULE,
    DependencyKind.SCHEDULE_GROUP: Kind.SCHEDULE_GROUP,
    DependencyKind.SKILL: Kind.SKILL,
    DependencyKind.WRAPUP_CODE: Kind.WRAPUP_CODE,
}
"""The kinds that the API lists by name; whether there is anything of another kind is left to the platform."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """A name on one of the organization's lists."""

    kind: Kind
    name: str


def sought(dependency: Dependency) -> Sought | None:
    """What to look for; None where it cannot be looked up."""
    kind = KINDS.get(dependency.kind)
    return None if kind is None else Sought(kind=kind, name=dependency.name)


def is_among(dependency: Dependency, found: Iterable[Found]) -> bool:
    """Whether one of the things of that name is the one that is meant."""
    if dependency.kind is DependencyKind.DATA_ACTION and dependency.category:
        return any((one.category or "").casefold() == dependency.category.casefold() for one in found)
    types = TYPES.get(dependency.kind)
    return any(types is None or one.category in types for one in found)
