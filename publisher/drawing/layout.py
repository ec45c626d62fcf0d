"""Gives everything in a picture its place. Labels and jump signs are points of their own: nothing covers them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from publisher.drawing.boxes import Box, Size
from publisher.drawing.parts import Pair, packed, parts_of
from publisher.drawing.routes import Course, Route


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """How a route runs: from the first of its stops to the last, by way of the others."""

    route: Route
    stops: Sequence[Box]
    label: Box | None
    """Where its conditions stand."""
    sign: Box | None
    """Where the goal of a jump is named."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Where everything is."""

    nodes: Sequence[Box]
    lines: Sequence[Line]
    width: float
    height: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is to be laid out, as points: the nodes by their numbers, then labels and jumps."""

    sizes: Sequence[Size]
    chains: Sequence[Sequence[int]]
    """For each route the points that it passes, both ends included."""
    labels: Sequence[int | None]
    """For each route the point of its labels."""
    pairs: Sequence[Pair]
    """What stands above what, with a line between."""


def lay_out(nodes: Sequence[Size], routes: Sequence[Route], *, labels: Sequence[Size], signs: Sequence[Size]) -> Layout:
    """The places of nodes of these sizes and of the routes between them, with their labels and jump signs."""
    plan = plan_of(nodes, routes, labels=labels, signs=signs)
    parts = list(packed(parts_of(plan.sizes, plan.pairs)))
    boxes = {point: box for part in parts for point, box in part.boxes.items()}
    bends = {ends: passed for part in parts for ends, passed in part.bends.items()}
    everything = [*boxes.values(), *(bend for passed in bends.values() for bend in passed)]
    lines = [
        Line(
            route=route,
            stops=list(stops_of(chain, boxes, bends)),
            label=None if label is None else boxes[label],
            sign=boxes[chain[-1]] if route.course is Course.JUMP else None,
        )
        for route, chain, label in zip(routes, plan.chains, plan.labels, strict=True)
    ]
    return Layout(
        nodes=[boxes[node] for node in range(len(nodes))],
        lines=lines,
        width=max((box.x + box.width / 2 for box in everything), default=0),
        height=max((box.bottom for box in everything), default=0),
    )


def plan_of(nodes: Sequence[Size], routes: Sequence[Route], *, labels: Sequence[Size], signs: Sequence[Size]) -> Plan:
    """The points of nodes and routes. What leads back always has a point of its own on its way."""
    sizes = list(nodes)
    chains: list[list[int]] = []
    pairs: list[Pair] = []
    label_points: list[int | None] = []
    for route, label, sign in zip(routes, labels, signs, strict=True):
        chain = [route.source]
        label_points.append(None)
        if route.labels or route.course is Course.BACK:
            label_points[-1] = len(sizes)
            chain.append(len(sizes))
            sizes.append(label)
        if route.course is Course.JUMP:
            chain.append(len(sizes))
            sizes.append(sign)
        else:
            chain.append(route.target)
        chains.append(chain)
        downward = chain[::-1] if route.course is Course.BACK else chain
        pairs.extend(pairwise(downward))
    return Plan(sizes=sizes, chains=chains, labels=label_points, pairs=pairs)


def stops_of(chain: Sequence[int], boxes: Mapping[int, Box], bends: Mapping[Pair, Sequence[Box]]) -> Iterator[Box]:
    """All that a route passes."""
    yield boxes[chain[0]]
    for near, far in pairwise(chain):
        yield from bends.get((near, far), ())
        # What leads back was laid out the other way round.
        yield from reversed(bends.get((far, near), ()))
        yield boxes[far]
