"""LabelMe JSON: one file beside each image, as current versions of labelme write it.

`<frame>.json` and `<frame>.jpg` for every frame. Boxes are rectangles, rotated boxes polygons; a circle is its center
and a point on it; polylines are `linestrip`; bitmaps and polygons with holes are masks, a PNG of 0 and 1 with the size
of their bounding box. All shapes of an object have the same `group_id`: on other frames of a video, and the parts of a
polygon. Labels of whole media are `flags` of the file. Coordinates have two decimals. labelme keeps fields that it does
not know: `attributes` of a shape, including `type` and `occluded`.
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
from export.formats.image_entries import image_entries

VERSION = "5.5.0"
TAG_ATTRIBUTES = "lost_label_attributes"
BUILT_IN = frozenset({"type", "occluded"})
_JsonShape = tuple[str, list[Point], str | None]


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids, first_group = ImageIds(dataset.media, dataset.report), 1
    for labels in dataset.labels():
        files = _Files(labels, dataset, ids, first_group)
        for frame in labels.frames():
            content = orjson.dumps(files.file(frame), option=orjson.OPT_INDENT_2)
            yield Entry.of(f"{ids.of(labels.medium, frame.number)}.json", content)
        first_group += len(labels.objects)
    yield from image_entries(dataset, ids.file)


class _Files:
    """Writes the files of one medium."""

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
        """The content of a frame's file."""
        return {
            "version": VERSION,
            "flags": {tag.name: True for tag in self._tags.on(self._medium, frame.number)},
            "shapes": [row for shape in frame.shapes for row in self._shapes(shape)],
            "imagePath": PurePosixPath(self._ids.file(self._medium, frame.number)).name,
            "imageData": None,
            "imageHeight": self._medium.height,
            "imageWidth": self._medium.width,
        }

    def _shapes(self, shape: Shape) -> Iterator[dict[str, Any]]:
        json_shapes = self._json_shapes(shape.geometry)
        self._report.add(NOTHING, not json_shapes)
        is_one_of_several = self._is_video or len(json_shapes) > 1
        attributes = {name: value for name, value in shape.attributes.items() if name not in BUILT_IN}
        attributes |= {"type": shape.object.type} if shape.object.type is not None else {}
        attributes |= {"occluded": True} if shape.occluded else {}
        for kind, points, mask in json_shapes:
            yield {
                "label": shape.object.category,
                "points": [(round(x, 2), round(y, 2)) for x, y in points],
                "group_id": self._first_group + shape.object_index if is_one_of_several else None,
                "description": "",
                "shape_type": kind,
                "flags": {},
                "mask": mask,
                **({"attributes": attributes} if attributes else {}),
            }

    def _json_shapes(self, shape: Corners | Geometry) -> list[_JsonShape]:  # noqa: PLR0911  one for each kind
        match shape:
            case (x1, y1, x2, y2, 0.0):
                return [("rectangle", [(x1, y1), (x2, y2)], None)]
            case (x1, y1, x2, y2, rotation):
                rotated = Box.model_construct(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation)
                return [("polygon", corners(rotated), None)]
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

    def _mask(self, shape: Polygon | Bitmap) -> list[_JsonShape]:
        try:
            bitmap = rasterize(shape, (self._medium.width, self._medium.height))
        except ValueError:
            return []
        if not bitmap.width:
            return []
        content = b"".join(png([decode_bitmap(bitmap).astype(np.uint8)], bitmap.width, bitmap.height, GRAY))
        last: Point = (bitmap.x + bitmap.width - 1, bitmap.y + bitmap.height - 1)
        return [("mask", [(bitmap.x, bitmap.y), last], b64encode(content).decode())]
