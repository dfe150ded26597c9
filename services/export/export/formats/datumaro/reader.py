"""Reader of Datumaro 1.0: items with annotations, as written by Tracklane, CVAT and Datumaro.

Points of a class with as many named points are a skeleton. Tracks, rotation, occlusion and scores are attributes;
polygons of one track on one frame are its parts. Captions and non-visual annotations are skipped.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from common.contract.questions import SkippedRow
from common.geometry.types import Ellipse, Geometry, ImageTag, Points, Polygon, Polyline, Skeleton
from common.service.ids import stable_id
from export.formats.coco.reader_files import (
    BUILT_IN,
    ParsedShape,
    Row,
    area,
    box,
    detection_of,
    pixels,
    points,
    rotation_of,
    text,
    track_of,
)
from export.formats.coco.reader_keypoints import named_points
from export.parsing.archive_reader import ArchiveReader
from export.parsing.media_index import MatchedFrame, MediaIndex, TargetMedium
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, or_skipped, skipped, skipped_for
from export.parsing.values import attribute_values

_SCORE = "score"
_NOT_ATTRIBUTES = BUILT_IN | {_SCORE}
_KNOWN = frozenset({"bbox", "polygon", "polyline", "points", "skeleton", "mask", "ellipse", "label"})
_BEGINNINGS = (b'{"info":', b'{"dm_format_version":', b'{"categories":', b'{"items":', b'{"infos":')
_INSIDE = (b'"items":[', b'"categories":{"label":', b'"dm_format_version":')


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every annotation file."""
    for name in _files(archive):
        try:
            document = orjson.loads(archive.read(name))
            items = document["items"]
            if not isinstance(items, list):
                raise ReaderError("field_not_list", field="items")
            file = _Document(name, media, document.get("categories") or {})
        except (orjson.JSONDecodeError, *MALFORMED):
            yield skipped(name, "not_this_format", format="Datumaro")
            continue
        yield from file.objects(items)


def detect(archive: ArchiveReader) -> float:
    """A file that starts like Datumaro's, with items or label categories."""
    if not (files := _files(archive)):
        return 0.0
    head = b"".join(archive.head(files[0]).split())
    if not head.startswith(_BEGINNINGS) or not any(part in head for part in _INSIDE) or b'"images":[' in head:
        return 0.0
    return 0.95 if "annotations/" in files[0] else 0.85


READER = Reader(read, detect)


def _files(archive: ArchiveReader) -> list[str]:
    names = archive.names_ending(".json")
    return [name for name in names if "annotations" in name.split("/")[:-1]] or names


