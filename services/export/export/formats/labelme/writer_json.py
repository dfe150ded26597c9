"""LabelMe JSON: the file that today's labelme keeps beside each picture.

`<frame>.json`, and with pictures `<frame>.jpg` beside it, for every frame. Boxes are rectangles, turned ones polygons;
a circle is its centre and a point on it; lines of points are `linestrip`; bitmaps and polygons with holes are masks, a
PNG of 0 and 1 of the rectangle between their first and last pixels. `group_id` is the same for all that belongs to one
object: its shapes on other frames of a video, and the parts of a polygon. Labels of whole media are `flags` of the
file. Coordinates have two decimals. labelme keeps what it does not know: `attributes` of a shape, among them `type`
and `occluded`.
"""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import orjson

from common.geometry.boxes import corners
from common.geometry.masks import decode_bitmap, rasterize
from common.geometry.types import Bitmap, Box, Circle, Ellipse, Geometry, Line, Point, Points, Polygon, Polyline
from export.codecs.png import GRAY, png
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.ellipse_polygons import ellipse_contour
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import Tags
from export.dataset.labels import Labels
from export.dataset.rows import NOTHING
from export.dataset.shapes import Frame, Shape
from export.dataset.track import Corners

VERSION = "5.5.0"
TAG_ATTRIBUTES = "lost_label_attributes"
BUILT_IN = frozenset({"type", "occluded"})
_Drawn = tuple[str, list[Point], str | None]


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids, first_group = ImageIds(dataset.media, dataset.report), 1
    for labels in dataset.labels():
        files = _Files(labels, dataset, ids, first_group)
        for frame in labels.frames():
            content = orjson.dumps(files.file(frame), option=orjson.OPT_INDENT_2)
            yield Entry.of(f"{ids.of(labels.medium, frame.number)}.json", content)
        first_group += len(labels.objects)
    for medium, picture in dataset.images():
        yield Entry(ids.file(medium, picture.frame), picture.chunks, picture.size_bytes, packed=True)


class _Files:
    """Writes the files of one medium's frames."""

    def __init__(self, labels: Labels, dataset: Dataset, ids: ImageIds, first_group: int) -> None:
        self._medium = labels.medium
        self._report = labels.report
        self._ids = ids
        self._first_group = first_group
        self._is_video = labels.medium.kind == "video"
        self._tags = Tags(dataset)
        self._tags.add(labels)
        for tag in self._tags.of(labels.medium):
            self._report.add(TAG_ATTRIBUTES, bool(tag.held))

    def file(self, frame: Frame) -> dict[str, Any]:
        """What is said of a frame."""
        return {
            "version": VERSION,
            "flags": {tag.name: True for tag in self._tags.on(self._medium, frame.number)},
            "shapes": [found for shape in frame.shapes for found in self._shapes(shape)],
            "imagePath": PurePosixPath(self._ids.file(self._medium, frame.number)).name,
            "imageData": None,
            "imageHeight": self._medium.height,
            "imageWidth": self._medium.width,
        }

    def _shapes(self, shape: Shape) -> Iterator[dict[str, Any]]:
        drawn = self._drawn(shape.geometry)
        self._report.add(NOTHING, not drawn)
        is_one_of_several = self._is_video or len(drawn) > 1
        said = {name: value for name, value in shape.attributes.items() if name not in BUILT_IN}
        said |= {"type": shape.object.type} if shape.object.type is not None else {}
        said |= {"occluded": True} if shape.occluded else {}
        for kind, points, mask in drawn:
            yield {
                "label": shape.object.category,
                "points": [(round(x, 2), round(y, 2)) for x, y in points],
                "group_id": self._first_group + shape.object_index if is_one_of_several else None,
                "description": "",
                "shape_type": kind,
                "flags": {},
                "mask": mask,
                **({"attributes": said} if said else {}),
            }

    def _drawn(self, shape: Corners | Geometry) -> list[_Drawn]:  # noqa: PLR0911  one for each kind
        match shape:
            case (x1, y1, x2, y2, 0.0):
                return [("rectangle", [(x1, y1), (x2, y2)], None)]
            case (x1, y1, x2, y2, rotation):
                turned = Box.model_construct(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation)
                return [("polygon", corners(turned), None)]
            case Circle():
                return [("circle", [(shape.cx, shape.cy), (shape.cx + shape.r, shape.cy)], None)]
            case Ellipse():
                return [("polygon", ellipse_contour(shape), None)]
            case Line():
                return [("line", [(shape.x1, shape.y1), (shape.x2, shape.y2)], None)]
            case Polyline():
                return [("linestrip", shape.points, None)]
            case Points():
                return [("point" if len(shape.points) == 1 else "points", shape.points, None)]
            case Polygon() if not any(part.holes for part in shape.parts):
                return [("polygon", part.outer, None) for part in shape.parts if len(part.outer) > 2]
            case Polygon() | Bitmap():
                return self._mask(shape)
        return []

    def _mask(self, shape: Polygon | Bitmap) -> list[_Drawn]:
        try:
            found = rasterize(shape, (self._medium.width, self._medium.height))
        except ValueError:
            return []
        if not found.width:
            return []
        picture = b"".join(png([decode_bitmap(found).astype(np.uint8)], found.width, found.height, GRAY))
        last: Point = (found.x + found.width - 1, found.y + found.height - 1)
        return [("mask", [(found.x, found.y), last], b64encode(picture).decode())]
