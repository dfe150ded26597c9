"""COCO files with `images`, `annotations` and `categories`: shared by the readers of both COCO formats."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from common.geometry.types import Bitmap, Box, Geometry, Keypoint, Part, Polygon
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.media_index import MediaIndex
from export.parsing.object_collector import ObjectCollector
from export.parsing.reader import Parsed
from export.parsing.reasons import MALFORMED, ReaderError, or_skipped, skipped
from export.parsing.run_lengths import decode_rle
from export.parsing.values import attribute_values

Row = Mapping[str, Any]
INSTANCES, PERSONS = "instances_", "person_keypoints_"
BUILT_IN = frozenset({"type", "occluded", "rotation", "track_id", "keyframe"})
# Only annotations and categories have lists of keypoints; attributes hold no lists.
_KEYPOINTS = re.compile(rb'"keypoints"\s*:\s*\[')


class ParsedShape(NamedTuple):
    """The shape of an annotation; `moves` is false if it cannot be interpolated."""

    geometry: Geometry
    keypoints: Sequence[Keypoint] = ()
    moves: bool = True


# Parses the shape of an annotation from its row, its attributes and its category.
ParseShape = Callable[[Row, Mapping[str, Any], Row], ParsedShape]


def confidences(archive: ArchiveReader) -> tuple[float, float]:
    """The confidence that an archive is COCO 1.0, and that it is COCO Keypoints 1.0: by file names, or else by
    COCO's lists and whether they have keypoints."""
    instances, persons = _files_named(archive, INSTANCES), _files_named(archive, PERSONS)
    if not (files := instances or persons or archive.names_ending(".json")[:1]):
        return 0.0, 0.0
    head = archive.head(files[0])
    parts = ("images", "annotations", "categories", "licenses", "file_name", "image_id")
    if sum(f'"{part}"'.encode() in head for part in parts) < 2:
        return 0.0, 0.0
    if instances and persons:
        return 0.95, 0.95
    confidence = 0.95 if instances or persons else 0.85
    return (0.0, confidence) if persons or _has_keypoints(archive, files[0], head) else (confidence, 0.0)


def _has_keypoints(archive: ArchiveReader, name: str, fields: bytes) -> bool:
    if _KEYPOINTS.search(fields):
        return True
    is_named = name.rpartition("/")[2].startswith(INSTANCES)
    # Categories may come last, and many images before all annotations.
    return not is_named and b'"image_id"' not in fields and bool(_KEYPOINTS.search(archive.read(name)))


def _files_named(archive: ArchiveReader, prefix: str) -> list[str]:
    return [name for name in archive.names_ending(".json") if name.rpartition("/")[2].startswith(prefix)]


def objects(archive: ArchiveReader, media: MediaIndex, prefix: str, parse_shape: ParseShape) -> Iterator[Parsed]:
    """The objects of the annotation files with this prefix, or else of all."""
    for name in _files_named(archive, prefix) or archive.names_ending(".json"):
        try:
            document = orjson.loads(archive.read(name))
            images, annotations, categories = (
                _rows(document, part) for part in ("images", "annotations", "categories")
            )
        except MALFORMED:
            yield skipped(name, "not_this_format", format="COCO")
            continue
        yield from _Document(name, media, images, categories, parse_shape).objects(annotations)


def _rows(document: Any, part: str) -> list[Any]:
    rows = document.get(part, []) if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise ReaderError("field_not_list", field=part)
    return rows


class _Document:
    """One annotation file."""

    def __init__(
        self, name: str, media: MediaIndex, images: list[Any], categories: list[Any], parse_shape: ParseShape
    ) -> None:
        self._name = name
        self._parse_shape = parse_shape
        self._categories = {row["id"]: row for row in categories if _has(row, "id", "name")}
        self._collector = ObjectCollector(media)
        self._matches = {
            row["id"]: self._collector.match(str(row["file_name"]), None, f"{name}, image {row['file_name']}")
            for row in images
            if _has(row, "id", "file_name")
        }

    def objects(self, annotations: list[Any]) -> Iterator[Parsed]:
        """Objects of single frames in file order, then tracks."""
        for number, row in enumerate(annotations, 1):
            where = f"{self._name}, annotation {row.get('id', number) if isinstance(row, dict) else number}"
            yield from or_skipped(where, self._object, where, row)
        yield from self._collector.finish()

    def _object(self, where: str, row: Row) -> Iterator[Parsed]:
        image = row["image_id"]
        if image not in self._matches:
            yield skipped(where, "no_such_image", image=str(image))
            return
        category = self._categories.get(row["category_id"])
        if category is None:
            yield skipped(where, "no_such_class", number=str(row["category_id"]))
            return
        attributes = attribute_values(row.get("attributes"))
        shape = self._parse_shape(row, attributes, category)
        yield from self._collector.add(
            self._matches[image],
            str(category["name"]),
            detection_of(where, shape, attributes, row.get("score"), BUILT_IN),
            track=track_of(attributes, shape.geometry),
            type_name=text(attributes.get("type")),
        )


def _has(row: Any, *parts: str) -> bool:
    return isinstance(row, dict) and all(isinstance(row.get(part), str | int) for part in parts)


# ---- attributes and shapes, which Datumaro's files share ----


def detection_of(where: str, shape: ParsedShape, attributes: Row, score: Any, excluded: Collection[str]) -> Detection:
    """The detection of a shape; attributes in `elsewhere` are fields of the object instead."""
    return Detection(
        where,
        shape.geometry,
        is_key=attributes.get("keyframe") is not False or not shape.moves,
        occluded=attributes.get("occluded") is True,
        score=None if score is None else float(score),
        attributes={name: value for name, value in attributes.items() if name not in excluded},
        keypoints=shape.keypoints,
    )


def track_of(fields: Row, geometry: Geometry) -> tuple[Any, str] | None:
    """The track of a shape, if the annotation has one; shapes of different kinds are different tracks."""
    number = fields.get("track_id")
    return None if number is None else (number, geometry.kind)


def text(fields: Any) -> str | None:
    """The value, if it is non-empty text."""
    return fields if isinstance(fields, str) and fields else None


def rotation_of(fields: Row) -> float:
    """The rotation of a box in degrees."""
    return float(fields.get("rotation") or 0.0)


def box(raw: Sequence[Any], rotation: float) -> Box:
    """A box from x, y, width and height."""
    x, y, width, height = (float(side) for side in raw)
    return Box(x1=x, y1=y, x2=x + width, y2=y + height, rotation=rotation)


def area(segmentation: Any) -> Bitmap | Polygon:
    """A polygon with one part per ring, or a mask."""
    if isinstance(segmentation, dict):
        return pixels(segmentation)
    return Polygon(parts=[Part(outer=ring(points)) for points in segmentation])


def pixels(segmentation: Any) -> Bitmap:
    """The pixels of run lengths.

    Raises:
        ValueError: the data does not follow the format.
    """
    bitmap = decode_rle(segmentation)
    if not bitmap.width:
        raise ReaderError("mask_empty")
    return bitmap


def ring(raw: Sequence[Any]) -> list[tuple[float, float]]:
    """A ring from a flat list of coordinates."""
    if len(raw) < 6:
        raise ReaderError("points_too_few", count=len(raw) // 2, minimum=3)
    return points(raw)


def points(raw: Sequence[Any]) -> list[tuple[float, float]]:
    """Points from a flat list of coordinates."""
    if len(raw) % 2:
        raise ReaderError("points_not_pairs", count=len(raw))
    return [(float(x), float(y)) for x, y in zip(raw[::2], raw[1::2], strict=True)]
