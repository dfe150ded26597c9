"""Ultralytics YOLO Oriented Bounding Boxes 1.0: rows `class x1 y1 x2 y2 x3 y3 x4 y4`, the corners of boxes, turned or
not, clockwise from the one that was top-left. The other files are as `ultralytics` says.

A box that reaches beyond the picture becomes the smallest one, turned as much, that has all of it that is on the
picture; a corner may still lie beyond.
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

# In units of half a width and half a height, which corners a box has.
_CORNERS = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    return entries(OBB, dataset, lambda labels: _rows(labels, dataset))


def _rows(labels: Labels, dataset: Dataset) -> Rows:
    medium, report = labels.medium, labels.report
    forms = [f"{number}{' %.6f' * 8}\n" for number in class_numbers(labels, dataset)]

    def rows(shapes: Sequence[Shape]) -> list[str]:
        boxes = np.array([shape.geometry for shape in shapes], np.float64).reshape(-1, 5)
        around = corners(boxes)
        for at in np.flatnonzero((_beyond(around, medium) > UNSEEN_PX).any(axis=(1, 2))).tolist():
            part = _on_picture(boxes[at].tolist(), medium)
            report.add(CUT, part is not None)
            around[at] = corners(np.array([part]))[0] if part else np.nan
        has_sides = (np.abs(boxes[:, 2:4] - boxes[:, :2]) >= UNSEEN_PX).all(axis=1)
        seen: list[bool] = np.asarray(has_sides & ~np.isnan(around).any(axis=(1, 2))).tolist()
        report.add(NOTHING, seen.count(False))
        shares = (around / (medium.width, medium.height)).reshape(-1, 8).tolist()
        return [
            forms[shape.object_index] % tuple(points) if there else ""
            for shape, points, there in zip(shapes, shares, seen, strict=True)
        ]

    return rows


def corners(boxes_xyxyr: Floats) -> Floats:
    """The corners [n, 4, 2] of boxes turned by degrees clockwise [n, 5]."""
    low = np.minimum(boxes_xyxyr[:, :2], boxes_xyxyr[:, 2:4])
    high = np.maximum(boxes_xyxyr[:, :2], boxes_xyxyr[:, 2:4])
    straight = _CORNERS * ((high - low) / 2)[:, None]
    turned = np.radians(boxes_xyxyr[:, 4])
    along, across = np.cos(turned)[:, None], np.sin(turned)[:, None]
    x, y = straight[..., 0], straight[..., 1]
    offsets = np.stack((x * along - y * across, x * across + y * along), axis=-1)
    return np.asarray(((low + high) / 2)[:, None] + offsets)


def _beyond(points: Floats, medium: ExportMedium) -> Floats:
    """How far, in pixels, points are beyond the picture."""
    return np.asarray(np.abs(points - np.clip(points, 0.0, (medium.width, medium.height))))


def _on_picture(box: Sequence[float], medium: ExportMedium) -> Corners | None:
    x1, y1, x2, y2, rotation = box
    part = clip_to_image(Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation), medium.width, medium.height)
    return (part.x1, part.y1, part.x2, part.y2, part.rotation) if isinstance(part, Box) else None
