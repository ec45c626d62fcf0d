"""Flows of any size to time the checks with: columns of nodes and connections, and their definitions."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from publisher.graph import Graph


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """A flow as columns: node 0 is the trigger, the last one ends the call, connection e goes from sources[e]."""

    ids: Sequence[str]
    types: Sequence[str]
    sources: Sequence[int]
    targets: Sequence[int]
    conditions: Sequence[str]

    @classmethod
    def of(cls, count: int, pairs: Sequence[tuple[int, int]]) -> Self:
        """The columns of nodes with these connections, the ones out of each node on different conditions."""
        leaving = [0] * count
        conditions = []
        for source, _ in pairs:
            leaving[source] += 1
            conditions.append(str(leaving[source]))
        return cls(
            ids=["trigger", *[f"node_{number}" for number in range(1, count)]],
            types=["trigger", *["say"] * (count - 2), "queue"],
            sources=[source for source, _ in pairs],
            targets=[target for _, target in pairs],
            conditions=conditions,
        )

    def graph(self) -> Graph:
        """The graph that is checked."""
        return Graph.of_columns(
            ids=self.ids,
            types=self.types,
            sources=self.sources,
            targets=self.targets,
            conditions=self.conditions,
        )

    def definition(self) -> dict[str, Any]:
        """The flow as its file holds it."""
        ends = enumerate(zip(self.sources, self.targets, self.conditions, strict=True))
        return {
            "name": "Benchmark",
            "description": "",
            "language": "en-US",
            "nodes": [
                {"id": id_, "type": type_, "name": id_.title(), "settings": {"text": "Hello.", "voice": "female"}}
                for id_, type_ in zip(self.ids, self.types, strict=True)
            ],
            "connections": [
                {
                    "id": f"c{number}",
                    "sourceNodeId": self.ids[source],
                    "targetNodeId": self.ids[target],
                    "condition": on,
                }
                for number, (source, target, on) in ends
            ],
            "variables": [],
            "settings": {},
        }


def chain(count: int) -> Columns:
    """One node after the other: as deep as can be."""
    return Columns.of(count, [(node, node + 1) for node in range(count - 1)])


def ladder(rungs: int) -> Columns:
    """Two ways from each rung to the next: twice as many paths with each."""
    pairs = [pair for at in range(0, 3 * rungs, 3) for pair in rung(at)]
    return Columns.of(3 * rungs + 2, [*pairs, (3 * rungs, 3 * rungs + 1)])


def rung(at: int) -> list[tuple[int, int]]:
    """A node, two that it leads to, and the next node, to which both lead."""
    return [(at, at + 1), (at, at + 2), (at + 1, at + 3), (at + 2, at + 3)]


def forward(count: int, *, seed: int = 7) -> Columns:
    """From each node one connection to the next and one to any later node."""
    rng = random.Random(seed)  # the same flow in every run
    any_later = [(node, rng.randrange(node + 1, count)) for node in range(count - 1)]
    return Columns.of(count, [pair for node, way in enumerate(any_later) for pair in ((node, node + 1), way)])
