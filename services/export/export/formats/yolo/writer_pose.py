"""Ultralytics YOLO Pose 1.0: rows `class cx cy w h`, then `x y v` for each named keypoint. The other files are
described in `writer_ultralytics`.

`kpt_shape` in data.yaml is the number of keypoints of every row: that of the class with the most; shorter rows are
filled with unlabeled keypoints. `kpt_names` has the keypoint names of each class. v is 2 for visible, 1 for hidden, and
0 for keypoints that are unlabeled or outside the image. Only classes with named keypoints are included, numbered from
0. The keypoints of a class are in declared order, then those that only objects use, by name. A skeleton's box is the
bounding box of its keypoints; boxes are clipped to the image.
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
    by_class = {number: keypoints for number, keypoints in class_keypoints(dataset).items() if keypoints.positions}
    most = max((len(keypoints.positions) for keypoints in by_class.values()), default=0)
    classes = [label_class for label_class in dataset.classes.all() if label_class.number in by_class]
    poses = _Poses(
        dataset,
        {label_class.number: (number, by_class[label_class.number]) for number, label_class in enumerate(classes)},
        most,
    )
    head = _head([by_class[label_class.number] for label_class in classes], most)
    yield from entries(POSE, dataset, poses.rows, lambda: (label_class.name for label_class in classes), head)


def _head(classes: Sequence[ClassKeypoints], most: int) -> str:
    """The number of keypoints per row, and the keypoint names of each class, filled up with numbers."""
    lines = [f"kpt_shape: [{most}, 3]\n", "kpt_names:\n" if classes and most else ""]
    for number, keypoints in enumerate(classes):
        names = [*keypoints.positions, *map(str, range(len(keypoints.positions), most))]
        lines.append(f"  {number}: [{', '.join(map(quoted, names))}]\n")
    return "".join(lines)


class _Poses:
    """Writes rows; `classes` are the numbers and keypoints in the file by class number, `most` is the number of
    keypoints per row."""

    def __init__(self, dataset: Dataset, classes: dict[int, tuple[int, ClassKeypoints]], most: int) -> None:
        self._dataset = dataset
        self._classes = classes
        self._most = most

    def rows(self, labels: Labels) -> Rows:
        """The function that writes a medium's rows."""
        numbers = class_numbers(labels, self._dataset)

        def rows(shapes: Sequence[Shape]) -> list[str]:
            with_keypoints = [bool(keypoints_of(shape)) for shape in shapes]
            labels.report.add(NO_KEYPOINTS, with_keypoints.count(False))
            boxes_xyxy = _boxes([shape for shape, is_written in zip(shapes, with_keypoints, strict=True) if is_written])
            boxes = iter(normalized_cxcywh(cut(boxes_xyxy, labels.medium, labels.report), labels.medium).tolist())
            return [
                self._row(shape, numbers[shape.object_index], next(boxes), labels) if is_written else ""
                for shape, is_written in zip(shapes, with_keypoints, strict=True)
            ]

        return rows

    def _row(self, shape: Shape, number: int, box: Sequence[float], labels: Labels) -> str:
        file_number, keypoints = self._classes[number]
        points = [_point(point, labels.medium, labels.report) for point in keypoints.ordered(keypoints_of(shape))]
        if not (box[2] and box[3]) and all(point == _UNKNOWN for point in points):
            labels.report.add(NOTHING)
            return ""
        rest = _UNKNOWN * (self._most - len(points))
        return f"{file_number}{' %.6f' * 4}" % tuple(box) + "".join(points) + rest + "\n"


def _boxes(shapes: Sequence[Shape]) -> Floats:
    """Axis-aligned boxes [n, 4] around shapes."""
    boxes = np.empty((len(shapes), 4))
    is_box = np.array([isinstance(shape.geometry, tuple) for shape in shapes], np.bool_)
    boxes[is_box] = axis_aligned_boxes([shape for shape in shapes if isinstance(shape.geometry, tuple)])
    boxes[~is_box] = np.array([_extent(shape) for shape in shapes if not isinstance(shape.geometry, tuple)]).reshape(
        -1, 4
    )
    return boxes


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
