"""Rasterization: the pixels whose center is inside a contour, all rows of a window at once."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.geometry.errors import GeometryError
from common.geometry.types import Circle, Ellipse

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Counts = NDArray[np.uint8]

MAX_PIXELS = 64 * 1024 * 1024
_CROSSINGS_AT_ONCE = 500_000
# Thinner shapes, in pixels, have no numerically stable row crossings, and contain no pixel center.
_THINNEST = 1e-6


class Window(NamedTuple):
    """Pixels x1…x2-1, y1…y2-1 of an image."""

    x1: int
    y1: int
    x2: int
    y2: int

    def within(self, other: "Window") -> "Window":
        """The intersection of two windows. If it is empty, the limits are reversed."""
        return Window(max(self.x1, other.x1), max(self.y1, other.y1), min(self.x2, other.x2), min(self.y2, other.y2))

    @property
    def shape(self) -> tuple[int, int]:
        """The shape (rows, columns) of an array of the window's pixels.

        Raises:
            GeometryError: The window has more pixels than a bitmap may have.
        """
        height, width = max(self.y2 - self.y1, 0), max(self.x2 - self.x1, 0)
        if height * width > MAX_PIXELS:
            raise GeometryError("bitmap_pixels_exceeded", width=width, height=height, limit=MAX_PIXELS)
        return height, width


def rasterize_ring(ring: Floats, window: Window) -> Bools:
    """The mask [h, w] of the pixels of the window inside a ring [n, 2], by the even-odd rule."""
    height, width = window.shape
    # In these coordinates, the center of pixel (x, y) of the window is the point (x, y).
    here = ring - (window.x1 + 0.5, window.y1 + 0.5)
    there = np.concatenate([here[1:], here[:1]])
    begins = np.ceil(here[:, 1]).clip(0, height).astype(np.int64)
    ends = np.concatenate([begins[1:], begins[:1]])
    tops, counts = np.minimum(begins, ends), np.abs(ends - begins)
    toggled = np.zeros((height, width + 1), np.uint8)
    for batch in _batches(counts):
        edge = np.repeat(np.arange(batch.start, batch.stop), counts[batch])
        firsts = np.cumsum(counts[batch]) - counts[batch]
        rows = np.arange(len(edge)) + np.repeat(tops[batch] - firsts, counts[batch])
        (x1, y1), (x2, y2) = here[edge].T, there[edge].T
        _toggle(toggled, rows, x1 + (rows - y1) * (x2 - x1) / (y2 - y1))
    return _inside(toggled)


def rasterize_ellipse(ellipse: Ellipse | Circle, window: Window) -> Bools:
    """The mask [h, w] of the pixels of the window inside an ellipse, from the crossings of its border with each row."""
    height, width = window.shape
    toggled = np.zeros((height, width + 1), np.uint8)
    rx, ry, rotation = _axes(ellipse)
    if min(rx, ry) > _THINNEST:
        cos, sin = np.cos(np.radians(rotation)), np.sin(np.radians(rotation))
        dy = np.arange(height) + (window.y1 + 0.5 - ellipse.cy)
        # A point at (dx, dy) from the center is inside if a·dx² + 2·b·dx + c ≤ 0.
        a = (cos / rx) ** 2 + (sin / ry) ** 2
        b = dy * cos * sin * (1 / rx**2 - 1 / ry**2)
        c = dy**2 * ((sin / rx) ** 2 + (cos / ry) ** 2) - 1
        rows = np.flatnonzero(b * b > a * c)
        half, middle = np.sqrt((b * b - a * c)[rows]) / a, -b[rows] / a + (ellipse.cx - window.x1 - 0.5)
        _toggle(toggled, rows, middle - half)
        _toggle(toggled, rows, middle + half)
    return _inside(toggled)


def _axes(ellipse: Ellipse | Circle) -> tuple[float, float, float]:
    if isinstance(ellipse, Circle):
        return ellipse.r, ellipse.r, 0.0
    return ellipse.rx, ellipse.ry, ellipse.rotation


def _toggle(toggled: Counts, rows: Ints, x: Floats) -> None:
    """Count, modulo 256, a border crossing in each row at x: to its right, inside and outside are swapped."""
    columns = np.ceil(x).clip(0, toggled.shape[1] - 1).astype(np.int64)
    # On a flat array, adding a number of the same dtype is several times faster than the alternatives.
    np.add.at(toggled.reshape(-1), rows * toggled.shape[1] + columns, np.uint8(1))


def _inside(toggled: Counts) -> Bools:
    """The pixels [h, w] with an odd number of crossings [h, w + 1] on their left."""
    np.bitwise_xor.accumulate(toggled, axis=1, out=toggled)
    return (toggled[:, :-1] & 1).view(np.bool_)


def _batches(counts: Ints) -> Iterator[slice]:
    """Batches of edges with a limited number of crossings, for constant memory."""
    up_to = np.cumsum(counts)
    first = 0
    while first < len(counts):
        before = up_to[first - 1] if first else 0
        end = max(int(np.searchsorted(up_to, before + _CROSSINGS_AT_ONCE, side="right")), first + 1)
        yield slice(first, end)
        first = end
