"""Ultralytics YOLO Oriented Bounding Boxes 1.0: rows `class x1 y1 x2 y2 x3 y3 x4 y4`, the corners of boxes, clockwise
from the one that was top left before rotation. The other files are described in `writer_ultralytics`.

A box that exceeds the image becomes the smallest box with the same rotation that contains its visible part; its corners
may still lie outside.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from common.geometry.clip import clip_to_image
from common.geometry.types import Box
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.rows import CUT, NOTHING, UNSEEN_PX, Floats, Rows, class_numbers
from export.dataset.shapes import Shape
from export.dataset.track import Corners
from export.formats.yolo.names import OBB
from export.formats.yolo.writer_ultralytics import entries

# The corners of a box, in units of its half width and half height.
_CORNERS = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    return entries(OBB, dataset, lambda labels: _rows(labels, dataset))


def _rows(labels: Labels, dataset: Dataset) -> Rows:
    medium, report = labels.medium, labels.report
    templates = [f"{number}{' %.6f' * 8}\n" for number in class_numbers(labels, dataset)]

    def rows(shapes: Sequence[Shape]) -> list[str]:
        boxes = np.array([shape.geometry for shape in shapes], np.float64).reshape(-1, 5)
        points = corners(boxes)
        for at in np.flatnonzero((_beyond(points, medium) > UNSEEN_PX).any(axis=(1, 2))).tolist():
            part = _clipped(boxes[at].tolist(), medium)
            report.add(CUT, part is not None)
            points[at] = corners(np.array([part]))[0] if part else np.nan
        has_sides = (np.abs(boxes[:, 2:4] - boxes[:, :2]) >= UNSEEN_PX).all(axis=1)
        visible: list[bool] = np.asarray(has_sides & ~np.isnan(points).any(axis=(1, 2))).tolist()
        report.add(NOTHING, visible.count(False))
        relative = (points / (medium.width, medium.height)).reshape(-1, 8).tolist()
        return [
            templates[shape.object_index] % tuple(row) if is_visible else ""
            for shape, row, is_visible in zip(shapes, relative, visible, strict=True)
        ]

    return rows


def corners(boxes_xyxyr: Floats) -> Floats:
    """The corners [n, 4, 2] of boxes [n, 5] rotated clockwise by degrees."""
    low = np.minimum(boxes_xyxyr[:, :2], boxes_xyxyr[:, 2:4])
    high = np.maximum(boxes_xyxyr[:, :2], boxes_xyxyr[:, 2:4])
    unrotated = _CORNERS * ((high - low) / 2)[:, None]
    radians = np.radians(boxes_xyxyr[:, 4])
    cosine, sine = np.cos(radians)[:, None], np.sin(radians)[:, None]
    x, y = unrotated[..., 0], unrotated[..., 1]
    offsets = np.stack((x * cosine - y * sine, x * sine + y * cosine), axis=-1)
    return np.asarray(((low + high) / 2)[:, None] + offsets)


def _beyond(points: Floats, medium: ExportMedium) -> Floats:
    """The distance of each coordinate from the image, in pixels."""
    return np.asarray(np.abs(points - np.clip(points, 0.0, (medium.width, medium.height))))


def _clipped(box: Sequence[float], medium: ExportMedium) -> Corners | None:
    x1, y1, x2, y2, rotation = box
    part = clip_to_image(Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation), medium.width, medium.height)
    return (part.x1, part.y1, part.x2, part.y2, part.rotation) if isinstance(part, Box) else None
