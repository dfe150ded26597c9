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

# The tolerance for coordinates with two decimals that are interpolated between rounded keyframes.
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


class ObjectHeader(NamedTuple):
    """The frame-independent fields of an object; `group` is a number within the file."""

    where: str
    target: TargetMedium
    category: str
    type: str | None = None
    source: Source = "import"
    z_order: int = 0
    group: int | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The further fields of `ImportedObject`."""
        group = None if self.group is None else stable_id("group", self.target.id, self.group)
        return {"source": self.source, "z_order": self.z_order, "group": group}


def split_type(attributes: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The object's type, which CVAT stores as an attribute, and the other attributes."""
    type_name = attributes.get(TYPE)
    if not isinstance(type_name, str) or not 0 < len(type_name) <= 200:
        return None, attributes
    return type_name, {name: value for name, value in attributes.items() if name != TYPE}


def track_object(header: ObjectHeader, rows: Iterable[Row]) -> ImportedObject:
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
    keyframes = list(_keyframes(ordered, header.source))
    if diverging := _diverging_frames(keyframes, by_frame):
        keyframes = list(
            _keyframes([row._replace(is_key=row.is_key or row.frame in diverging) for row in ordered], header.source)
        )
    return ImportedObject(
        where=header.where,
        media_id=header.target.id,
        category=header.category,
        type=header.type,
        attributes=dict(ordered[0].attributes),
        keyframes=keyframes,
        **header.fields,
    )


def _diverging_frames(keyframes: Sequence[Keyframe], rows: Mapping[int, Row]) -> set[int]:
    """The frames between keyframes on which CVAT's interpolation differs from Tracklane's, as it may for polygons."""
    kind = keyframes[0].geometry.kind
    if kind in ("bbox", "ellipse", "bitmap") or all(row.is_key for row in rows.values()):
        return set()
    frames_by_keyframe: dict[int, list[int]] = {}
    diverging: set[int] = set()
    for shape in interpolate_shapes(keyframes, keyframes[0].frame, keyframes[-1].frame):
        row = rows.get(shape.frame)
        if row is not None:
            frames_by_keyframe.setdefault(shape.keyframe, []).append(shape.frame)
            if not _is_near(row.geometry, shape.geometry):
                diverging.add(shape.keyframe)
    return {frame for keyframe in diverging for frame in frames_by_keyframe[keyframe]}


def _is_near(first: Geometry, second: Geometry) -> bool:
    if vector_layout(first) != vector_layout(second):
        return False
    return all(
        abs(before - after) <= _ROUNDED for before, after in zip(to_vector(first), to_vector(second), strict=True)
    )


def _keyframes(ordered: Sequence[Row], source: Source) -> Iterator[Keyframe]:
    """The keyframes: the marked ones, and every change that does not follow from them."""
    attributes = dict(ordered[0].attributes)
    before: Row | None = None
    geometry: Geometry | None = None
    for row, after in pairwise([*ordered, None]):
        assert row is not None
        changed = {name: value for name, value in row.attributes.items() if not _is_same(attributes.get(name), value)}
        state_changes = before is None or (before.outside, before.occluded) != (row.outside, row.occluded)
        # Interpolation towards a keyframe that is not in the file would stop here.
        is_last_change = after is None and geometry != row.geometry
        before = row
        if row.is_key or changed or state_changes or is_last_change:
            attributes |= changed
            geometry = row.geometry
            yield Keyframe(
                frame=row.frame,
                geometry=row.geometry,
                outside=row.outside,
                occluded=row.occluded,
                source=source,
                attributes=changed,
            )


def _is_same(first: object, second: object) -> bool:
    return first == second and type(first) is type(second)