class _Document:
    """One annotation file."""

    def __init__(self, name: str, media: MediaIndex, categories: Mapping[str, Any]) -> None:
        self._name = name
        self._media = media
        self._collector = ObjectCollector(media)
        self._labels = [row["name"] for row in categories.get("label", {}).get("labels", [])]
        named = categories.get("points", {}).get("items", [])
        self._points: dict[Any, list[Any]] = {row["label_id"]: list(row.get("labels") or []) for row in named}
        self._left_out: Counter[str] = Counter()
        self._members: defaultdict[tuple[str, Any, Any], set[Any]] = defaultdict(set)

    def objects(self, items: list[Any]) -> Iterator[Parsed]:
        """Objects of single frames in file order, then tracks."""
        located = [(f"{self._name}, item {number}", item) for number, item in enumerate(items, 1)]
        matches = [self._match(where, item) for where, item in located]
        for matched, (_, item) in zip(matches, located, strict=True):
            if isinstance(matched, MatchedFrame):
                self._note_groups(matched, item)
        for matched, (_, item) in zip(matches, located, strict=True):
            if isinstance(matched, SkippedRow):
                yield matched
            else:
                yield from self._item(item, matched)
        yield from self._collector.finish()
        for kind, count in self._left_out.items():
            yield skipped(self._name, "annotation_type_unsupported", type=kind[:40], entries=count)

    def _match(self, where: str, item: Any) -> MatchedFrame | UnmatchedFrame | SkippedRow:
        try:
            return self._frame(item)
        except MALFORMED as error:
            return skipped_for(where, error)

    def _frame(self, item: Row) -> MatchedFrame | UnmatchedFrame:
        """The frame of an item: by the path of its media, or else by its id."""
        media: Row = next(
            (item[name] for name in ("video_frame", "image", "media") if isinstance(item.get(name), dict)), {}
        )
        path = str(media.get("video_path") or media.get("path") or item["id"])
        number = media.get("frame_index", (item.get("attr") or {}).get("frame"))
        # In other archives `frame` counts the images of a task, so the number in an image's name takes precedence.
        is_video = isinstance(named := self._media.named(path), TargetMedium) and named.kind == "video"
        frame = int(number) if is_video and number is not None else None
        return self._collector.match(path, frame, f"{self._name}, item {item['id']}")

    def _note_groups(self, matched: MatchedFrame, item: Row) -> None:
        for at, row in enumerate(_rows(item)):
            if isinstance(row, dict) and isinstance(group := row.get("group"), int) and group:
                track = _attributes(row).get("track_id")
                self._members[_group(matched, group, track)].add((matched.frame, at if track is None else str(track)))

    def _item(self, item: Row, matched: MatchedFrame | UnmatchedFrame) -> Iterator[Parsed]:
        parts: dict[Any, Polygon] = {}
        rows: list[tuple[str, Row, ParsedShape, Any]] = []
        for number, row in enumerate(_rows(item), 1):
            where = f"{self._name}, item {item['id']}, annotation {number}"
            try:
                if (shape := self._parse_shape(row)) is None:
                    continue
                track = track_of(_attributes(row), shape.geometry)
                if isinstance(shape.geometry, Polygon) and track is not None:
                    key = row.get("label_id"), track
                    if key in parts:
                        parts[key].parts.extend(shape.geometry.parts)
                        continue
                    parts[key] = shape.geometry
                rows.append((where, row, shape, track))
            except MALFORMED as error:
                yield skipped_for(where, error)
        for where, row, shape, track in rows:
            yield from or_skipped(where, self._collect, where, row, shape, track, matched)

    def _collect(
        self, where: str, row: Row, shape: ParsedShape, track: Any, matched: MatchedFrame | UnmatchedFrame
    ) -> Iterator[Parsed]:
        fields = _attributes(row)
        if isinstance(shape.geometry, ImageTag):
            fields, track = {"keyframe": False, **fields}, "label"
        yield from self._collector.add(
            matched,
            self._category(row),
            detection_of(where, shape, fields, fields.get(_SCORE), _NOT_ATTRIBUTES),
            track=track,
            type_name=text(fields.get("type")),
            group=self._group_of(matched, row, fields.get("track_id"), shape.geometry),
            z_order=int(row.get("z_order") or 0),
        )

    def _category(self, row: Row) -> str:
        number = row["label_id"]
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(self._labels):
            raise ReaderError("no_such_class", number=str(number)[:100])
        return str(self._labels[number])

    def _group_of(self, matched: MatchedFrame | UnmatchedFrame, row: Row, track: Any, geometry: Geometry) -> str | None:
        """The group of an annotation; a multi-part polygon that is alone in its group has none."""
        group = row.get("group")
        if isinstance(matched, UnmatchedFrame) or not isinstance(group, int) or not group:
            return None
        key = _group(matched, group, track)
        is_one = isinstance(geometry, Polygon) and len(geometry.parts) > 1 and len(self._members[key]) == 1
        return None if is_one else stable_id("group", *map(str, key))

    def _parse_shape(self, row: Row) -> ParsedShape | None:
        """The shape of an annotation; None if its type is not supported."""
        kind = str(row["type"])
        if kind not in _KNOWN:
            self._left_out[kind] += 1
            return None
        return ParsedShape(self._geometry(kind, row))

    def _geometry(self, kind: str, row: Row) -> Geometry:  # noqa: PLR0911  one for each type
        match kind:
            case "bbox":
                return box(row["bbox"], rotation_of(_attributes(row)))
            case "polygon":
                return area([row["points"]])
            case "polyline":
                return Polyline(points=points(row["points"]))
            case "mask":
                return pixels(row["rle"])
            case "ellipse":
                (x1, y1), (x2, y2) = points(row["points"])
                half = {"rx": abs(x2 - x1) / 2, "ry": abs(y2 - y1) / 2}
                return Ellipse(cx=(x1 + x2) / 2, cy=(y1 + y2) / 2, **half, rotation=rotation_of(_attributes(row)))
            case "label":
                return ImageTag()
        return self._skeleton(row) if kind == "skeleton" else self._named(row)

    def _named(self, row: Row) -> Points | Skeleton:
        """Points, or a skeleton if the class names as many points or some are not labeled."""
        coordinates = points(row["points"])
        visibility = row.get("visibility") or [2] * len(coordinates)
        names = self._points.get(row.get("label_id"), [])
        if not names or len(names) != len(coordinates):
            return Points(points=coordinates)
        return _skeleton_of(named_points(names, [(x, y, v) for (x, y), v in zip(coordinates, visibility, strict=True)]))

    def _skeleton(self, row: Row) -> Skeleton:
        """A skeleton from its elements, each a point with its own class."""
        raw, names = [], []
        for element in row["elements"]:
            ((x, y),) = points(element["points"])
            raw.append((x, y, (element.get("visibility") or [2])[0]))
            names.append(self._category(element))
        return _skeleton_of(named_points(names, raw))


def _skeleton_of(keypoints: list[Any]) -> Skeleton:
    if not keypoints:
        raise ReaderError("points_not_visible")
    return Skeleton(keypoints=keypoints)


def _rows(item: Any) -> list[Any]:
    rows = item.get("annotations") if isinstance(item, dict) else None
    return rows if isinstance(rows, list) else []


def _attributes(row: Row) -> dict[str, Any]:
    return attribute_values(row.get("attributes"))


def _group(matched: MatchedFrame, group: int, track: Any) -> tuple[str, int | None, int]:
    """The key of a group; groups of untracked objects are per frame."""
    return matched.medium.id, matched.frame if track is None else None, group
