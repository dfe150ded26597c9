"""TFRecord 1.0: one record per frame, as TensorFlow's object detection API reads them.

`<subset>.tfrecord`, and `label_map.pbtxt` with class numbers from 1. A record is a `tf.train.Example` with
`image/filename`, `image/source_id`, `image/height`, `image/width`, `image/format`, `image/encoded` (empty in an archive
without images), `image/key/sha256`, and for each object `image/object/bbox/xmin`, `xmax`, `ymin`, `ymax` relative to
the image size, `image/object/class/text` and `label`. If any shape of the frame is not a plain box, `image/object/mask`
has a PNG for each object, 1 inside and 0 outside, empty for boxes. Frames without labels are records too.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from common.geometry.masks import decode_bitmap, rasterize
from common.geometry.types import Geometry
from export.codecs.png import GRAY, png
from export.codecs.tfrecord import example, floats, integers, records, texts
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset, ImageFile
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.rows import NOTHING, Floats, axis_aligned_boxes, cut
from export.dataset.shapes import Frame, Shape


class _Object(NamedTuple):
    corners: tuple[float, ...]
    mask: bytes
    object_index: int


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    for subset, part in dataset.subsets():
        # Images are compressed already, and without them there is little to compress.
        yield Entry(f"{subset}.tfrecord", records(_examples(part)), packed=dataset.save_images)
    items = (
        f"item {{\n\tid: {label_class.number + 1}\n\tname: '{_escaped(label_class.name)}'\n}}\n\n"
        for label_class in dataset.classes.all()
    )
    yield Entry.of("label_map.pbtxt", "".join(items).encode())


def _escaped(name: str) -> str:
    """The text as in protobuf's text format between single quotes."""
    escapes = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "".join(
        escapes.get(character, character if character >= " " else f"\\{ord(character):03o}") for character in name
    )


def _examples(dataset: Dataset) -> Iterator[bytes]:
    for labels in dataset.labels():
        classes = [dataset.classes.of(label_object.category, label_object.mission) for label_object in labels.objects]
        names = [label_class.name.encode() for label_class in classes]
        numbers = [label_class.number + 1 for label_class in classes]
        images = _Images(dataset, labels.medium)
        for frame in labels.frames():
            objects = _objects(frame, labels)
            class_features = [
                ("image/object/class/text", texts([names[label_object.object_index] for label_object in objects])),
                (
                    "image/object/class/label",
                    integers([numbers[label_object.object_index] for label_object in objects]),
                ),
            ]
            image_features = _image_features(labels.medium, frame.number, images.of(frame.number))
            yield example([*image_features, *_box_features(objects, labels.medium), *class_features])


class _Images:
    """The images of one medium, requested in order of their frames."""

    def __init__(self, dataset: Dataset, medium: ExportMedium) -> None:
        entries = dataset.of([medium]).images() if dataset.shows(medium) else iter(())
        self._coming = (image for _, image in entries)
        self._next: ImageFile | None = next(self._coming, None)

    def of(self, frame: int) -> bytes:
        """The image of a frame; empty if there is none."""
        if self._next is None or self._next.frame != frame:
            return b""
        content = b"".join(self._next.chunks)
        self._next = next(self._coming, None)
        return content


def _image_features(medium: ExportMedium, frame: int, image: bytes) -> Iterator[tuple[str, bytes]]:
    name = medium.frame_path(frame).encode()
    yield "image/filename", texts([name])
    yield "image/source_id", texts([name])
    yield "image/height", integers([medium.height])
    yield "image/width", integers([medium.width])
    yield "image/format", texts([b"png" if medium.content_type == "image/png" else b"jpeg"])
    yield "image/encoded", texts([image])
    if image:
        yield "image/key/sha256", texts([sha256(image).hexdigest().encode()])


def _box_features(objects: list[_Object], medium: ExportMedium) -> Iterator[tuple[str, bytes]]:
    corners = np.array([record.corners for record in objects], np.float64).reshape(-1, 4)
    corners /= (medium.width, medium.height) * 2
    for at, edge in ((0, "xmin"), (2, "xmax"), (1, "ymin"), (3, "ymax")):
        yield f"image/object/bbox/{edge}", floats(corners[:, at])
    if any(record.mask for record in objects):
        yield "image/object/mask", texts([record.mask for record in objects])


def _objects(frame: Frame, labels: Labels) -> list[_Object]:
    """The objects of a frame from back to front; empty shapes are reported as lost."""
    boxes = [shape for shape in frame.shapes if isinstance(shape.geometry, tuple)]
    corners = iter(cut(axis_aligned_boxes(boxes), labels.medium, labels.report) if boxes else np.empty((0, 4)))
    candidates = [
        _box(shape, next(corners)) if isinstance(shape.geometry, tuple) else _area(shape, shape.geometry, labels.medium)
        for shape in frame.shapes
    ]
    labels.report.add(NOTHING, sum(candidate is None for candidate in candidates))
    return [candidate for candidate in candidates if candidate is not None]


def _box(shape: Shape, corners: Floats) -> _Object | None:
    x1, y1, x2, y2 = corners.tolist()
    return _Object((x1, y1, x2, y2), b"", shape.object_index) if x2 > x1 and y2 > y1 else None


def _area(shape: Shape, geometry: Geometry, medium: ExportMedium) -> _Object | None:
    try:
        bitmap = rasterize(geometry, (medium.width, medium.height))
    except ValueError:
        return None
    if not bitmap.width:
        return None
    x2, y2 = bitmap.x + bitmap.width, bitmap.y + bitmap.height
    pixels = np.zeros((medium.height, medium.width), np.uint8)
    pixels[bitmap.y : y2, bitmap.x : x2] = decode_bitmap(bitmap)
    return _Object(
        (bitmap.x, bitmap.y, x2, y2), b"".join(png([pixels], medium.width, medium.height, GRAY)), shape.object_index
    )
