"""Upper bounds of the JSON size of objects, without serializing them."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from common.contract.labels import Attributes, Behavior, Keyframe, ObjectState
from common.geometry.types import Bitmap, Keypoint, Polygon

# Keeps events, documents and lines of snapshots well below the limits of MongoDB and clients.
MAX_OBJECT_BYTES = 4 * 1024 * 1024
# The sizes of all fields except lists and texts; a test compares them with serialized objects.
_STATE, _KEYFRAME, _BEHAVIOR, _KEYPOINT = 1200, 500, 250, 120
_POINT, _NUMBER, _RUN = 56, 30, 12
# Runs are usually short numbers; only long lists are measured exactly.
_FEW_RUNS = 500


def size_of(state: ObjectState) -> int:
    """An upper bound of the state's JSON size in bytes."""
    return head_size(state) + sum(map(keyframe_size, state.keyframes))


def head_size(state: ObjectState) -> int:
    """An upper bound of the size without keyframes."""
    texts = (state.mission, state.category, state.type, state.author, state.model)
    size = _STATE + sum(_text(text) for text in texts if text) + _values(state.attributes)
    return size + sum(map(_behavior, state.behaviors))


def keyframe_size(keyframe: Keyframe) -> int:
    """An upper bound of a keyframe's JSON size in bytes."""
    size = _KEYFRAME
    measure = _GEOMETRY.get(keyframe.geometry.kind)
    if measure is not None:
        size += measure(keyframe.geometry)
    if keyframe.attributes:
        size += _values(keyframe.attributes)
    if keyframe.keypoints:
        size += _keypoints(keyframe.keypoints)
    return size


def _polygon(polygon: Polygon) -> int:
    rings = [ring for part in polygon.parts for ring in (part.outer, *part.holes)]
    return 30 * (len(polygon.parts) + len(rings)) + _POINT * sum(map(len, rings))


def _bitmap(bitmap: Bitmap) -> int:
    if len(bitmap.runs) <= _FEW_RUNS:
        return _RUN * len(bitmap.runs)
    return len(str(bitmap.runs))


def _with_points(geometry: Any) -> int:
    return _POINT * len(geometry.points)


def _keypoints(keypoints: Sequence[Keypoint]) -> int:
    return sum(_KEYPOINT + _text(point.name) for point in keypoints)


_GEOMETRY: Mapping[str, Callable[[Any], int]] = {
    "polygon": _polygon,
    "polyline": _with_points,
    "points": _with_points,
    "cuboid": _with_points,
    "skeleton": lambda skeleton: _keypoints(skeleton.keypoints),
    "bitmap": _bitmap,
}


def _behavior(behavior: Behavior) -> int:
    return _BEHAVIOR + _text(behavior.name) + _text(behavior.attribute or "")


def _values(attributes: Attributes) -> int:
    return sum(
        _NUMBER + _text(name) + (_text(value) if isinstance(value, str) else 0) for name, value in attributes.items()
    )


def _text(text: str) -> int:
    # A control character takes six bytes, other characters up to four.
    return 6 * len(text) if len(text) < 200 else len(json.dumps(text, ensure_ascii=False).encode())
