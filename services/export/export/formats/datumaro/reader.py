"""The way in of Datumaro 1.0: items with what is drawn on them, as our way out, CVAT and the public library write them.

The points of a class that has as many named ones are a skeleton. Tracks, rotation, occlusion and scores are attributes;
polygons of one track on one frame are the parts of one. Captions and what is no shape on a picture are left out.
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
from export.parsing.archive_reader import Bundle
from export.parsing.frames import Frames, Missing
from export.parsing.matching import Media, Place, Target
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped, skipped_for
from export.parsing.values import names

_SCORE = "score"
_ELSEWHERE = TOLD_ELSEWHERE | {_SCORE}
_KNOWN = frozenset({"bbox", "polygon", "polyline", "points", "skeleton", "mask", "ellipse", "label"})
_BEGINNINGS = (b'{"info":', b'{"dm_format_version":', b'{"categories":', b'{"items":', b'{"infos":')
_INSIDE = (b'"items":[', b'"categories":{"label":', b'"dm_format_version":')


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The objects of every annotation file."""
    for name in _files(bundle):
        try:
            document = orjson.loads(bundle.read(name))
            items = document["items"]
            if not isinstance(items, list):
                raise ReaderError("field_not_list", field="items")
            found = _Document(name, media, document.get("categories") or {})
        except (orjson.JSONDecodeError, *MALFORMED):
            yield skipped(name, "not_this_format", format="Datumaro")
            continue
        yield from found.objects(items)


def recognize(bundle: Bundle) -> float:
    """A file that begins like those of Datumaro, with items or the classes of its kind."""
    if not (files := _files(bundle)):
        return 0.0
    said = b"".join(bundle.beginning(files[0]).split())
    if not said.startswith(_BEGINNINGS) or not any(part in said for part in _INSIDE) or b'"images":[' in said:
        return 0.0
    return 0.95 if "annotations/" in files[0] else 0.85


READER = Reader(read, recognize)


def _files(bundle: Bundle) -> list[str]:
    found = bundle.ending(".json")
    return [name for name in found if "annotations" in name.split("/")[:-1]] or found


