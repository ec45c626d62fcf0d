"""Sizes and places in a picture, in pixels, downwards and to the right."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How large a thing is."""

    width: float
    height: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """Where a thing is: its middle and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """Its left side."""
        return self.x - self.width / 2

    @property
    def top(self) -> float:
        """Its upper side."""
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.y + self.height / 2

    def moved(self, x: float, y: float) -> "Box":
        """The same elsewhere."""
        return Box(x=self.x + x, y=self.y + y, width=self.width, height=self.height)


NOTHING = Size(width=0, height=0)
