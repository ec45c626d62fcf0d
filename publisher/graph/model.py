"""The graph: columns of plain values and whole numbers, so that a million nodes are no trouble."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Self

TRIGGER = "trigger"
ALWAYS = "always"
TERMINAL_TYPES = frozenset({"disconnect", "hangup", "queue", "transfer"})
KNOWN_TYPES = TERMINAL_TYPES | {
    TRIGGER,
    "audio",
    "callback",
    "collect",
    "condition",
    "data",
    "decision",
    "flow",
    "input",
    "language",
    "menu",
    "play",
    "prompt",
    "record",
    "say",
    "schedule",
    "script",
    "set",
    "switch",
    "task",
    "voicemail",
    "wait",
    "webhook",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """One way from a node to the next, by the ids of the nodes."""

    source: str
    target: str
    condition: str = ALWAYS


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """For each node its edges, and the nodes at their other ends: those of node n from starts[n] to starts[n + 1]."""

    starts: Sequence[int]
    edges: Sequence[int]
    nodes: Sequence[int]

    @classmethod
    def between(cls, near: Sequence[int], far: Sequence[int], *, count: int) -> Self:
        """The links of `count` nodes, where edge e joins near[e] to far[e]."""
        sizes = [0] * (count + 1)
        for node in near:
            sizes[node + 1] += 1
        starts = list(accumulate(sizes))
        free = starts[:]
        edges, nodes = [0] * len(near), [0] * len(near)
        for edge, node in enumerate(near):
            at = free[node]
            free[node] = at + 1
            edges[at], nodes[at] = edge, far[edge]
        return cls(starts=starts, edges=edges, nodes=nodes)

    def nodes_of(self, node: int) -> Sequence[int]:
        """The nodes at the other ends of a node's edges."""
        return self.nodes[self.starts[node] : self.starts[node + 1]]

    def edges_of(self, node: int) -> Sequence[int]:
        """The edges of a node."""
        return self.edges[self.starts[node] : self.starts[node + 1]]

    def count_of(self, node: int) -> int:
        """How many edges a node has."""
        return self.starts[node + 1] - self.starts[node]


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """Nodes and edges, each known by its number, in the order of the file."""

    ids: Sequence[str]
    types: Sequence[str]
    sources: Sequence[int]
    targets: Sequence[int]
    conditions: Sequence[str]
    entries: tuple[int, ...]
    """Where calls come in: one node in a flow that is right."""
    terminals: bytes
    """For each node 1 where it ends the call, else 0."""
    onward: Links
    """The edges that leave each node."""

    @classmethod
    def of(cls, *, ids: Sequence[str], types: Sequence[str], edges: Iterable[Edge]) -> Self:
        """The graph of nodes with different ids, and edges between them."""
        edges = list(edges)
        number = {id_: node for node, id_ in enumerate(ids)}
        return cls.of_columns(
            ids=ids,
            types=types,
            sources=[number[edge.source] for edge in edges],
            targets=[number[edge.target] for edge in edges],
            conditions=[edge.condition for edge in edges],
        )

    @classmethod
    def of_columns(
        cls,
        *,
        ids: Sequence[str],
        types: Sequence[str],
        sources: Sequence[int],
        targets: Sequence[int],
        conditions: Sequence[str],
    ) -> Self:
        """The graph whose edge e goes from node sources[e] to node targets[e]."""
        return cls(
            ids=ids,
            types=types,
            sources=sources,
            targets=targets,
            conditions=conditions,
            entries=find_entries(ids, types),
            terminals=bytes([type_ in TERMINAL_TYPES for type_ in types]),
            onward=Links.between(sources, targets, count=len(ids)),
        )

    @property
    def entry(self) -> int | None:
        """The one node where calls come in; None where there is none, or more than one."""
        return self.entries[0] if len(self.entries) == 1 else None

    def with_edges(self, kept: Sequence[int]) -> "Graph":
        """The same nodes with these edges alone."""
        sources, targets = [self.sources[edge] for edge in kept], [self.targets[edge] for edge in kept]
        return replace(
            self,
            sources=sources,
            targets=targets,
            conditions=[self.conditions[edge] for edge in kept],
            onward=Links.between(sources, targets, count=len(self.ids)),
        )


def find_entries(ids: Sequence[str], types: Sequence[str]) -> tuple[int, ...]:
    """The nodes of type `trigger`; with none, the node with that id."""
    triggers = tuple(node for node, type_ in enumerate(types) if type_ == TRIGGER)
    return triggers or tuple(node for node, id_ in enumerate(ids) if id_ == TRIGGER)
