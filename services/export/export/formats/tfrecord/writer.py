"""TFRecord 1.0: a record for each frame, as TensorFlow's object detection reads them.

`<subset>.tfrecord`, and `label_map.pbtxt` with the numbers of classes, from 1. A record is a `tf.train.Example`:
`image/filename`, `image/source_id`, `image/height`, `image/width`, `image/format`, `image/encoded` (the picture, empty
in an archive without) with `image/key/sha256`, and for each object on the frame `image/object/bbox/xmin`, `xmax`,
`ymin`, `ymax` as shares of the picture, `image/object/class/text` and `label`. Where some shape on the frame is more
than a box, `image/object/mask` has a PNG for each object, 1 within and 0 outside, and nothing for a box. Frames without
labels are records too.
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
        # Pictures are packed already, and without them there is little to pack.
        yield Entry(f"{subset}.tfrecord", records(_examples(part)), packed=dataset.save_images)
    items = (
        f"item {{\n\tid: {known.number + 1}\n\tname: '{_quoted(known.name)}'\n}}\n\n" for known in dataset.classes.all()
    )
    yield Entry.of("label_map.pbtxt", "".join(items).encode())


def _quoted(name: str) -> str:
    """Text as protobuf's text format has it between single quotes."""
    escapes = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "".join(escapes.get(one, one if one >= " " else f"\\{ord(one):03o}") for one in name)


def _examples(dataset: Dataset) -> Iterator[bytes]:
    for labels in dataset.labels():
        classes = [dataset.classes.of(found.category, found.mission) for found in labels.objects]
        names = [known.name.encode() for known in classes]
        numbers = [known.number + 1 for known in classes]
        pictures = _Pictures(dataset, labels.medium)
        for frame in labels.frames():
            objects = _objects(frame, labels)
            said = [
                ("image/object/class/text", texts([names[found.object_index] for found in objects])),
                ("image/object/class/label", integers([numbers[found.object_index] for found in objects])),
            ]
            about = _about(labels.medium, frame.number, pictures.of(frame.number))
            yield example([*about, *_places(objects, labels.medium), *said])


class _Pictures:
    """The pictures of one medium, asked for in their order."""

    def __init__(self, dataset: Dataset, medium: ExportMedium) -> None:
        shown = dataset.of([medium]).images() if dataset.shows(medium) else iter(())
        self._coming = (picture for _, picture in shown)
        self._next: ImageFile | None = next(self._coming, None)

    def of(self, frame: int) -> bytes:
        """A frame's picture; nothing where there is none."""
        if self._next is None or self._next.frame != frame:
            return b""
        found = b"".join(self._next.chunks)
        self._next = next(self._coming, None)
        return found


def _about(medium: ExportMedium, frame: int, picture: bytes) -> Iterator[tuple[str, bytes]]:
    name = medium.frame_path(frame).encode()
    yield "image/filename", texts([name])
    yield "image/source_id", texts([name])
    yield "image/height", integers([medium.height])
    yield "image/width", integers([medium.width])
    yield "image/format", texts([b"png" if medium.content_type == "image/png" else b"jpeg"])
    yield "image/encoded", texts([picture])
    if picture:
        yield "image/key/sha256", texts([sha256(picture).hexdigest().encode()])


def _places(objects: list[_Object], medium: ExportMedium) -> Iterator[tuple[str, bytes]]:
    shares = np.array([found.corners for found in objects], np.float64).reshape(-1, 4)
    shares /= (medium.width, medium.height) * 2
    for at, side in ((0, "xmin"), (2, "xmax"), (1, "ymin"), (3, "ymax")):
        yield f"image/object/bbox/{side}", floats(shares[:, at])
    if any(found.mask for found in objects):
        yield "image/object/mask", texts([found.mask for found in objects])


def _objects(frame: Frame, labels: Labels) -> list[_Object]:
    """What is on the frame, the farthest first; what nothing is to be seen of is reported."""
    boxes = [shape for shape in frame.shapes if isinstance(shape.geometry, tuple)]
    corners = iter(cut(axis_aligned_boxes(boxes), labels.medium, labels.report) if boxes else np.empty((0, 4)))
    found = [
        _box(shape, next(corners)) if isinstance(shape.geometry, tuple) else _area(shape, shape.geometry, labels.medium)
        for shape in frame.shapes
    ]
    labels.report.add(NOTHING, sum(one is None for one in found))
    return [one for one in found if one is not None]


def _box(shape: Shape, corners: Floats) -> _Object | None:
    x1, y1, x2, y2 = corners.tolist()
    return _Object((x1, y1, x2, y2), b"", shape.object_index) if x2 > x1 and y2 > y1 else None


def _area(shape: Shape, geometry: Geometry, medium: ExportMedium) -> _Object | None:
    try:
        found = rasterize(geometry, (medium.width, medium.height))
    except ValueError:
        return None
    if not found.width:
        return None
    x2, y2 = found.x + found.width, found.y + found.height
    pixels = np.zeros((medium.height, medium.width), np.uint8)
    pixels[found.y : y2, found.x : x2] = decode_bitmap(found)
    return _Object(
        (found.x, found.y, x2, y2), b"".join(png([pixels], medium.width, medium.height, GRAY)), shape.object_index
    )
