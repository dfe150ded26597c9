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
_TOLD_ELSEWHERE = {"type", "occluded"}
_FEWEST = {"polygon": 3, "rotation": 3, "linestrip": 2, "points": 1, "point": 1}
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


class _Seen(NamedTuple):
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
            collector, matched, _Seen(name, None, None, Detection(file.name, ImageTag(), is_key=False)), "label"
        )
    found: list[_Seen] = []
    for number, row in rows:
        where = f"{file.name}, shape {number}"
        try:
            found.append(_seen(where, row))
        except MALFORMED as error:
            yield skipped_for(where, error)
    yield from _grouped(file, matched, _joined(found), collector)


def _add(
    collector: ObjectCollector, matched: MatchedFrame | UnmatchedFrame, seen: _Seen, track: Any, **more: Any
) -> Iterator[Parsed]:
    try:
        yield from collector.add(matched, seen.label, seen.detection, track=track, type_name=seen.type_name, **more)
    except MALFORMED as error:
        yield skipped_for(seen.detection.where, error)


def _grouped(
    file: LabelFile, matched: MatchedFrame | UnmatchedFrame, found: Sequence[_Seen], collector: ObjectCollector
) -> Iterator[Parsed]:
    """The objects of a file. Shapes of another kind on other frames are separate objects."""
    members = Counter(seen.group for seen in found)
    alike: Counter[Any] = Counter()
    about = matched.medium.id if isinstance(matched, MatchedFrame) and matched.medium.kind == "video" else file.name
    for seen in found:
        if seen.group is None:
            yield from _add(collector, matched, seen, None)
            continue
        key = seen.label, seen.group, seen.detection.geometry.kind
        alike[key] += 1
        group = {"group": stable_id("group", about, seen.group)} if members[seen.group] > 1 else {}
        yield from _add(collector, matched, seen, (*key, alike[key]), **group)


def _joined(found: Sequence[_Seen]) -> list[_Seen]:
    """Polygons with the same group, label and attributes, joined into the first one."""
    made: dict[Any, _Seen] = {}
    for number, seen in enumerate(found):
        shape, attributes = seen.detection.geometry, seen.detection
        key: Any = number
        if isinstance(shape, Polygon) and seen.group is not None:
            key = (
                seen.label,
                seen.type_name,
                seen.group,
                attributes.occluded,
                orjson.dumps(attributes.attributes),
            )
        first = made.get(key)
        if first is None:
            made[key] = seen
        elif isinstance(shape, Polygon) and isinstance(first.detection.geometry, Polygon):
            first.detection.geometry.parts.extend(shape.parts)
    return list(made.values())


def _seen(where: str, row: Row) -> _Seen:
    attributes = attribute_values(row.get("attributes"))
    flags = row.get("flags")
    raw = {**(attribute_values(flags) if isinstance(flags, dict) else {}), **attributes}
    if description := row.get("description"):
        raw["description"] = str(description)
    group, score, type_name = row.get("group_id"), row.get("score"), raw.get("type")
    detection = Detection(
        where,
        _geometry(row),
        occluded=raw.get("occluded") is True,
        score=None if score is None else float(score),
        attributes={name: value for name, value in raw.items() if name not in _TOLD_ELSEWHERE},
    )
    return _Seen(
        str(row["label"]), str(type_name) if type_name else None, None if group is None else str(group), detection
    )


def _geometry(row: Row) -> Geometry:  # noqa: PLR0911  one for each kind
    """The geometry of a shape; old programs write polygons without a type.

    Raises:
        ValueError, TypeError, KeyError: the data does not follow the format.
    """
    kind = row.get("shape_type") or "polygon"
    points: list[Point] = [(float(x), float(y)) for x, y in row["points"]]
    if len(points) < _FEWEST.get(kind, 2):
        raise ReaderError("points_too_few", count=len(points), minimum=_FEWEST[kind])
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


def _mask(packed: str, corner: Point) -> Bitmap:
    found = decode_image(b64decode(packed, validate=True))
    mask = found != 0 if found.ndim == 2 else (found != 0).any(axis=2)
    bitmap = encode_bitmap(mask, round(corner[0]), round(corner[1]))
    if not bitmap.width:
        raise ReaderError("mask_empty")
    return bitmap
