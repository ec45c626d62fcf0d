"""What an outline is."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from publisher.genesys.documents import Place
from publisher.graph import Graph

Fields = Mapping[str, str]
"""What a file says of something, each value as text under its path: `{"settings.voice": "female"}`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where the lines of a file begin that are about a node (or, with None, about none)."""

    file: str
    place: Place
    node: int | None

    @property
    def order(self) -> tuple[str, Place]:
        """By file, and from its beginning."""
        return self.file, self.place


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """A flow as people see it."""

    file: str
    title: str
    graph: Graph
    names: Sequence[str]
    """What each node is called; empty where it has an id alone."""
    fields: Sequence[Fields]
    """What the file says of each node beside its id, type and name."""
    rest: Fields = field(default_factory=dict)
    """What the file says of the flow itself."""
    spots: Sequence[Spot] = ()
    """In their order."""
    has_own_ids: bool = True
    """Whether people gave the nodes their ids; else these are made of the names of what they stand in."""

    def name_of(self, node: int) -> str:
        """What people call a node: by its id where it has no name."""
        return self.names[node] or self.graph.ids[node]

    def node_at(self, file: str, place: Place) -> int | None:
        """The node that a place of a file belongs to, or a connection there leaves."""
        at = bisect_right(self.spots, (file, place), key=lambda spot: spot.order)
        return self.spots[at - 1].node if at and self.spots[at - 1].file == file else None


def flat(value: Mapping[str, Any], *, without: Collection[str] = ()) -> dict[str, str]:
    """The plain values within a value, each under its path; lists under some keys are left out."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, each = waiting.pop()
        if isinstance(each, Mapping):
            inner = [
                (f"{path}.{key}" if path else str(key), part)
                for key, part in each.items()
                if key not in without or not isinstance(part, list)
            ]
            waiting.extend(reversed(inner))
        elif isinstance(each, list):
            waiting.extend((f"{path}[{at}]", part) for at, part in reversed(list(enumerate(each))))
        else:
            found[path] = plain(each)
    return found


def plain(value: object) -> str:
    """A plain value as a file would say it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
