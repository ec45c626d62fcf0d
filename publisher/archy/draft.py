"""A graph while it is drawn: the parts of a flow, and the ends that are added to them."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from publisher.archy.structure import Part
from publisher.archy.substitution import readable
from publisher.graph import Graph
from publisher.graph.model import Links

END_KIND = "end"
DONE_KIND = "transferred"

Follow: TypeAlias = int | Part
"""Where a flow goes on: a node, or the end of what it is in."""


class Draft:
    """Nodes and edges; part n is node n, the ends come behind them."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.sources: list[int] = []
        self.targets: list[int] = []
        self.conditions: list[str] = []
        self.terminals: set[int] = set()
        self.rounds: set[int] = set()
        """The edges by which a loop begins its next round."""
        self.ends: dict[int, Part] = {}
        """The nodes where something runs out, and what does."""
        self._parts = parts
        self._names = Names()
        self._ids = [self._names.unique(name_of(part)) for part in parts]
        self._types = [part.kind for part in parts]
        self._end_of: dict[int, int] = {}
        self._leading: set[int] = set()

    def edge(self, source: int, follow: Follow, condition: str) -> None:
        """Add an edge."""
        target = follow if isinstance(follow, int) else self._end(follow)
        self.sources.append(source)
        self.targets.append(target)
        self.conditions.append(condition)
        self._leading.add(source)

    def done(self, transfer: Part) -> int:
        """The node of a transfer that has succeeded."""
        node = self._node(f"{self._ids[transfer.number]} done", DONE_KIND)
        self.terminals.add(node)
        return node

    def count_rounds(self, loop: int, *, since: int) -> None:
        """Note which of the latest edges lead back to a loop."""
        self.rounds.update(edge for edge in range(since, len(self.sources)) if self.targets[edge] == loop)

    def end_unless_led_on(self, node: int) -> None:
        """Let a node end the flow that leads to nothing that is known: where it goes, only the platform can say."""
        if node not in self._leading:
            self.terminals.add(node)

    def graph(self) -> Graph:
        """The graph."""
        count = len(self._ids)
        return Graph(
            ids=self._ids,
            types=self._types,
            sources=self.sources,
            targets=self.targets,
            conditions=self.conditions,
            entries=(0,),
            terminals=bytes([node in self.terminals for node in range(count)]),
            onward=Links.between(self.sources, self.targets, count=count),
        )

    def _end(self, part: Part) -> int:
        node = self._end_of.get(part.number)
        if node is None:
            node = self._end_of[part.number] = self._node(f"end of {self._ids[part.number]}", END_KIND)
            self.ends[node] = part
            self.terminals.add(node)
        return node

    def _node(self, id_: str, kind: str) -> int:
        self._ids.append(self._names.unique(id_))
        self._types.append(kind)
        return len(self._ids) - 1


def name_of(part: Part) -> str:
    """What a part is called: by what it stands in, and its own name."""
    return readable(f"{part.scope}/{part.name}" if part.scope else part.name)


class Names:
    """Gives each node a name that no other has: a number follows where the name is taken."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._counts: Counter[str] = Counter()

    def unique(self, name: str) -> str:
        """The name, or the name with the first number that is free."""
        self._counts[name] += 1
        id_ = name if self._counts[name] == 1 else f"{name} #{self._counts[name]}"
        if id_ in self._taken:
            return self.unique(name)
        self._taken.add(id_)
        return id_
