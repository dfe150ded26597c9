"""VGGFace2 1.0: one face per image, with its box and five landmarks.

    labels.txt                                  the classes, one per line
    bb_landmark/loose_bb_<subset>.csv           NAME_ID,X,Y,W,H             only if there are boxes
    bb_landmark/loose_landmark_<subset>.csv     NAME_ID,P1X,P1Y … P5X,P5Y   every image, empty without landmarks
    <subset>/<label>/<id>.jpg                   `no_label/` for images without a class

`NAME_ID` is `<label>/<id>`. The class of an image is its first label, or else the class of its first box or points; of
several boxes or landmarks, only the first is written. Five points are landmarks. Readers split `labels.txt` at spaces:
class names have none.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from common.geometry.types import Points
from common.service.csv import csv_bytes, csv_chunks
from export.codecs.spool import Spool
from export.codecs.zip import Entry
from export.dataset.class_folders import ClassFolders
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import FURTHER, Tag, Tags
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.rows import axis_aligned_boxes
from export.dataset.shapes import Frame, Shape
from export.dataset.texts import ClassNames, one_part, two_decimals
from export.formats.image_entries import image_entries
from export.formats.vggface2.reader import HEAD, LANDMARKS, NO_LABEL

OTHERS = "lost_further_faces"
NOT_FIVE = "lost_points_except_five"
_BOX = (HEAD, "X", "Y", "W", "H")
_POINTS = (HEAD, *(f"P{number}{axis}" for number in range(1, LANDMARKS + 1) for axis in "XY"))


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    faces = _Faces(dataset)
    for subset, part in dataset.subsets():
        boxes = Spool()
        yield Entry(f"bb_landmark/loose_landmark_{subset}.csv", csv_chunks(faces.rows(part, boxes)))
        if boxes.size_bytes:
            yield Entry(f"bb_landmark/loose_bb_{subset}.csv", chain([csv_bytes([_BOX])], boxes.chunks()))
    names = [faces.names.of(label_class.name) for label_class in dataset.classes.all()]
    yield Entry.of("labels.txt", "".join(f"{name}\n" for name in names).encode())
    yield from image_entries(dataset, lambda medium, frame: f"{medium.subset}/{faces.file(medium, frame)}")


class _Faces:
    """The faces of all images."""

    def __init__(self, dataset: Dataset) -> None:
        self.names = ClassNames(dataset.report, one_part, [NO_LABEL], folders=True)
        self._folders = ClassFolders(self.names)
        self._ids = ImageIds(dataset.media, dataset.report)

    def file(self, medium: ExportMedium, frame: int) -> str:
        """The path of an image in its subset."""
        return f"{self._folders.of(medium, frame) or NO_LABEL}/{self._ids.file(medium, frame)}"

    def rows(self, part: Dataset, boxes: Spool) -> Iterator[Sequence[Any]]:
        """The landmark rows of all images; box rows are written to `boxes`."""
        yield _POINTS
        for labels in part.labels():
            tags = Tags(part)
            tags.add(labels)
            for frame in labels.frames():
                yield self._row(frame, tags.on(labels.medium, frame.number), labels, boxes)

    def _row(self, frame: Frame, tags: list[Tag], labels: Labels, boxes: Spool) -> Sequence[Any]:
        box_shapes = [shape for shape in frame.shapes if isinstance(shape.geometry, tuple)]
        landmarks = landmarks_of(frame.shapes, labels)
        faces = [*box_shapes[:1], *landmarks[:1]]
        labels.report.add(OTHERS, len(box_shapes) + len(landmarks) - len(faces))
        classes = [tag.name for tag in tags] + [shape.object.category for shape in faces]
        if classes:
            self._folders.put(labels.medium, frame.number, classes[0])
            labels.report.add(FURTHER, len(set(classes)) - 1)
        folder = self._folders.of(labels.medium, frame.number) or NO_LABEL
        name = f"{folder}/{self._ids.of(labels.medium, frame.number)}"
        if box_shapes:
            ((x1, y1, x2, y2),) = axis_aligned_boxes(box_shapes[:1]).tolist()
            boxes.write(csv_bytes([(name, *map(two_decimals, (x1, y1, x2 - x1, y2 - y1)))]))
        points = landmarks[0].geometry.points if landmarks and isinstance(landmarks[0].geometry, Points) else []
        return [
            name,
            *([two_decimals(coordinate) for point in points for coordinate in point] or [""] * (2 * LANDMARKS)),
        ]


def landmarks_of(shapes: Sequence[Shape], labels: Labels) -> list[Shape]:
    """The shapes that are five points; others are reported as lost."""
    point_shapes = [shape for shape in shapes if isinstance(shape.geometry, Points)]
    landmarks = [
        shape
        for shape in point_shapes
        if isinstance(shape.geometry, Points) and len(shape.geometry.points) == LANDMARKS
    ]
    labels.report.add(NOT_FIVE, len(point_shapes) - len(landmarks))
    return landmarks
