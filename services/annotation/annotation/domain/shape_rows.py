"""Interpolated shapes on every frame of a range, and their bounding boxes, as rows of plain values."""

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from common.contract.labels import Keyframe, ObjectState
from common.geometry.bounds import bounds
from common.geometry.shapes import effective_attributes, visible_shapes
from common.geometry.tracks import Tracks, visible_boxes
from common.geometry.types import Box, Geometry

Row = dict[str, Any]
_BOX = ("x1", "y1", "x2", "y2", "rotation")
# A row with its frame and the index of its object.
_IndexedRow = tuple[int, int, Row]


def box_rows(objects: Sequence[ObjectState], first: int, last: int) -> list[Row]:
    """The boxes of objects on frames first…last as fields of `BoxRow`, by frame, then in the order of the objects.
    Occlusion, source and score are those of the previous keyframe; interpolated rows have the source `interpolated`."""
    boxes = [at for at, state in enumerate(objects) if state.annotation_type == "bbox"]
    others = [at for at, state in enumerate(objects) if state.annotation_type not in ("bbox", "label")]
    rows: Iterable[_IndexedRow] = _boxes(objects, boxes, first, last)
    if others:
        # Both are sorted, so that sorting costs no more than merging.
        rows = sorted([*rows, *_boxes_around(objects, others, first, last)], key=itemgetter(0, 1))
    return [row for _, _, row in rows]


def _boxes(objects: Sequence[ObjectState], indices: Sequence[int], first: int, last: int) -> Iterator[_IndexedRow]:
    """The boxes of box objects, vectorized: many times faster than shape by shape."""
    tracks = Tracks.of([objects[at].keyframes for at in indices])
    visible = visible_boxes(tracks, first, last)
    keyframes = [keyframe for at in indices for keyframe in objects[at].keyframes]
    heads = [_head(objects[at]) for at in indices]
    for frame, box, left, owner, is_key in zip(
        visible.frames.tolist(),
        visible.boxes_xyxyr.tolist(),
        visible.keyframe.tolist(),
        tracks.track[visible.keyframe].tolist(),
        visible.is_key.tolist(),
        strict=True,
    ):
        fields = _keyframe_fields(keyframes[left], is_key=is_key)
        yield frame, indices[owner], {**heads[owner], "frame": frame, **dict(zip(_BOX, box, strict=True)), **fields}


def _boxes_around(
    objects: Sequence[ObjectState], indices: Sequence[int], first: int, last: int
) -> Iterator[_IndexedRow]:
    heads = [_head(objects[at]) for at in indices]
    tracks = [objects[at].keyframes for at in indices]
    for owner, shape in visible_shapes(tracks, first, last):
        if box := _box_around(shape.geometry):
            fields = _keyframe_fields(tracks[owner][shape.keyframe], is_key=shape.is_key)
            yield shape.frame, indices[owner], {**heads[owner], "frame": shape.frame, **box, **fields}


def _box_around(geometry: Geometry) -> Row | None:
    if isinstance(geometry, Box):
        return geometry.model_dump(exclude={"kind"})
    box = bounds(geometry)
    return dict(zip(_BOX, (*box, 0.0), strict=True)) if box else None


def shape_rows(objects: Sequence[ObjectState], first: int, last: int) -> list[Row]:
    """The shapes of objects on frames first…last as fields of `ShapeRow`, by frame and z-order."""
    states = sorted(objects, key=lambda state: state.z_order)
    heads = [_head(state) | {"z_order": state.z_order} for state in states]
    attributes = [[state.attributes | held for held in effective_attributes(state.keyframes)] for state in states]
    return [
        {
            **heads[owner],
            "frame": shape.frame,
            "geometry": shape.geometry,
            "attributes": attributes[owner][shape.keyframe],
            "keypoints": shape.keypoints,
            "rpy": shape.rpy,
            **_keyframe_fields(states[owner].keyframes[shape.keyframe], is_key=shape.is_key),
        }
        for owner, shape in visible_shapes([state.keyframes for state in states], first, last)
    ]


def _head(state: ObjectState) -> Row:
    return {"object_id": state.id, "category": state.category, "type": state.type}


def _keyframe_fields(keyframe: Keyframe, *, is_key: bool) -> Row:
    source = keyframe.source if is_key else "interpolated"
    return {"key": is_key, "occluded": keyframe.occluded, "source": source, "score": keyframe.score}
