"""Gives points their places: rows from the entry downwards, with few crossings (by the library fast-sugiyama).

The library knows points that keep their distance; here they get their sizes. What no line joins stands beside and below
each other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

from fast_sugiyama import from_edges

from publisher.drawing.boxes import NOTHING, Box, Size

COLUMN = 204.0
"""From the middle of one thing in a row to the middle of the next."""
BEND_SHARE = 0.3
"""What a line takes of a row that it only passes, in columns."""
LEAST_GAP = 12.0
"""Between two things in a row."""
ROW_GAP = 30.0
MOST_ROW_GAP = 72.0
SLOPE = 10.0
"""How far a line may go sideways for each pixel between two rows, before these move apart."""
PART_GAP = 48.0
LEAST_SHELF = 1_100.0

Pair = tuple[int, int]


@dataclass(slots=True)
class Part:
    """A part of the flow that is joined by lines."""

    boxes: dict[int, Box]
    bends: dict[Pair, list[Box]] = field(default_factory=dict)
    """What a line passes between two points."""
    width: float = 0
    height: float = 0

    @classmethod
    def of_one(cls, point: int, size: Size) -> "Part":
        """A point by itself."""
        box = Box(x=size.width / 2, y=size.height / 2, width=size.width, height=size.height)
        return cls(boxes={point: box}, width=size.width, height=size.height)

    def moved(self, x: float, y: float) -> "Part":
        """The same elsewhere."""
        if not x and not y:
            return self
        return Part(
            boxes={point: box.moved(x, y) for point, box in self.boxes.items()},
            bends={ends: [box.moved(x, y) for box in boxes] for ends, boxes in self.bends.items()},
            width=self.width,
            height=self.height,
        )


def parts_of(sizes: Sequence[Size], pairs: Iterable[Pair]) -> list[Part]:
    """The points laid out, each pair with the first above the second; no circles, no pair twice."""
    pairs = sorted(pairs)
    joined = sorted({point for pair in pairs for point in pair})
    number = {point: at for at, point in enumerate(joined)}
    layouts = from_edges(
        [(number[upper], number[lower]) for upper, lower in pairs],
        vertex_spacing=COLUMN,
        dummy_vertices=True,
        dummy_size=BEND_SHARE,
        check_layout=False,
    )
    skeletons = [
        Skeleton(
            points=joined,
            places={int(at): place for at, place in places},
            links=[(int(upper), int(lower)) for upper, lower in links or ()],
        )
        for places, _, _, links in layouts
    ]
    alone = [Part.of_one(point, sizes[point]) for point in range(len(sizes)) if point not in number]
    parts = [*alone, *(part_of(skeleton, sizes) for skeleton in skeletons)]
    return sorted(parts, key=lambda part: min(part.boxes))


@dataclass(frozen=True, kw_only=True, slots=True)
class Skeleton:
    """What the library says of a part: where its points are, and what joins them."""

    points: Sequence[int]
    """What the library's numbers stand for; higher ones are bends, where a line passes a row."""
    places: Mapping[int, tuple[float, float]]
    links: Sequence[Pair]
    """From row to row: a line with bends is several of them."""

    def is_bend(self, at: int) -> bool:
        """Whether a number stands for no point."""
        return at >= len(self.points)

    def is_mirrored(self) -> bool:
        """Whether of two things below another the one that comes first in the file mostly stands to the right."""
        below: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
        for upper, passed in self.lines():
            below[upper].append((self.points[passed[-1]], self.places[passed[0]][0]))
        siblings = [pair for row in below.values() for pair in pairwise(sorted(row))]
        return sum(left > right for (_, left), (_, right) in siblings) * 2 > len(siblings)

    def rows(self) -> list[list[int]]:
        """Everything in rows, from the top; the library counts upwards."""
        rows: defaultdict[float, list[int]] = defaultdict(list)
        for at, (_, y) in self.places.items():
            rows[-y].append(at)
        return [sorted(rows[y]) for y in sorted(rows)]

    def lines(self) -> Iterator[tuple[int, list[int]]]:
        """What each line leaves, and what it passes from there on, its end included."""
        onward = {upper: lower for upper, lower in self.links if self.is_bend(upper)}
        for upper, lower in self.links:
            if self.is_bend(upper):
                continue
            passed = [lower]
            while self.is_bend(passed[-1]):
                passed.append(onward[passed[-1]])
            yield upper, passed


def part_of(skeleton: Skeleton, sizes: Sequence[Size]) -> Part:
    """A part, with flesh on its bones. A bend is as high as its row."""
    size = {at: NOTHING if skeleton.is_bend(at) else sizes[skeleton.points[at]] for at in skeleton.places}
    side = -1 if skeleton.is_mirrored() else 1
    left = min(side * x - size[at].width / 2 for at, (x, _) in skeleton.places.items())
    rows = skeleton.rows()
    heights = [max(size[at].height for at in row) for row in rows]
    boxes: dict[int, Box] = {}
    across = {at: side * x - left for at, (x, _) in skeleton.places.items()}
    for row, middle, height in zip(rows, middles_of(heights, gaps_of(skeleton, rows)), heights, strict=True):
        for at, x in apart(row, across, size):
            own_height = height if skeleton.is_bend(at) else size[at].height
            boxes[at] = Box(x=x, y=middle, width=size[at].width, height=own_height)
    return Part(
        boxes={skeleton.points[at]: box for at, box in boxes.items() if not skeleton.is_bend(at)},
        bends={
            (skeleton.points[upper], skeleton.points[passed[-1]]): [boxes[at] for at in passed[:-1]]
            for upper, passed in skeleton.lines()
            if len(passed) > 1
        },
        width=max(box.x + box.width / 2 for box in boxes.values()),
        height=max(box.bottom for box in boxes.values()),
    )


def apart(row: Sequence[int], across: Mapping[int, float], size: Mapping[int, Size]) -> Iterator[tuple[int, float]]:
    """Where each of a row stands: off the one before it, where the library has now and then put it too near."""
    free = -inf
    for at in sorted(row, key=lambda at: across[at]):
        half = size[at].width / 2
        x = max(across[at], free + half)
        yield at, x
        free = x + half + LEAST_GAP


def gaps_of(skeleton: Skeleton, rows: Sequence[Sequence[int]]) -> list[float]:
    """The room above each row: the more, the further lines go sideways there."""
    gaps = [0.0, *([ROW_GAP] * (len(rows) - 1))]
    row_of = {at: number for number, row in enumerate(rows) for at in row}
    for upper, lower in skeleton.links:
        sideways = abs(skeleton.places[upper][0] - skeleton.places[lower][0])
        row = row_of[lower]
        gaps[row] = min(max(gaps[row], sideways / SLOPE), MOST_ROW_GAP)
    return gaps


def middles_of(heights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """How far down the middle of each row is."""
    middles = []
    bottom = 0.0
    for height, gap in zip(heights, gaps, strict=True):
        bottom += gap + height
        middles.append(bottom - height / 2)
    return middles


def packed(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts side by side in shelves, each as wide as the widest part."""
    room = max([LEAST_SHELF, *(part.width for part in parts)])
    x = y = height = 0.0
    for part in parts:
        if x and x + part.width > room:
            x, y, height = 0.0, y + height + PART_GAP, 0.0
        yield part.moved(x, y)
        x, height = x + part.width + PART_GAP, max(height, part.height)
