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
    TOLD_ELSEWHERE,
    Drawn,
    Row,
    area,
    box,
    pixels,
    points,
    rotation_of,
    sighting_of,
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
_ELSEWHERE = TOLD_ELSEWHERE | {_SCORE}
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
            found = _Document(name, media, document.get("categories") or {})
        except (orjson.JSONDecodeError, *MALFORMED):
            yield skipped(name, "not_this_format", format="Datumaro")
            continue
        yield from found.objects(items)


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
    found = archive.names_ending(".json")
    return [name for name in found if "annotations" in name.split("/")[:-1]] or found


class _Document:
    """One annotation file."""

    def __init__(self, name: str, media: MediaIndex, categories: Mapping[str, Any]) -> None:
        self._name = name
        self._media = media
        self._collector = ObjectCollector(media)
        self._labels = [one["name"] for one in categories.get("label", {}).get("labels", [])]
        named = categories.get("points", {}).get("items", [])
        self._points: dict[Any, list[Any]] = {one["label_id"]: list(one.get("labels") or []) for one in named}
        self._left_out: Counter[str] = Counter()
        self._members: defaultdict[tuple[str, Any, Any], set[Any]] = defaultdict(set)

    def objects(self, items: list[Any]) -> Iterator[Parsed]:
        """Objects of single frames in file order, then tracks."""
        found = [(f"{self._name}, item {number}", item) for number, item in enumerate(items, 1)]
        matches = [self._match(where, item) for where, item in found]
        for matched, (_, item) in zip(matches, found, strict=True):
            if isinstance(matched, MatchedFrame):
                self._note_groups(matched, item)
        for matched, (_, item) in zip(matches, found, strict=True):
            if isinstance(matched, SkippedRow):
                yield matched
            else:
                yield from self._item(item, matched)
        yield from self._collector.finish()
        for kind, count in self._left_out.items():
            yield skipped(self._name, "annotation_type_unsupported", type=kind[:40], entries=count)

    def _match(self, where: str, item: Any) -> MatchedFrame | UnmatchedFrame | SkippedRow:
        try:
            return self._meant(item)
        except MALFORMED as error:
            return skipped_for(where, error)

    def _meant(self, item: Row) -> MatchedFrame | UnmatchedFrame:
        """The frame of an item: by the path of its media, or else by its id."""
        about: Row = next(
            (item[one] for one in ("video_frame", "image", "media") if isinstance(item.get(one), dict)), {}
        )
        path = str(about.get("video_path") or about.get("path") or item["id"])
        number = about.get("frame_index", (item.get("attr") or {}).get("frame"))
        # Elsewhere it counts the pictures of a task: the number in a picture's name goes first.
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
        rows: list[tuple[str, Row, Drawn, Any]] = []
        for number, row in enumerate(_rows(item), 1):
            raw = f"{self._name}, item {item['id']}, annotation {number}"
            try:
                if (drawn := self._drawn(row)) is None:
                    continue
                track = track_of(_attributes(row), drawn.geometry)
                if isinstance(drawn.geometry, Polygon) and track is not None:
                    key = row.get("label_id"), track
                    if key in parts:
                        parts[key].parts.extend(drawn.geometry.parts)
                        continue
                    parts[key] = drawn.geometry
                rows.append((raw, row, drawn, track))
            except MALFORMED as error:
                yield skipped_for(raw, error)
        for raw, row, drawn, track in rows:
            yield from or_skipped(raw, self._see, raw, row, drawn, track, matched)

    def _see(
        self, where: str, row: Row, drawn: Drawn, track: Any, matched: MatchedFrame | UnmatchedFrame
    ) -> Iterator[Parsed]:
        fields = _attributes(row)
        if isinstance(drawn.geometry, ImageTag):
            fields, track = {"keyframe": False, **fields}, "label"
        yield from self._collector.add(
            matched,
            self._category(row),
            sighting_of(where, drawn, fields, fields.get(_SCORE), _ELSEWHERE),
            track=track,
            type_name=text(fields.get("type")),
            group=self._group_of(matched, row, fields.get("track_id"), drawn.geometry),
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

    def _drawn(self, row: Row) -> Drawn | None:
        """The shape of an annotation; None if its type is not supported."""
        kind = str(row["type"])
        if kind not in _KNOWN:
            self._left_out[kind] += 1
            return None
        return Drawn(self._geometry(kind, row))

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
        found = points(row["points"])
        seen = row.get("visibility") or [2] * len(found)
        called = self._points.get(row.get("label_id"), [])
        if not called or len(called) != len(found):
            return Points(points=found)
        return _of(named_points(called, [(x, y, v) for (x, y), v in zip(found, seen, strict=True)]))

    def _skeleton(self, row: Row) -> Skeleton:
        """A skeleton from its elements, each a point with its own class."""
        raw, called = [], []
        for element in row["elements"]:
            ((x, y),) = points(element["points"])
            raw.append((x, y, (element.get("visibility") or [2])[0]))
            called.append(self._category(element))
        return _of(named_points(called, raw))


def _of(found: list[Any]) -> Skeleton:
    if not found:
        raise ReaderError("points_not_visible")
    return Skeleton(keypoints=found)


def _rows(item: Any) -> list[Any]:
    found = item.get("annotations") if isinstance(item, dict) else None
    return found if isinstance(found, list) else []


def _attributes(row: Row) -> dict[str, Any]:
    return attribute_values(row.get("attributes"))


def _group(matched: MatchedFrame, group: int, track: Any) -> tuple[str, int | None, int]:
    """The key of a group; groups of untracked objects are per frame."""
    return matched.medium.id, matched.frame if track is None else None, group
