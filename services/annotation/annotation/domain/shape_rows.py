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
_Placed = tuple[int, int, Row]


def box_rows(objects: Sequence[ObjectState], first: int, last: int) -> list[Row]:
    """The boxes of objects on frames first…last as fields of `BoxRow`, by frame, then in the order of the objects.
    Occlusion, source and score hold from the keyframe on the left; rows between keyframes have the source
    `interpolated`."""
    boxes = [at for at, one in enumerate(objects) if one.annotation_type == "bbox"]
    others = [at for at, one in enumerate(objects) if one.annotation_type not in ("bbox", "label")]
    rows: Iterable[_Placed] = _boxes(objects, boxes, first, last)
    if others:
        # Both are sorted already, so that sorting costs no more than merging.
        rows = sorted([*rows, *_boxes_around(objects, others, first, last)], key=itemgetter(0, 1))
    return [row for _, _, row in rows]


def _boxes(objects: Sequence[ObjectState], indices: Sequence[int], first: int, last: int) -> Iterator[_Placed]:
    """The boxes of box objects, computed as arrays: many times faster than shape by shape."""
    tracks = Tracks.of([objects[at].keyframes for at in indices])
    visible = visible_boxes(tracks, first, last)
    keyframes = [keyframe for at in indices for keyframe in objects[at].keyframes]
    about = [_about(objects[at]) for at in indices]
    for frame, box, left, owner, is_key in zip(
        visible.frames.tolist(),
        visible.boxes_xyxyr.tolist(),
        visible.keyframe.tolist(),
        tracks.track[visible.keyframe].tolist(),
        visible.is_key.tolist(),
        strict=True,
    ):
        held = _held(keyframes[left], is_key=is_key)
        yield frame, indices[owner], {**about[owner], "frame": frame, **dict(zip(_BOX, box, strict=True)), **held}


def _boxes_around(objects: Sequence[ObjectState], indices: Sequence[int], first: int, last: int) -> Iterator[_Placed]:
    about = [_about(objects[at]) for at in indices]
    tracks = [objects[at].keyframes for at in indices]
    for owner, shape in visible_shapes(tracks, first, last):
        if box := _box_around(shape.geometry):
            held = _held(tracks[owner][shape.keyframe], is_key=shape.is_key)
            yield shape.frame, indices[owner], {**about[owner], "frame": shape.frame, **box, **held}


def _box_around(geometry: Geometry) -> Row | None:
    if isinstance(geometry, Box):
        return geometry.model_dump(exclude={"kind"})
    around = bounds(geometry)
    return dict(zip(_BOX, (*around, 0.0), strict=True)) if around else None


def shape_rows(objects: Sequence[ObjectState], first: int, last: int) -> list[Row]:
    """The shapes of objects on frames first…last as fields of `ShapeRow`, by frame, the farthest first."""
    order = sorted(objects, key=lambda one: one.z_order)
    about = [_about(one) | {"z_order": one.z_order} for one in order]
    attributes = [[one.attributes | held for held in effective_attributes(one.keyframes)] for one in order]
    return [
        {
            **about[owner],
            "frame": shape.frame,
            "geometry": shape.geometry,
            "attributes": attributes[owner][shape.keyframe],
            "keypoints": shape.keypoints,
            "rpy": shape.rpy,
            **_held(order[owner].keyframes[shape.keyframe], is_key=shape.is_key),
        }
        for owner, shape in visible_shapes([one.keyframes for one in order], first, last)
    ]


def _about(one: ObjectState) -> Row:
    return {"object_id": one.id, "category": one.category, "type": one.type}


def _held(keyframe: Keyframe, *, is_key: bool) -> Row:
    source = keyframe.source if is_key else "interpolated"
    return {"key": is_key, "occluded": keyframe.occluded, "source": source, "score": keyframe.score}
