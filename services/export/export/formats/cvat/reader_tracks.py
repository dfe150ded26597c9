"""Objects from CVAT tracks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from common.contract.labels import Keyframe, Source
from common.geometry.shapes import interpolate_shapes
from common.geometry.types import Geometry
from common.geometry.vectors import to_vector, vector_layout
from common.service.ids import stable_id
from export.formats.cvat.reader_shapes import TYPE
from export.parsing.detections import Attributes
from export.parsing.imported_object import ImportedObject
from export.parsing.media_index import TargetMedium
from export.parsing.reasons import ReaderError

# What two decimals of a shape and of both keyframes around it may differ by.
_ROUNDED = 0.03


class Row(NamedTuple):
    """A track on one frame; `is_key` is false for interpolated frames."""

    frame: int
    geometry: Geometry
    is_key: bool = True
    outside: bool = False
    occluded: bool = False
    attributes: Attributes = {}
    score: float | None = None


class About(NamedTuple):
    """The frame-independent fields of an object; `group` is a number within the file."""

    where: str
    target: TargetMedium
    category: str
    type: str | None = None
    source: Source = "import"
    z_order: int = 0
    group: int | None = None

    @property
    def more(self) -> dict[str, Any]:
        """The further fields of `ImportedObject`."""
        group = None if self.group is None else stable_id("group", self.target.id, self.group)
        return {"source": self.source, "z_order": self.z_order, "group": group}


def typed(attributes: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The object's type, which CVAT stores as an attribute, and the other attributes."""
    found = attributes.get(TYPE)
    if not isinstance(found, str) or not 0 < len(found) <= 200:
        return None, attributes
    return found, {name: value for name, value in attributes.items() if name != TYPE}


def tracked(about: About, rows: Iterable[Row]) -> ImportedObject:
    """The object of a track; of two rows of a frame the first counts.

    Raises:
        ValueError: the data does not follow the format.
    """
    by_frame: dict[int, Row] = {}
    for row in rows:
        by_frame.setdefault(row.frame, row)
    ordered = [by_frame[frame] for frame in sorted(by_frame)]
    if not ordered:
        raise ReaderError("object_without_frames")
    keyframes = list(_keyframes(ordered, about.source))
    if strange := _strange(keyframes, by_frame):
        keyframes = list(
            _keyframes([row._replace(is_key=row.is_key or row.frame in strange) for row in ordered], about.source)
        )
    return ImportedObject(
        where=about.where,
        media_id=about.target.id,
        category=about.category,
        type=about.type,
        attributes=dict(ordered[0].attributes),
        keyframes=keyframes,
        **about.more,
    )


def _strange(keyframes: Sequence[Keyframe], rows: Mapping[int, Row]) -> set[int]:
    """Frames between keyframes on which CVAT's interpolation differs from ours: there are several ways to
    interpolate polygons."""
    kind = keyframes[0].geometry.kind
    if kind in ("bbox", "ellipse", "bitmap") or all(row.is_key for row in rows.values()):
        return set()
    stretches: dict[int, list[int]] = {}
    strange: set[int] = set()
    for shape in interpolate_shapes(keyframes, keyframes[0].frame, keyframes[-1].frame):
        row = rows.get(shape.frame)
        if row is not None:
            stretches.setdefault(shape.keyframe, []).append(shape.frame)
            if not _is_near(row.geometry, shape.geometry):
                strange.add(shape.keyframe)
    return {frame for keyframe in strange for frame in stretches[keyframe]}


def _is_near(one: Geometry, other: Geometry) -> bool:
    if vector_layout(one) != vector_layout(other):
        return False
    return all(abs(left - right) <= _ROUNDED for left, right in zip(to_vector(one), to_vector(other), strict=True))


def _keyframes(ordered: Sequence[Row], source: Source) -> Iterator[Keyframe]:
    """The keyframes: the marked ones, and every change that does not follow from them."""
    attributes = dict(ordered[0].attributes)
    before: Row | None = None
    held: Geometry | None = None
    for row, after in pairwise([*ordered, None]):
        assert row is not None
        news = {name: value for name, value in row.attributes.items() if not _is_same(attributes.get(name), value)}
        changes = before is None or (before.outside, before.occluded) != (row.outside, row.occluded)
        # On its way to a keyframe that the file does not have, it would stay behind.
        moves_on = after is None and held != row.geometry
        before = row
        if row.is_key or news or changes or moves_on:
            attributes |= news
            held = row.geometry
            yield Keyframe(
                frame=row.frame,
                geometry=row.geometry,
                outside=row.outside,
                occluded=row.occluded,
                source=source,
                attributes=news,
            )


def _is_same(one: object, other: object) -> bool:
    return one == other and type(one) is type(other)