class _Document:
    """One annotation file."""

    def __init__(self, name: str, media: Media, categories: Mapping[str, Any]) -> None:
        self._name = name
        self._media = media
        self._frames = Frames(media)
        self._labels = [one["name"] for one in categories.get("label", {}).get("labels", [])]
        named = categories.get("points", {}).get("items", [])
        self._points: dict[Any, list[Any]] = {one["label_id"]: list(one.get("labels") or []) for one in named}
        self._left_out: Counter[str] = Counter()
        self._members: defaultdict[tuple[str, Any, Any], set[Any]] = defaultdict(set)

    def objects(self, items: list[Any]) -> Iterator[Found]:
        """Objects of one frame as they come, tracks at the end."""
        found = [(f"{self._name}, item {number}", item) for number, item in enumerate(items, 1)]
        places = [self._place(where, item) for where, item in found]
        for place, (_, item) in zip(places, found, strict=True):
            if isinstance(place, Place):
                self._note_groups(place, item)
        for place, (_, item) in zip(places, found, strict=True):
            if isinstance(place, SkippedRow):
                yield place
            else:
                yield from self._item(item, place)
        yield from self._frames.all_ended()
        for kind, count in self._left_out.items():
            yield skipped(self._name, "annotation_type_unsupported", type=kind[:40], entries=count)

    def _place(self, where: str, item: Any) -> Place | Missing | SkippedRow:
        try:
            return self._meant(item)
        except MALFORMED as error:
            return skipped_for(where, error)

    def _meant(self, item: Row) -> Place | Missing:
        """The frame that an item is about: by its picture's path, or else by its id."""
        about: Row = next(
            (item[one] for one in ("video_frame", "image", "media") if isinstance(item.get(one), dict)), {}
        )
        path = str(about.get("video_path") or about.get("path") or item["id"])
        number = about.get("frame_index", (item.get("attr") or {}).get("frame"))
        # Elsewhere it counts the pictures of a task: the number in a picture's name goes first.
        is_video = isinstance(named := self._media.named(path), Target) and named.kind == "video"
        frame = int(number) if is_video and number is not None else None
        return self._frames.place(path, frame, f"{self._name}, item {item['id']}")

    def _note_groups(self, place: Place, item: Row) -> None:
        for at, row in enumerate(_rows(item)):
            if isinstance(row, dict) and isinstance(group := row.get("group"), int) and group:
                track = _said(row).get("track_id")
                self._members[_group(place, group, track)].add((place.frame, at if track is None else str(track)))

    def _item(self, item: Row, place: Place | Missing) -> Iterator[Found]:
        parts: dict[Any, Polygon] = {}
        rows: list[tuple[str, Row, Drawn, Any]] = []
        for number, row in enumerate(_rows(item), 1):
            told = f"{self._name}, item {item['id']}, annotation {number}"
            try:
                if (drawn := self._drawn(row)) is None:
                    continue
                track = track_of(_said(row), drawn.geometry)
                if isinstance(drawn.geometry, Polygon) and track is not None:
                    key = row.get("label_id"), track
                    if key in parts:
                        parts[key].parts.extend(drawn.geometry.parts)
                        continue
                    parts[key] = drawn.geometry
                rows.append((told, row, drawn, track))
            except MALFORMED as error:
                yield skipped_for(told, error)
        for told, row, drawn, track in rows:
            try:
                yield from self._see(told, row, drawn, track, place)
            except MALFORMED as error:
                yield skipped_for(told, error)

    def _see(self, where: str, row: Row, drawn: Drawn, track: Any, place: Place | Missing) -> Iterator[Found]:
        said = _said(row)
        if isinstance(drawn.geometry, ImageTag):
            said, track = {"keyframe": False, **said}, "label"
        yield from self._frames.see(
            place,
            self._category(row),
            sighting_of(where, drawn, said, said.get(_SCORE), _ELSEWHERE),
            track=track,
            type_name=text(said.get("type")),
            group=self._group_of(place, row, said.get("track_id"), drawn.geometry),
            z_order=int(row.get("z_order") or 0),
        )

    def _category(self, row: Row) -> str:
        number = row["label_id"]
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(self._labels):
            raise ReaderError("no_such_class", number=str(number)[:100])
        return str(self._labels[number])

    def _group_of(self, place: Place | Missing, row: Row, track: Any, geometry: Geometry) -> str | None:
        """A polygon of several parts that is alone in its group, on one frame, is in none: that holds its parts
        together."""
        group = row.get("group")
        if isinstance(place, Missing) or not isinstance(group, int) or not group:
            return None
        key = _group(place, group, track)
        is_one = isinstance(geometry, Polygon) and len(geometry.parts) > 1 and len(self._members[key]) == 1
        return None if is_one else stable_id("group", *map(str, key))

    def _drawn(self, row: Row) -> Drawn | None:
        """What is drawn; None if it is left out."""
        kind = str(row["type"])
        if kind not in _KNOWN:
            self._left_out[kind] += 1
            return None
        return Drawn(self._geometry(kind, row))

    def _geometry(self, kind: str, row: Row) -> Geometry:  # noqa: PLR0911  one for each type
        match kind:
            case "bbox":
                return box(row["bbox"], rotation_of(_said(row)))
            case "polygon":
                return area([row["points"]])
            case "polyline":
                return Polyline(points=points(row["points"]))
            case "mask":
                return pixels(row["rle"])
            case "ellipse":
                (x1, y1), (x2, y2) = points(row["points"])
                half = {"rx": abs(x2 - x1) / 2, "ry": abs(y2 - y1) / 2}
                return Ellipse(cx=(x1 + x2) / 2, cy=(y1 + y2) / 2, **half, rotation=rotation_of(_said(row)))
            case "label":
                return ImageTag()
        return self._skeleton(row) if kind == "skeleton" else self._named(row)

    def _named(self, row: Row) -> Points | Skeleton:
        """Points; a skeleton if the class has as many names for them, or if some are not known."""
        found = points(row["points"])
        seen = row.get("visibility") or [2] * len(found)
        called = self._points.get(row.get("label_id"), [])
        if not called or len(called) != len(found):
            return Points(points=found)
        return _of(named_points(called, [(x, y, v) for (x, y), v in zip(found, seen, strict=True)]))

    def _skeleton(self, row: Row) -> Skeleton:
        """Its elements are points with a class each."""
        told, called = [], []
        for element in row["elements"]:
            ((x, y),) = points(element["points"])
            told.append((x, y, (element.get("visibility") or [2])[0]))
            called.append(self._category(element))
        return _of(named_points(called, told))


def _of(found: list[Any]) -> Skeleton:
    if not found:
        raise ReaderError("points_not_visible")
    return Skeleton(keypoints=found)


def _rows(item: Any) -> list[Any]:
    found = item.get("annotations") if isinstance(item, dict) else None
    return found if isinstance(found, list) else []


def _said(row: Row) -> dict[str, Any]:
    return names(row.get("attributes"))


def _group(place: Place, group: int, track: Any) -> tuple[str, int | None, int]:
    """Of objects of one frame, the number of a group says something on that frame only."""
    return place.medium.id, place.frame if track is None else None, group
