"""Places in a figure: points and boxes in pixels, ``y`` downwards, and the scales that lead there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["Anchor", "Box", "Point", "Scale", "Shape"]

Point = tuple[float, float]
Anchor = Literal["left", "center", "right"]
Shape = Literal["circle", "diamond", "square", "triangle"]


class Box(NamedTuple):
    """A rectangle in pixels, ``y`` downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box, gap: float = 0.0) -> bool:
        """Whether the two rectangles come closer than ``gap``."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values ``low..high`` to pixels ``start..end``; when ``low == high`` all fall in the middle."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
