"""Ultralytics YOLO Pose 1.0: rows `class cx cy w h` and then `x y v` for each named point. The other files are as
`ultralytics` says.

data.yaml has `kpt_shape`, the number of points that every row has: those of the class that has most; rows of others end
with points that are not known. `kpt_names` has the names of each class's points. v: 2 visible, 1 hidden, 0 not known or
not on the picture. Only classes that have named points are there, numbered from 0. The points of a class are in the
order in which the mission declares them, then others that objects have, by name. A skeleton's box is the extent of its
points; boxes are cut to the picture.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from common.geometry.types import Keypoint
from export.codecs.zip import Entry
from export.dataset.class_keypoints import ClassKeypoints, class_keypoints, keypoints_of
from export.dataset.dataset import Dataset
from export.dataset.labels import Labels
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium
from export.dataset.rows import NOTHING, Floats, Rows, axis_aligned_boxes, class_numbers, cut, normalized_cxcywh
from export.dataset.shapes import Shape
from export.formats.yolo.names import POSE
from export.formats.yolo.writer_ultralytics import entries, quoted

NO_KEYPOINTS = "lost_boxes_without_keypoints"
BEYOND = "lost_keypoints_outside"
_UNKNOWN = " 0.000000 0.000000 0"


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    known = {number: found for number, found in class_keypoints(dataset).items() if found.positions}
    most = max((len(found.positions) for found in known.values()), default=0)
    classes = [one for one in dataset.classes.all() if one.number in known]
    poses = _Poses(dataset, {one.number: (number, known[one.number]) for number, one in enumerate(classes)}, most)
    head = _head([known[one.number] for one in classes], most)
    yield from entries(POSE, dataset, poses.rows, lambda: (one.name for one in classes), head)


def _head(classes: Sequence[ClassKeypoints], most: int) -> str:
    """How many points rows have, and their names in each class: numbers where it has fewer."""
    lines = [f"kpt_shape: [{most}, 3]\n", "kpt_names:\n" if classes and most else ""]
    for number, known in enumerate(classes):
        names = [*known.positions, *map(str, range(len(known.positions), most))]
        lines.append(f"  {number}: [{', '.join(map(quoted, names))}]\n")
    return "".join(lines)


class _Poses:
    """Makes rows; `classes` has their numbers and points by the numbers of all classes, `most` is how many points a
    row has."""

    def __init__(self, dataset: Dataset, classes: dict[int, tuple[int, ClassKeypoints]], most: int) -> None:
        self._dataset = dataset
        self._classes = classes
        self._most = most

    def rows(self, labels: Labels) -> Rows:
        """The maker of a medium's rows."""
        numbers = class_numbers(labels, self._dataset)

        def rows(shapes: Sequence[Shape]) -> list[str]:
            posed = [bool(keypoints_of(shape)) for shape in shapes]
            labels.report.add(NO_KEYPOINTS, posed.count(False))
            around = _boxes([shape for shape, has in zip(shapes, posed, strict=True) if has])
            boxes = iter(normalized_cxcywh(cut(around, labels.medium, labels.report), labels.medium).tolist())
            return [
                self._row(shape, numbers[shape.object_index], next(boxes), labels) if has else ""
                for shape, has in zip(shapes, posed, strict=True)
            ]

        return rows

    def _row(self, shape: Shape, number: int, box: Sequence[float], labels: Labels) -> str:
        own, known = self._classes[number]
        points = [_point(point, labels.medium, labels.report) for point in known.ordered(keypoints_of(shape))]
        if not (box[2] and box[3]) and all(point == _UNKNOWN for point in points):
            labels.report.add(NOTHING)
            return ""
        rest = _UNKNOWN * (self._most - len(points))
        return f"{own}{' %.6f' * 4}" % tuple(box) + "".join(points) + rest + "\n"


def _boxes(shapes: Sequence[Shape]) -> Floats:
    """Upright boxes [n, 4] around shapes."""
    found = np.empty((len(shapes), 4))
    at_boxes = np.array([isinstance(shape.geometry, tuple) for shape in shapes], np.bool_)
    found[at_boxes] = axis_aligned_boxes([shape for shape in shapes if isinstance(shape.geometry, tuple)])
    found[~at_boxes] = np.array([_extent(shape) for shape in shapes if not isinstance(shape.geometry, tuple)]).reshape(
        -1, 4
    )
    return found


def _extent(shape: Shape) -> tuple[float, float, float, float]:
    xs, ys = zip(*((point.x, point.y) for point in keypoints_of(shape)), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _point(point: Keypoint | None, medium: ExportMedium, report: LossReport) -> str:
    if point is None:
        return _UNKNOWN
    x, y = point.x / medium.width, point.y / medium.height
    if not (0 <= x <= 1 and 0 <= y <= 1):
        report.add(BEYOND)
        return _UNKNOWN
    return f" {x:.6f} {y:.6f} {2 if point.visible else 1}"
