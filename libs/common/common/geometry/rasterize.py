"""Which pixels of a window of the picture have their centre within an outline: all its rows at once."""

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
# Through what is thinner, in pixels, numbers can no longer tell where a row crosses it, and no centre is in it.
_THINNEST = 1e-6


class Window(NamedTuple):
    """Pixels x1…x2-1, y1…y2-1 of a picture."""

    x1: int
    y1: int
    x2: int
    y2: int

    def within(self, other: "Window") -> "Window":
        """The pixels that both have; none, and turned inside out, where there are none."""
        return Window(max(self.x1, other.x1), max(self.y1, other.y1), min(self.x2, other.x2), min(self.y2, other.y2))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of an array of its pixels.

        Raises:
            GeometryError: these are more than a bitmap may have.
        """
        height, width = max(self.y2 - self.y1, 0), max(self.x2 - self.x1, 0)
        if height * width > MAX_PIXELS:
            raise GeometryError("bitmap_pixels_exceeded", width=width, height=height, limit=MAX_PIXELS)
        return height, width


def rasterize_ring(ring: Floats, window: Window) -> Bools:
    """[h, w] whether pixels of the window are within a ring [n, 2], by the even-odd rule."""
    height, width = window.shape
    # In these coordinates the centre of pixel (x, y) of the window is the point (x, y).
    here = ring - (window.x1 + 0.5, window.y1 + 0.5)
    there = np.concatenate([here[1:], here[:1]])
    begins = np.ceil(here[:, 1]).clip(0, height).astype(np.int64)
    ends = np.concatenate([begins[1:], begins[:1]])
    tops, counts = np.minimum(begins, ends), np.abs(ends - begins)
    toggled = np.zeros((height, width + 1), np.uint8)
    for part in _parts(counts):
        edge = np.repeat(np.arange(part.start, part.stop), counts[part])
        firsts = np.cumsum(counts[part]) - counts[part]
        rows = np.arange(len(edge)) + np.repeat(tops[part] - firsts, counts[part])
        (x1, y1), (x2, y2) = here[edge].T, there[edge].T
        _toggle(toggled, rows, x1 + (rows - y1) * (x2 - x1) / (y2 - y1))
    return _inside(toggled)


def rasterize_ellipse(ellipse: Ellipse | Circle, window: Window) -> Bools:
    """[h, w] whether pixels of the window are within it: for each row where its border crosses it."""
    height, width = window.shape
    toggled = np.zeros((height, width + 1), np.uint8)
    rx, ry, turned = _axes(ellipse)
    if min(rx, ry) > _THINNEST:
        cos, sin = np.cos(np.radians(turned)), np.sin(np.radians(turned))
        dy = np.arange(height) + (window.y1 + 0.5 - ellipse.cy)
        # A point (dx, dy) from the centre is within if a·dx² + 2·b·dx + c ≤ 0.
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
    """Count, whole turns of 256 left out, that from x on, rightwards, inside turns into outside and back."""
    columns = np.ceil(x).clip(0, toggled.shape[1] - 1).astype(np.int64)
    # On a flat array, adding a number of its own type is several times faster than anything else.
    np.add.at(toggled.reshape(-1), rows * toggled.shape[1] + columns, np.uint8(1))


def _inside(toggled: Counts) -> Bools:
    """[h, w] where, coming from the left, an odd number of turns was counted [h, w + 1]."""
    np.bitwise_xor.accumulate(toggled, axis=1, out=toggled)
    return (toggled[:, :-1] & 1).view(np.bool_)


def _parts(counts: Ints) -> Iterator[slice]:
    """Cut edges into runs with so few crossings that memory stays flat."""
    up_to = np.cumsum(counts)
    first = 0
    while first < len(counts):
        before = up_to[first - 1] if first else 0
        end = max(int(np.searchsorted(up_to, before + _CROSSINGS_AT_ONCE, side="right")), first + 1)
        yield slice(first, end)
        first = end
