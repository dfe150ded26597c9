"""Shapes as table rows, in batches of some thousand."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from common.contract.labels import Keyframe
from common.geometry.bounds import bounds
from common.geometry.types import Ellipse
from export.dataset.geometry_json import shape_json
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.objects import LabelObject
from export.dataset.shapes import MediumLabel, Shape

_ROWS_AT_ONCE = 4096
_TEXT, _NUMBER, _INTEGER, _BOOLEAN = pa.string(), pa.float64(), pa.int64(), pa.bool_()
MEDIUM = [("project", _TEXT), ("media_id", _TEXT), ("file", _TEXT), ("subset", _TEXT)]
_OBJECT = [
    ("object_id", _TEXT),
    ("track", _INTEGER),
    ("mission", _TEXT),
    ("category", _TEXT),
    ("type", _TEXT),
    ("annotation_type", _TEXT),
    ("behaviors", _TEXT),
    ("object_source", _TEXT),
    ("model", _TEXT),
    ("run_id", _TEXT),
    ("group", _TEXT),
    ("z_order", _INTEGER),
    ("done", _BOOLEAN),
    ("is_default", _BOOLEAN),
]
_FRAME = [
    ("frame", _INTEGER),
    ("time_s", _NUMBER),
    ("image", _TEXT),
    ("is_key", _BOOLEAN),
    ("occluded", _BOOLEAN),
    ("source", _TEXT),
    ("score", _NUMBER),
    ("attributes", _TEXT),
    ("x1", _NUMBER),
    ("y1", _NUMBER),
    ("x2", _NUMBER),
    ("y2", _NUMBER),
    ("rotation", _NUMBER),
    ("geometry", _TEXT),
    ("keypoints", _TEXT),
    ("angles", _TEXT),
]
SHAPES = pa.schema([*MEDIUM, *_OBJECT, *_FRAME])
_CONSTANT = pa.schema([*MEDIUM, *_OBJECT])
_NO_BOX = (None,) * 5
_FAR = 2**63 - 1


def image_path(medium: ExportMedium, frame: int) -> str:
    """The path of a frame's image."""
    return f"images/{medium.subset}/{medium.frame_path(frame)}"


