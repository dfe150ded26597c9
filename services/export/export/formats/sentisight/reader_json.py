"""Reader of SentiSight JSON: a list of images with their labels and shapes.

Every shape is an object; a label of a video applies to the frames that have it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from common.geometry.types import Angles, Box, Geometry, ImageTag, Keypoint, Part, Points, Polygon, Polyline, Rpy
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, or_skipped, skipped, skipped_for
from export.parsing.values import attribute_values

Row = Mapping[str, Any]
_BUILT_IN = {"type", "occluded"}
_LISTS = {"boundingBoxes", "polygons", "polylines", "points", "rpyObjects"}
_LABELS = "classificationLabels"


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every file."""
    collector = ObjectCollector(media)
    for name in archive.names_ending(".json"):
        try:
            document = orjson.loads(archive.read(name))
        except orjson.JSONDecodeError:
            yield skipped(name, "invalid_json")
            continue
        if not isinstance(document, list):
            yield skipped(name, "not_this_format", format="SentiSight JSON")
            continue
        for number, item in enumerate(document, 1):
            where = f"{name}, image {number}"
            yield from or_skipped(where, _item, where, item, collector)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """A list of images with SentiSight's field names."""
    for name in archive.names_ending(".json")[:3]:
        head = archive.head(name)
        known = sum(f'"{part}"'.encode() in head for part in (_LABELS, *_LISTS - {"points"}))
        if head.lstrip().startswith(b"[") and known and b'"name"' in head:
            return 0.98 if known > 1 else 0.9
    return 0.0


READER = Reader(read, detect)


def _item(where: str, item: Row, collector: ObjectCollector) -> Iterator[Parsed]:
    name = item["name"]
    if not isinstance(name, str):
        raise ReaderError("field_not_text", field="name")
    matched = collector.match(name, None, name)
    yield from _labels(where, item, matched, collector)
    for kind, parse in _PARSERS.items():
        for number, row in enumerate(_list(item, kind), 1):
            at = f"{where}, {kind} {number}"
            yield from or_skipped(at, _shape, at, row, parse, matched, collector)


def _list(item: Row, kind: str) -> list[Any]:
    rows = item.get(kind) or []
    if not isinstance(rows, list):
        raise ReaderError("field_not_list", field=kind)
    return rows


def _labels(
    where: str, item: Row, matched: MatchedFrame | UnmatchedFrame, collector: ObjectCollector
) -> Iterator[Parsed]:
    labels = _list(item, _LABELS)
    default = item["defaultLabel"] if "defaultLabel" in item else next(iter(labels), None)
    for number, label in enumerate(labels, 1):
        at = f"{where}, {_LABELS} {number}"
        try:
            detection = Detection(at, ImageTag(), is_key=False)
            yield from collector.add(matched, _name(label), detection, track=_LABELS, default=label == default)
        except MALFORMED as error:
            yield skipped_for(at, error)


def _shape(
    where: str,
    row: Row,
    parse: Callable[[Row], Geometry],
    matched: MatchedFrame | UnmatchedFrame,
    collector: ObjectCollector,
) -> Iterator[Parsed]:
    attributes = attribute_values(row.get("attributes"))
    kind = attributes.get("type")
    angles = row.get("rpy")
    detection = Detection(
        where,
        parse(row),
        occluded=attributes.get("occluded") is True,
        attributes={name: value for name, value in attributes.items() if name not in _BUILT_IN},
        keypoints=[Keypoint.model_validate(point) for point in row.get("keypoints") or ()],
        rpy=None if angles is None else _angles(*angles),
    )
    type_name = kind if isinstance(kind, str) and kind else None
    yield from collector.add(matched, _name(row["label"]), detection, type_name=type_name)


def _name(label: Any) -> str:
    if not isinstance(label, str) or not label:
        raise ReaderError("field_not_text", field="label")
    return label


def _angles(roll: float, pitch: float, yaw: float) -> Angles:
    return Angles(roll=float(roll), pitch=float(pitch), yaw=float(yaw))


def _box(row: Row) -> Box:
    return Box(x1=row["x0"], y1=row["y0"], x2=row["x1"], y2=row["y1"])


def _polygon(row: Row) -> Polygon:
    parts = [Part(outer=part["points"], holes=part.get("holes") or []) for part in row["parts"]]
    if not parts:
        raise ReaderError("points_missing")
    return Polygon(parts=parts)


def _polyline(row: Row) -> Polyline:
    return Polyline(points=row["points"])


def _point(row: Row) -> Points:
    return Points(points=[(row["x"], row["y"])])


def _rpy(row: Row) -> Rpy:
    angles = (row.get(name, 0.0) for name in ("roll", "pitch", "yaw"))
    return Rpy(x=row["x"], y=row["y"], angles=_angles(*angles))


_PARSERS: dict[str, Callable[[Row], Geometry]] = {
    "boundingBoxes": _box,
    "polygons": _polygon,
    "polylines": _polyline,
    "points": _point,
    "rpyObjects": _rpy,
}
