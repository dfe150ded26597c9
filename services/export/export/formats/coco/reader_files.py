"""What the ways in of COCO's formats have in common: files of images, annotations and categories."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from common.geometry.types import Bitmap, Box, Geometry, Keypoint, Part, Polygon
from export.parsing.archive_reader import Bundle
from export.parsing.detections import Sighting
from export.parsing.frames import Frames
from export.parsing.matching import Media
from export.parsing.reader import Found
from export.parsing.reasons import MALFORMED, ReaderError, skipped, skipped_for
from export.parsing.run_lengths import bitmap_of_columns
from export.parsing.values import names

Row = Mapping[str, Any]
INSTANCES, PERSONS = "instances_", "person_keypoints_"
TOLD_ELSEWHERE = frozenset({"type", "occluded", "rotation", "track_id", "keyframe"})
# Attributes hold no lists: this is said by annotations and categories only.
_KEYPOINTS = re.compile(rb'"keypoints"\s*:\s*\[')


class Drawn(NamedTuple):
    """What an annotation shows. What does not move by itself is as it is on each frame."""

    geometry: Geometry
    keypoints: Sequence[Keypoint] = ()
    moves: bool = True


# What an annotation shows, from itself, its attributes and its category.
Draw = Callable[[Row, Mapping[str, Any], Row], Drawn]


def certainty(bundle: Bundle) -> tuple[float, float]:
    """How sure it is that an archive is of COCO 1.0, and that it is of COCO Keypoints 1.0: files in their places tell,
    or else one with the lists that COCO has, and whether it has keypoints."""
    instances, persons = _called(bundle, INSTANCES), _called(bundle, PERSONS)
    if not (files := instances or persons or bundle.ending(".json")[:1]):
        return 0.0, 0.0
    said = bundle.beginning(files[0])
    parts = ("images", "annotations", "categories", "licenses", "file_name", "image_id")
    if sum(f'"{part}"'.encode() in said for part in parts) < 2:
        return 0.0, 0.0
    if instances and persons:
        return 0.95, 0.95
    sure = 0.95 if instances or persons else 0.85
    return (0.0, sure) if persons or _has_keypoints(bundle, files[0], said) else (sure, 0.0)


def _has_keypoints(bundle: Bundle, name: str, said: bytes) -> bool:
    if _KEYPOINTS.search(said):
        return True
    is_named = name.rpartition("/")[2].startswith(INSTANCES)
    # Categories may come last, and many images before all annotations.
    return not is_named and b'"image_id"' not in said and bool(_KEYPOINTS.search(bundle.read(name)))


def _called(bundle: Bundle, beginning: str) -> list[str]:
    return [name for name in bundle.ending(".json") if name.rpartition("/")[2].startswith(beginning)]


def objects(bundle: Bundle, media: Media, beginning: str, draw: Draw) -> Iterator[Found]:
    """The objects of every annotation file: of those whose names begin like this, or else of all."""
    for name in _called(bundle, beginning) or bundle.ending(".json"):
        try:
            document = orjson.loads(bundle.read(name))
            images, annotations, categories = (
                _rows(document, part) for part in ("images", "annotations", "categories")
            )
        except MALFORMED:
            yield skipped(name, "not_this_format", format="COCO")
            continue
        yield from _Document(name, media, images, categories, draw).objects(annotations)


def _rows(document: Any, part: str) -> list[Any]:
    rows = document.get(part, []) if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise ReaderError("field_not_list", field=part)
    return rows


class _Document:
    """One annotation file."""

    def __init__(self, name: str, media: Media, images: list[Any], categories: list[Any], draw: Draw) -> None:
        self._name = name
        self._draw = draw
        self._categories = {row["id"]: row for row in categories if _has(row, "id", "name")}
        self._frames = Frames(media)
        self._places = {
            row["id"]: self._frames.place(str(row["file_name"]), None, f"{name}, image {row['file_name']}")
            for row in images
            if _has(row, "id", "file_name")
        }

    def objects(self, annotations: list[Any]) -> Iterator[Found]:
        """Objects of one frame as they come, tracks at the end."""
        for number, row in enumerate(annotations, 1):
            where = f"{self._name}, annotation {row.get('id', number) if isinstance(row, dict) else number}"
            try:
                yield from self._object(where, row)
            except MALFORMED as error:
                yield skipped_for(where, error)
        yield from self._frames.all_ended()

    def _object(self, where: str, row: Row) -> Iterator[Found]:
        image = row["image_id"]
        if image not in self._places:
            yield skipped(where, "no_such_image", image=str(image))
            return
        category = self._categories.get(row["category_id"])
        if category is None:
            yield skipped(where, "no_such_class", number=str(row["category_id"]))
            return
        said = names(row.get("attributes"))
        drawn = self._draw(row, said, category)
        yield from self._frames.see(
            self._places[image],
            str(category["name"]),
            sighting_of(where, drawn, said, row.get("score"), TOLD_ELSEWHERE),
            track=track_of(said, drawn.geometry),
            type_name=text(said.get("type")),
        )


def _has(row: Any, *parts: str) -> bool:
    return isinstance(row, dict) and all(isinstance(row.get(part), str | int) for part in parts)


# ---- what attributes say, and shapes: as in COCO, so in Datumaro's files ----


def sighting_of(where: str, drawn: Drawn, said: Row, score: Any, elsewhere: Collection[str]) -> Sighting:
    """A shape with what its attributes say of it; those told `elsewhere` are no attributes of people."""
    return Sighting(
        where,
        drawn.geometry,
        is_key=said.get("keyframe") is not False or not drawn.moves,
        occluded=said.get("occluded") is True,
        score=None if score is None else float(score),
        attributes={name: value for name, value in said.items() if name not in elsewhere},
        keypoints=drawn.keypoints,
    )


def track_of(said: Row, geometry: Geometry) -> tuple[Any, str] | None:
    """The object that a shape is one of, if that is told; one of two kinds of shapes becomes two."""
    number = said.get("track_id")
    return None if number is None else (number, geometry.kind)


def text(said: Any) -> str | None:
    """What is said, if it is any text."""
    return said if isinstance(said, str) and said else None


def rotation_of(said: Row) -> float:
    """How far a box is turned, in degrees."""
    return float(said.get("rotation") or 0.0)


def box(told: Sequence[Any], rotation: float) -> Box:
    """A box from x, y, width and height."""
    x, y, width, height = (float(side) for side in told)
    return Box(x1=x, y1=y, x2=x + width, y2=y + height, rotation=rotation)


def area(segmentation: Any) -> Bitmap | Polygon:
    """A polygon of one part a ring, or pixels."""
    if isinstance(segmentation, dict):
        return pixels(segmentation)
    return Polygon(parts=[Part(outer=ring(one)) for one in segmentation])


def pixels(segmentation: Any) -> Bitmap:
    """Pixels from run lengths.

    Raises:
        ValueError: there is none.
    """
    found = bitmap_of_columns(segmentation)
    if not found.width:
        raise ReaderError("mask_empty")
    return found


def ring(told: Sequence[Any]) -> list[tuple[float, float]]:
    """An outline from its numbers."""
    if len(told) < 6:
        raise ReaderError("points_too_few", count=len(told) // 2, minimum=3)
    return points(told)


def points(told: Sequence[Any]) -> list[tuple[float, float]]:
    """Points from their numbers, x and y in turn."""
    if len(told) % 2:
        raise ReaderError("points_not_pairs", count=len(told))
    return [(float(x), float(y)) for x, y in zip(told[::2], told[1::2], strict=True)]