class ShapeRows:
    """The rows of one medium; the numbers of its objects and labels start at `first_track`."""

    def __init__(self, labels: Labels, first_track: int) -> None:
        self._labels = labels
        self._whole = [
            _WholeShapes(label, number) for number, label in enumerate(labels.medium_labels, len(labels.objects))
        ]
        tracks = [(label_object, False) for label_object in labels.objects]
        tracks += [(label.object, label.is_default) for label in labels.medium_labels]
        rows = [
            self._constant(track, label_object, is_default)
            for track, (label_object, is_default) in zip(count(first_track), tracks, strict=False)
        ]
        self._constants = pa.RecordBatch.from_pylist(rows, _CONSTANT)
        self._texts: dict[int, bytes | None] = {}

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows, by frame."""
        shapes: list[Shape] = []
        for frame in self._labels.frames():
            shapes += frame.shapes
            shapes += [whole.at(frame.number) for whole in self._whole if whole.label.holds(frame.number)]
            if len(shapes) >= _ROWS_AT_ONCE:
                yield self._batch(shapes)
                shapes = []
        if shapes:
            yield self._batch(shapes)

    def _constant(self, track: int, label_object: LabelObject, is_default: bool) -> dict[str, Any]:
        """The columns that are the same on all frames."""
        medium, state = self._labels.medium, label_object.state
        return {
            "project": medium.project_id,
            "media_id": medium.id,
            "file": medium.name,
            "subset": medium.subset,
            "object_id": state.id,
            "track": track,
            "mission": label_object.mission,
            "category": label_object.category,
            "type": label_object.type,
            "annotation_type": label_object.kind,
            "behaviors": _behaviors(label_object),
            "object_source": state.source,
            "model": state.model,
            "run_id": state.run_id,
            "group": state.group,
            "z_order": min(max(state.z_order, -_FAR), _FAR),
            "done": state.done,
            "is_default": is_default,
        }

    def _batch(self, shapes: list[Shape]) -> pa.RecordBatch:
        frames, indices, _, is_key, occluded, sources, scores, attributes, geometries, keypoints, rpy = zip(
            *shapes, strict=True
        )
        columns = [
            *self._constants.take(pa.array(indices, _INTEGER)).columns,
            *self._frame_columns(np.array(frames, np.int64)),
            pa.array(is_key, _BOOLEAN),
            pa.array(occluded, _BOOLEAN),
            pa.array(sources, _TEXT),
            pa.array(scores, _NUMBER),
            pa.array(map(self._attributes, attributes), _TEXT),
            *(pa.array(numbers, _NUMBER) for numbers in zip(*map(_corners, geometries), strict=True)),
            _texts(geometries, _geometry),
            _texts(keypoints, _keypoints),
            _texts(rpy, _angles),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=SHAPES)

    def _frame_columns(self, frames: np.ndarray[Any, np.dtype[np.int64]]) -> Iterable[pa.Array]:
        """The frames, their times and their image paths."""
        medium = self._labels.medium
        distinct, positions = np.unique(frames, return_inverse=True)
        images = pa.array([image_path(medium, frame) for frame in distinct.tolist()], _TEXT)
        return pa.array(frames), pa.array(np.round(frames / medium.fps, 6)), images.take(pa.array(positions))

    def _attributes(self, attributes: dict[str, Any]) -> bytes | None:
        """The attributes as JSON; cached, because many shapes share them."""
        key = id(attributes)
        if key not in self._texts:
            self._texts[key] = orjson.dumps(attributes) if attributes else None
        return self._texts[key]


class _WholeShapes:
    """A label of a whole medium as shapes, one per frame."""

    def __init__(self, label: MediumLabel, index: int) -> None:
        self.label = label
        self._frames = [keyframe.frame for keyframe in label.keyframes]
        self._shapes: list[Shape] = []
        held = label.object.attributes
        for keyframe in label.keyframes:
            held = {**held, **label.object.resolved_class.named(keyframe.attributes)} if keyframe.attributes else held
            self._shapes.append(_whole(label, index, keyframe, held))

    def at(self, frame: int) -> Shape:
        """The label on a frame to which it applies."""
        shape = self._shapes[bisect_right(self._frames, frame) - 1]
        return shape._replace(frame=frame, is_key=shape.frame == frame)


def _whole(label: MediumLabel, index: int, keyframe: Keyframe, held: dict[str, Any]) -> Shape:
    score = label.object.state.score if keyframe.score is None else keyframe.score
    return Shape(
        keyframe.frame,
        index,
        label.object,
        True,
        keyframe.occluded,
        keyframe.source,
        score,
        held,
        keyframe.geometry,
        (),
        None,
    )


def _corners(geometry: Any) -> tuple[float | None, ...]:
    if isinstance(geometry, tuple):
        return geometry
    box = bounds(geometry)
    if box is None:
        return _NO_BOX
    return *box, geometry.rotation if isinstance(geometry, Ellipse) else 0.0


def _behaviors(label_object: LabelObject) -> bytes | None:
    rows = [
        {
            "type": label_object.resolved_class.behaviors.of(behavior.name),
            "attribute": behavior.attribute,
            "first": behavior.first,
            "last": behavior.last,
        }
        for behavior in label_object.state.behaviors
    ]
    return orjson.dumps(rows) if rows else None


def _texts(values: Iterable[Any], text: Callable[[Any], bytes | None]) -> pa.Array:
    return pa.array(map(text, values), _TEXT)


def _geometry(geometry: Any) -> bytes | None:
    return None if isinstance(geometry, tuple) else orjson.dumps(shape_json(geometry))


def _keypoints(keypoints: Any) -> bytes | None:
    return orjson.dumps([keypoint.model_dump() for keypoint in keypoints]) if keypoints else None


def _angles(rpy: Any) -> bytes | None:
    return None if rpy is None else orjson.dumps(rpy.model_dump())
