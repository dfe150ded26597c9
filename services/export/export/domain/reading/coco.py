"""The way in of COCO 1.0: boxes, polygons and masks by image; tracks where `track_id` says which are one object."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from common.geometry import Bitmap, Box, Geometry, Part, Polygon
from common.questions import Skipped
from export.domain.reading.bundle import Bundle
from export.domain.reading.format import Found, Reader
from export.domain.reading.frames import Frames
from export.domain.reading.matching import Media
from export.domain.reading.run_lengths import bitmap_of_columns
from export.domain.reading.said import FAULTS, fault, names
from export.domain.reading.sightings import Sighting

Row = Mapping[str, Any]
_TOLD_ELSEWHERE = {"type", "occluded", "rotation", "track_id", "keyframe", "is_crowd"}


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The objects of every annotation file."""
    for name in _files(bundle):
        try:
            document = orjson.loads(bundle.read(name))
            images, annotations, categories = (
                _rows(document, part) for part in ("images", "annotations", "categories")
            )
        except (orjson.JSONDecodeError, TypeError, ValueError) as error:
            yield Skipped(where=name, why=f"This is no valid COCO file: {error}.")
            continue
        yield from _Document(name, media, images, categories).objects(annotations)


def recognize(bundle: Bundle) -> float:
    """An annotation file in its place, or a file with the three lists that COCO has."""
    named = [name for name in bundle.ending(".json") if name.rpartition("/")[2].startswith("instances_")]
    if files := named or bundle.ending(".json")[:1]:
        said = bundle.beginning(files[0])
        known = sum(f'"{part}"'.encode() in said for part in ("images", "annotations", "categories", "licenses"))
        return (0.95 if named else 0.85) if known >= 2 else 0.0
    return 0.0


READER = Reader(read, recognize)


def _files(bundle: Bundle) -> list[str]:
    found = bundle.ending(".json")
    placed = [name for name in found if name.rpartition("/")[2].startswith("instances_")]
    return placed or found


def _rows(document: Any, part: str) -> list[Any]:
    rows = document.get(part, []) if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise ValueError(f"it has no list of {part}")  # noqa: TRY004  the file is at fault, not who calls
    return rows


class _Document:
    """One annotation file."""

    def __init__(self, name: str, media: Media, images: list[Any], categories: list[Any]) -> None:
        self._name = name
        self._categories = {row["id"]: str(row["name"]) for row in categories if _has(row, "id", "name")}
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
            except FAULTS as error:
                yield Skipped(where=where, why=fault(error))
        yield from self._frames.all_ended()

    def _object(self, where: str, row: Row) -> Iterator[Found]:
        image = row["image_id"]
        if image not in self._places:
            yield Skipped(where=where, why=f"There is no image {image} in the file.")
            return
        category = self._categories.get(row["category_id"])
        if category is None:
            yield Skipped(where=where, why=f"There is no category {row['category_id']} in the file.")
            return
        said, score = names(row.get("attributes")), row.get("score")
        yield from self._frames.see(
            self._places[image],
            category,
            Sighting(
                where,
                _geometry(row, float(said.get("rotation") or 0.0)),
                is_key=said.get("keyframe") is not False,
                occluded=said.get("occluded") is True,
                score=None if score is None else float(score),
                attributes={name: value for name, value in said.items() if name not in _TOLD_ELSEWHERE},
            ),
            track=said.get("track_id"),
            type_name=_text(said.get("type")),
        )


def _has(row: Any, *parts: str) -> bool:
    return isinstance(row, dict) and all(isinstance(row.get(part), str | int) for part in parts)


def _text(said: Any) -> str | None:
    return said if isinstance(said, str) and said else None


def _geometry(row: Row, rotation: float) -> Geometry:
    """A box where no outline is given, else a polygon of one part a ring, or pixels."""
    segmentation = row.get("segmentation")
    if not segmentation:
        x, y, width, height = (float(side) for side in row["bbox"])
        return Box(x1=x, y1=y, x2=x + width, y2=y + height, rotation=rotation)
    if isinstance(segmentation, dict):
        return _pixels(bitmap_of_columns(segmentation))
    return Polygon(parts=[Part(outer=_ring(ring)) for ring in segmentation])


def _pixels(bitmap: Bitmap) -> Bitmap:
    if not bitmap.width:
        raise ValueError("its mask has no pixels")
    return bitmap


def _ring(ring: list[float]) -> list[tuple[float, float]]:
    if len(ring) < 6 or len(ring) % 2:
        raise ValueError(f"an outline of {len(ring)} numbers is none")
    return [(float(x), float(y)) for x, y in zip(ring[::2], ring[1::2], strict=True)]
