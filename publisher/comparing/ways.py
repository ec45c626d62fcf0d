"""Compares the edges of two flows."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from publisher.comparing.change import Change, Sign
from publisher.graph import ALWAYS, Graph
from publisher.problems import quoted

Way = tuple[str, str, str]
"""An edge: its source, its target and its condition, the nodes by their ids in the new flow."""


def ways_of(graph: Graph) -> list[Way]:
    """The edges of a graph by the ids of their nodes."""
    ends = zip(graph.sources, graph.targets, graph.conditions, strict=True)
    return [(graph.ids[source], graph.ids[target], condition) for source, target, condition in ends]


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparedWay:
    """An edge of either flow, and what became of it."""

    sign: Sign
    source: str
    target: str
    condition: str
    was: str = ""
    """The condition that it had, where that has changed."""

    @property
    def label(self) -> str:
        """The condition for a picture."""
        return f"{self.was} → {self.condition}" if self.was else self.condition


def compare_ways(old: Sequence[Way], new: Sequence[Way]) -> list[ComparedWay]:
    """The edges of the new flow in their order, then those that were removed."""
    open_ways = Counter(old)
    is_kept = [take(open_ways, way) for way in new]
    between: defaultdict[tuple[str, str], deque[Way]] = defaultdict(deque)
    for way in open_ways.elements():
        between[way[:2]].append(way)
    compared = [
        compared_way(Sign.SAME, way) if kept else new_or_changed(way, between[way[:2]])
        for way, kept in zip(new, is_kept, strict=True)
    ]
    return compared + [compared_way(Sign.REMOVED, way) for left in between.values() for way in left]


def take(ways: Counter[Way], way: Way) -> bool:
    """Whether there is one more of a way, which is then taken."""
    if ways[way] < 1:
        return False
    ways[way] -= 1
    return True


def new_or_changed(way: Way, left: deque[Way]) -> ComparedWay:
    """A way that was not there; where one between the same nodes is left over, the two are one."""
    if not left:
        return compared_way(Sign.ADDED, way)
    return compared_way(Sign.CHANGED, way, was=left.popleft()[2])


def compared_way(sign: Sign, way: Way, *, was: str = "") -> ComparedWay:
    """What became of a way."""
    source, target, condition = way
    return ComparedWay(sign=sign, source=source, target=target, condition=condition, was=was)


def way_changes(ways: Sequence[ComparedWay]) -> Iterator[Change]:
    """The changes of connections; one that leads elsewhere on the same condition is one change, not two."""
    removed: defaultdict[tuple[str, str], deque[ComparedWay]] = defaultdict(deque)
    for way in ways:
        if way.sign is Sign.REMOVED:
            removed[way.source, way.condition].append(way)
    for way in ways:
        if way.sign is Sign.CHANGED:
            yield Change(
                sign=way.sign, text=f"{name_of(way)} is taken on {quoted(way.condition)}, was on {quoted(way.was)}"
            )
        elif way.sign is Sign.ADDED:
            yield added_or_moved(way, removed[way.source, way.condition])
    yield from (Change(sign=way.sign, text=f"{name_of(way)}{on(way)}") for left in removed.values() for way in left)


def added_or_moved(way: ComparedWay, removed: deque[ComparedWay]) -> Change:
    """A connection that was not there; where one from the same node on the same condition was removed, it was moved."""
    if not removed:
        return Change(sign=way.sign, text=f"{name_of(way)}{on(way)}")
    former = quoted(removed.popleft().target)
    text = f"connection from {quoted(way.source)}{on(way)} leads to {quoted(way.target)}, no longer to {former}"
    return Change(sign=Sign.CHANGED, text=text)


def name_of(way: ComparedWay) -> str:
    """What to call a connection."""
    return f"connection {quoted(way.source)} → {quoted(way.target)}"


def on(way: ComparedWay) -> str:
    """When a connection is taken, if that has to be said."""
    return "" if way.condition == ALWAYS else f" on {quoted(way.condition)}"
