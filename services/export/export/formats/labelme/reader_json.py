"""Reader of LabelMe JSON: one file beside each image, as labelme and compatible programs write it.

Shapes with the same `group_id` are one object: polygons of a label on one image are its parts, shapes on several frames
of a video its track; other shapes of a group on one image are grouped objects. Set flags of a file are labels of the
image.
"""

import math
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from common.geometry.masks import encode_bitmap
from common.geometry.types import Bitmap, Box, Circle, Geometry, ImageTag, Line, Part, Point, Points, Polygon, Polyline
from common.service.ids import stable_id
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.label_files import LabelFile, group_by_medium, match_label_file
from export.parsing.label_images import decode_image
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped, skipped_for
from export.parsing.values import attribute_values

Row = Mapping[str, Any]
_BUILT_IN = {"type", "occluded"}
_MINIMUM_POINTS = {"polygon": 3, "rotation": 3, "linestrip": 2, "points": 1, "point": 1}
_LOOKED_AT = 3


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every file."""
    collector = ObjectCollector(media)
    for files in group_by_medium((LabelFile(name, name) for name in archive.names_ending(".json")), collector):
        for file in files:
            yield from _objects(file, archive.read(file.name), collector)
        yield from collector.finish_tracks()
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """A list of shapes with an image path or shape types."""
    for name in archive.names_ending(".json")[:_LOOKED_AT]:
        head = archive.head(name)
        if b'"shapes"' in head and b'"tracks"' not in head and (b'"imagePath"' in head or b'"shape_type"' in head):
            return 0.95
    return 0.0


READER = Reader(read, detect)


class _LabeledShape(NamedTuple):
    """A shape of a file, or several that form one polygon."""

    label: str
    type_name: str | None
    group: str | None
    detection: Detection


def _objects(file: LabelFile, content: bytes, collector: ObjectCollector) -> Iterator[Parsed]:
    try:
        document = orjson.loads(content)
        shapes, flags = document["shapes"], document.get("flags") or {}
        matched = match_label_file(file, str(document.get("imagePath") or ""), collector)
        set_flags = [str(name) for name, is_set in flags.items() if is_set is True]
        rows = list(enumerate(shapes, 1))
    except MALFORMED:
        yield skipped(file.name, "not_this_format", format="LabelMe JSON")
        return
    for name in set_flags:
        yield from _add(
            collector, matched, _LabeledShape(name, None, None, Detection(file.name, ImageTag(), is_key=False)), "label"
        )
    labeled: list[_LabeledShape] = []
    for number, row in rows:
        where = f"{file.name}, shape {number}"
        try:
            labeled.append(_labeled_shape(where, row))
        except MALFORMED as error:
            yield skipped_for(where, error)
    yield from _grouped(file, matched, _merged(labeled), collector)


def _add(
    collector: ObjectCollector,
    matched: MatchedFrame | UnmatchedFrame,
    labeled: _LabeledShape,
    track: Any,
    **optional: Any,
) -> Iterator[Parsed]:
    try:
        yield from collector.add(
            matched, labeled.label, labeled.detection, track=track, type_name=labeled.type_name, **optional
        )
    except MALFORMED as error:
        yield skipped_for(labeled.detection.where, error)


def _grouped(
    file: LabelFile, matched: MatchedFrame | UnmatchedFrame, shapes: Sequence[_LabeledShape], collector: ObjectCollector
) -> Iterator[Parsed]:
    """The objects of a file. Shapes of another kind on other frames are separate objects."""
    members = Counter(shape.group for shape in shapes)
    counts: Counter[Any] = Counter()
    scope = matched.medium.id if isinstance(matched, MatchedFrame) and matched.medium.kind == "video" else file.name
    for shape in shapes:
        if shape.group is None:
            yield from _add(collector, matched, shape, None)
            continue
        key = shape.label, shape.group, shape.detection.geometry.kind
        counts[key] += 1
        group = {"group": stable_id("group", scope, shape.group)} if members[shape.group] > 1 else {}
        yield from _add(collector, matched, shape, (*key, counts[key]), **group)


def _merged(shapes: Sequence[_LabeledShape]) -> list[_LabeledShape]:
    """Polygons with the same group, label and attributes, joined into the first one."""
    merged: dict[Any, _LabeledShape] = {}
    for number, labeled in enumerate(shapes):
        geometry, detection = labeled.detection.geometry, labeled.detection
        key: Any = number
        if isinstance(geometry, Polygon) and labeled.group is not None:
            key = (
                labeled.label,
                labeled.type_name,
                labeled.group,
                detection.occluded,
                orjson.dumps(detection.attributes),
            )
        first = merged.get(key)
        if first is None:
            merged[key] = labeled
        elif isinstance(geometry, Polygon) and isinstance(first.detection.geometry, Polygon):
            first.detection.geometry.parts.extend(geometry.parts)
    return list(merged.values())


def _labeled_shape(where: str, row: Row) -> _LabeledShape:
    attributes = attribute_values(row.get("attributes"))
    flags = row.get("flags")
    values = {**(attribute_values(flags) if isinstance(flags, dict) else {}), **attributes}
    if description := row.get("description"):
        values["description"] = str(description)
    group, score, type_name = row.get("group_id"), row.get("score"), values.get("type")
    detection = Detection(
        where,
        _geometry(row),
        occluded=values.get("occluded") is True,
        score=None if score is None else float(score),
        attributes={name: value for name, value in values.items() if name not in _BUILT_IN},
    )
    return _LabeledShape(
        str(row["label"]), str(type_name) if type_name else None, None if group is None else str(group), detection
    )


def _geometry(row: Row) -> Geometry:  # noqa: PLR0911  one for each kind
    """The geometry of a shape; old programs write polygons without a type.

    Raises:
        ValueError, TypeError, KeyError: the data does not follow the format.
    """
    kind = row.get("shape_type") or "polygon"
    points: list[Point] = [(float(x), float(y)) for x, y in row["points"]]
    if len(points) < _MINIMUM_POINTS.get(kind, 2):
        raise ReaderError("points_too_few", count=len(points), minimum=_MINIMUM_POINTS[kind])
    match kind:
        case "rectangle":
            xs, ys = [x for x, _ in points], [y for _, y in points]
            return Box(x1=min(xs), y1=min(ys), x2=max(xs), y2=max(ys))
        case "circle":
            return Circle(cx=points[0][0], cy=points[0][1], r=math.dist(*points[:2]))
        case "line":
            return Line(x1=points[0][0], y1=points[0][1], x2=points[1][0], y2=points[1][1])
        case "linestrip":
            return Polyline(points=points)
        case "point" | "points":
            return Points(points=points)
        case "mask":
            return _mask(row["mask"], points[0])
        case "polygon" | "rotation":
            return Polygon(parts=[Part(outer=points)])
    raise ReaderError("shape_unsupported", type=str(kind)[:100])


def _mask(encoded: str, corner: Point) -> Bitmap:
    image = decode_image(b64decode(encoded, validate=True))
    mask = image != 0 if image.ndim == 2 else (image != 0).any(axis=2)
    bitmap = encode_bitmap(mask, round(corner[0]), round(corner[1]))
    if not bitmap.width:
        raise ReaderError("mask_empty")
    return bitmap
