"""Labels as rows of text, frame by frame, for formats with a file or a section for each frame."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from export.dataset.dataset import Dataset
from export.dataset.labels import Labels
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium
from export.dataset.shapes import Shape

AROUND = "rotation_as_upright_boxes"
CUT = "lost_outside_image"
NOTHING = "lost_empty_shapes"
Floats = NDArray[np.float64]
# The row of each shape with its line break; empty if it has none.
Rows = Callable[[Sequence[Shape]], list[str]]
_AT_ONCE = 1024
# Less than this, in pixels, outside the image counts as inside.
UNSEEN_PX = 0.005


def by_frame(labels: Labels, rows: Rows) -> Iterator[tuple[int, str]]:
    """Every frame's number and its rows."""
    frames: list[tuple[int, int]] = []
    shapes: list[Shape] = []
    for frame in labels.frames():
        frames.append((frame.number, len(frame.shapes)))
        shapes += frame.shapes
        if len(shapes) >= _AT_ONCE or len(frames) >= _AT_ONCE:
            yield from _split(frames, rows(shapes))
            frames, shapes = [], []
    yield from _split(frames, rows(shapes))


def _split(frames: Sequence[tuple[int, int]], rows: list[str]) -> Iterator[tuple[int, str]]:
    begin = 0
    for number, count in frames:
        yield number, "".join(rows[begin : begin + count])
        begin += count


def class_numbers(labels: Labels, dataset: Dataset) -> list[int]:
    """The number of the class of each object."""
    return [dataset.classes.of(found.category, found.mission).number for found in labels.objects]


def axis_aligned_boxes(shapes: Sequence[Shape]) -> Floats:
    """x1, y1, x2, y2 [n, 4] of upright boxes around boxes."""
    corners = np.array([shape.geometry for shape in shapes], np.float64).reshape(-1, 5)
    low, high = np.minimum(corners[:, :2], corners[:, 2:4]), np.maximum(corners[:, :2], corners[:, 2:4])
    if corners[:, 4].any():
        turned, middle, half = np.radians(corners[:, 4:]), (low + high) / 2, (high - low) / 2
        reach = np.abs(np.cos(turned)) * half + np.abs(np.sin(turned)) * half[:, ::-1]
        is_turned = corners[:, 4:] != 0
        low, high = np.where(is_turned, middle - reach, low), np.where(is_turned, middle + reach, high)
    return np.hstack((low, high))


def cut(boxes_xyxy: Floats, medium: ExportMedium, report: LossReport) -> Floats:
    """Boxes [n, 4] clipped to the image, without width or height if they lie outside; clipped boxes are reported."""
    found = np.clip(boxes_xyxy, 0.0, (medium.width, medium.height) * 2)
    is_there = (found[:, 2] > found[:, 0]) & (found[:, 3] > found[:, 1])
    is_cut = is_there & (np.abs(found - boxes_xyxy) > UNSEEN_PX).any(axis=1)
    report.add(CUT, int(np.count_nonzero(is_cut)))
    return found


def normalized_cxcywh(boxes_xyxy: Floats, medium: ExportMedium) -> Floats:
    """Centre x, centre y, width, height [n, 4] of boxes as shares of the image's size."""
    low, high = boxes_xyxy[:, :2], boxes_xyxy[:, 2:]
    return np.asarray(np.hstack(((low + high) / 2, high - low)) / ((medium.width, medium.height) * 2))
