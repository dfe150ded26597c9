"""Frames as label maps: for each pixel, the shape that is in front there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.geometry.masks import decode_bitmap, rasterize
from common.geometry.types import Bitmap, Box, Geometry
from export.codecs.png import DEEP, RGB, Pixels, Rows, png
from export.codecs.zip import Entry
from export.dataset.capabilities import Capabilities, Feature
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium
from export.dataset.rows import NOTHING
from export.dataset.shapes import Shape
from export.dataset.track import Corners

HIDDEN = "lost_hidden_shapes"
TOO_LARGE = "lost_too_large"
# Losses that a label map may have in any format.
LEFT_OUT = (NOTHING, HIDDEN, TOO_LARGE)
# The capabilities of formats that hold nothing but pixels.
CAPABILITIES = Capabilities(
    kinds=frozenset({"bbox", "polygon", "bitmap", "circle", "ellipse"}),
    features=frozenset({Feature.ROTATION, Feature.HOLES, Feature.PARTS, Feature.Z_ORDER}),
    changed={
        "bbox": "boxes_as_masks",
        "polygon": "polygons_as_masks",
        "circle": "circles_as_masks",
        "ellipse": "ellipses_as_masks",
    },
)

# The largest medium; at least one row is written at once.
MOST_PIXELS = 200_000_000
WIDEST = 65_535
_PIXELS_AT_ONCE = 256 * 1024

Numbers = NDArray[np.unsignedinteger[Any]]
Color = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class LabelMap:
    """The visible pixels of `shapes` on an image: `numbers` [height, width] are 0 where there is no shape, else the
    index of a shape, from 1. `visible` are the numbers that have a pixel, in order."""

    numbers: Numbers
    shapes: Sequence[Shape]
    visible: list[int]

    def colored(self, name: str, color_of: Callable[[int, Shape], Color]) -> Entry:
        """A PNG of colours; `color_of` gets the rank of a shape among the visible ones, from 1. Nothing is black."""
        colors = {number: color_of(rank, shape) for rank, (number, shape) in enumerate(self.seen(), 1)}
        return self._png(name, RGB, self.table((0, 0, 0), colors))

    def numbered(self, name: str, number_of: Callable[[int, Shape], int], pixels: Pixels = DEEP) -> Entry:
        """A PNG of numbers, of 16 bits by default, in the same way. Nothing is 0."""
        codes = np.zeros((len(self.shapes) + 1, 1), ">u2" if pixels is DEEP else "u1")
        for rank, (number, shape) in enumerate(self.seen(), 1):
            codes[number] = number_of(rank, shape)
        return self._png(name, pixels, codes.view(np.uint8))

    def table(self, nothing: Color, colors: Mapping[int, Color]) -> Rows:
        """[number, 3] the colours of visible shapes, and of pixels without a shape."""
        found = np.empty((len(self.shapes) + 1, 3), np.uint8)
        found[:] = nothing
        for number, color in colors.items():
            found[number] = color
        return found

    def boxes(self) -> dict[int, tuple[int, int, int, int]]:
        """By number, the smallest box around the visible pixels of a shape: x1, y1, x2, y2, the last two exclusive."""
        count = len(self.shapes) + 1
        low, high = np.full((2, count), max(self.numbers.shape)), np.zeros((2, count), np.int64)
        first = 0
        for some in _bands(self.numbers):
            ys, xs = np.nonzero(some)
            for axis, positions in enumerate((xs, ys + first)):
                np.minimum.at(low[axis], some[ys, xs], positions)
                np.maximum.at(high[axis], some[ys, xs], positions + 1)
            first += len(some)
        edges = np.vstack((low, high)).T.tolist()
        return {number: tuple(edges[number]) for number in self.visible}

    def _png(self, name: str, pixels: Pixels, table: Rows) -> Entry:
        return Entry(name, png(self.rows(table), self.width, self.height, pixels), packed=True)

    @property
    def width(self) -> int:
        """Pixels in a row."""
        return int(self.numbers.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.numbers.shape[0])

    def seen(self) -> Iterator[tuple[int, Shape]]:
        """The visible shapes, those behind first, each with its number."""
        return ((number, self.shapes[number - 1]) for number in self.visible)

    def rows(self, table: Rows, *, upwards: bool = False) -> Iterator[Rows]:
        """The image, some rows at a time; `table` [number, bytes of a pixel] gives the pixels."""
        for some in _bands(self.numbers[::-1] if upwards else self.numbers):
            firsts = _firsts(some)
            different = table[some[firsts]].reshape(len(firsts), -1)
            yield np.repeat(different, np.diff(firsts, append=len(some)), axis=0)


def rasterize_shapes(shapes: Sequence[Shape], medium: ExportMedium, report: LossReport) -> LabelMap | None:
    """The label map of a frame, later shapes on top; None if no shape is visible. Hidden shapes are reported."""
    if not shapes:
        return None
    if not fits_label_map(medium):
        report.add(TOO_LARGE, len(shapes))
        return None
    numbers = np.zeros((medium.height, medium.width), np.min_scalar_type(len(shapes)))
    painted = [number for number, shape in enumerate(shapes, 1) if _put(numbers, shape.geometry, number, report)]
    visible = _visible(numbers, len(shapes)) if painted else []
    report.add(HIDDEN, len(painted) - len(visible))
    return LabelMap(numbers, shapes, visible) if visible else None


def fits_label_map(medium: ExportMedium) -> bool:
    """Whether the medium is small enough for a label map."""
    return medium.width <= WIDEST and medium.width * medium.height <= MOST_PIXELS


def pixels(shape: Corners | Geometry, size_wh: tuple[int, int], report: LossReport) -> Bitmap | None:
    """The pixels of a shape on an image; None, which is reported, if there are none."""
    if isinstance(shape, tuple):
        x1, y1, x2, y2, rotation = shape
        shape = Box.model_construct(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation)
    try:
        found = rasterize(shape, size_wh)
    except ValueError:
        report.add(TOO_LARGE)
        return None
    report.add(NOTHING, not found.width)
    return found if found.width else None


def _put(numbers: Numbers, shape: Corners | Geometry, number: int, report: LossReport) -> bool:
    """Paint one shape; False if it has no pixels."""
    if isinstance(shape, tuple) and not shape[4]:
        columns, rows = _span(shape[0], shape[2], numbers.shape[1]), _span(shape[1], shape[3], numbers.shape[0])
        numbers[rows, columns] = number
        is_there = bool(rows.start < rows.stop and columns.start < columns.stop)
        report.add(NOTHING, not is_there)
        return is_there
    found = pixels(shape, (numbers.shape[1], numbers.shape[0]), report)
    if found is not None:
        window = numbers[found.y : found.y + found.height, found.x : found.x + found.width]
        window[decode_bitmap(found)] = number
    return found is not None


def _span(edge: float, opposite: float, length: int) -> slice:
    """The pixels of a row or column whose centres are between two edges, the first included."""
    begin, end = sorted((edge, opposite))
    return slice(*(ceil(min(max(edge, 0.0), length) - 0.5) for edge in (begin, end)))


def _visible(numbers: Numbers, count: int) -> list[int]:
    found = np.zeros(count + 1, np.bool_)
    for some in _bands(numbers):
        found[some[_firsts(some)]] = True
    return (np.flatnonzero(found[1:]) + 1).tolist()


def _bands(numbers: Numbers) -> Iterator[Numbers]:
    rows = max(1, _PIXELS_AT_ONCE // numbers.shape[1])
    return (numbers[first : first + rows] for first in range(0, len(numbers), rows))


def _firsts(some: Numbers) -> NDArray[np.intp]:
    """The rows that differ from the one above: few do where shapes are boxes."""
    return np.append(0, np.flatnonzero((some[1:] != some[:-1]).any(axis=1)) + 1)
