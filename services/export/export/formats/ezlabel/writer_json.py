"""ezLabel JSON: Tracklane's own format, which loses nothing.

`Annotations/<file>_00001.json` for each medium, and `images/<file>` or `images/<video>/frame_000000.jpg` and following.
A file:

    {"format": "ezlabel-json", "version": 1,
     "media": {"name": …, "kind", "width", "height", "fps", "frames", "weather", "lighting", "fov", "sha256",
               "id", "project_id", "content_type", "size_bytes", "images"},
     "mission": name of the mission that all objects have, or null,
     "missions": the missions of the objects, which define the ids,
     "objects": [{"id": 1, …, "spans": [[1, 99]],
                  "frames": [{"frame": 1, "key": true, "source": "manual", "bbox": [x1, y1, x2, y2]}, …],
                  "behaviors": [{"id", "type": "Turn", "attribute": "Left", "first": 40, "last": 80}]}],
     "labels": [{"id": 1, "name": "highway", "default": true, …}],
     "time_labels": [{"name": "start rain", "frame": 611, "last": 700}]}

`images` is the path of the medium's images: an image's file, or a video's folder, in which file names contain the frame
number from 0; null in an archive without images.

Objects give their mission, category, type, attributes and behaviors by display name; `ids` has the ids of names that
differ from them. `uid` is the object's own id, `kind` its annotation type in Tracklane's terms.

Frames count from 1. `frames` has every frame on which the object is visible, and every keyframe (`key`), visible or
not. Coordinates are float pixels, 0-based with exclusive ends: `bbox` and `rotation` for boxes, `parts` for polygons;
other kinds are under their own name. Empty `occluded`, `outside`, `score`, `attributes`, `keypoints` and `angles`
(roll, pitch, yaw) are omitted; `attributes` are those that change on the frame. Keyframes are exact; frames between
them are interpolated and have two decimals; a bitmap holds until the next keyframe. Labels of the whole medium are
objects without shapes, of which only the keyframes are written. The keyframes restore the object; `spans`,
`time_labels` and interpolated frames follow from them.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from common.contract.labels import Keyframe
from common.geometry.types import Bitmap
from export.codecs.json import json_items
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.geometry_json import rounded, shape_json
from export.dataset.keyframes import Key
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.objects import LabelObject
from export.dataset.shapes import MediumLabel, Shape, Span
from export.dataset.vocabulary import Vocabulary
from export.formats.image_entries import image_entries

ANNOTATION_TYPES = {
    "bbox": "BoundingBox",
    "polygon": "PixelBased",
    "bitmap": "PixelBased",
    "polyline": "Polyline",
    "points": "Points",
    "skeleton": "Skeleton",
    "circle": "Circle",
    "ellipse": "Ellipse",
    "line": "Line",
    "cuboid": "Cuboid",
    "rpy": "RollPitchYaw",
    "label": "Label",
}
DECIMALS = 2
_ROWS_AT_ONCE = 1024
# Fields that a file stores elsewhere, or by name.
_EXCLUDED = {"id", "project_id", "media_id", "keyframes", "deleted", "annotation_type", "behaviors"}
_BY_NAME = {"mission", "category", "type", "attributes"}
Row = dict[str, Any]


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    for labels in dataset.labels():
        name = f"Annotations/{labels.medium.path}_00001.json"
        yield Entry(name, _document(labels, dataset.vocabulary, dataset.shows(labels.medium)))
    yield from image_entries(dataset, lambda medium, frame: f"images/{medium.frame_path(frame)}")


def _document(labels: Labels, vocabulary: Vocabulary, with_images: bool) -> Iterator[bytes]:
    label_objects = [*labels.objects, *(label.object for label in labels.medium_labels)]
    missions = sorted({label_object.resolved_class.mission for label_object in label_objects})
    head = {
        "format": "ezlabel-json",
        "version": 1,
        "media": _media(labels.medium, with_images),
        "mission": missions[0].name if len(missions) == 1 else None,
        "missions": [known.model_dump(mode="json") for term in missions if (known := vocabulary.mission(term.id))],
    }
    yield orjson.dumps(head)[:-1] + b',"objects":['
    yield from _objects(labels)
    whole = [_label(number, label) for number, label in enumerate(labels.medium_labels, len(labels.objects) + 1)]
    yield b'],"labels":' + orjson.dumps(whole)
    yield b',"time_labels":' + orjson.dumps([*_time_labels(labels)]) + b"}"


def _media(medium: ExportMedium, with_images: bool) -> dict[str, Any]:
    images = f"images/{medium.path if medium.kind == 'image' else medium.folder}"
    return {
        "name": medium.name,
        "kind": medium.kind,
        "width": medium.width,
        "height": medium.height,
        "fps": medium.fps,
        "frames": medium.frame_count,
        "weather": medium.conditions.weather,
        "lighting": medium.conditions.lighting,
        "fov": medium.conditions.fov,
        "sha256": medium.sha256,
        "id": medium.id,
        "project_id": medium.project_id,
        "content_type": medium.content_type,
        "size_bytes": medium.size_bytes,
        "images": images if with_images else None,
    }


def _objects(labels: Labels) -> Iterator[bytes]:
    comma = b""
    spans = labels.spans()
    for index, shapes in labels.by_object(DECIMALS):
        label_object = labels.objects[index]
        yield comma + orjson.dumps(_head(index + 1, label_object, spans[index]))[:-1] + b',"frames":['
        yield from json_items(_frames(label_object, labels.keys(index), shapes))
        yield b"]," + orjson.dumps(_tail(label_object, labels.keyframes.attributes_of(index)))[1:]
        comma = b","


def _head(number: int, label_object: LabelObject, spans: list[Span]) -> Row:
    return {
        "id": number,
        "uid": label_object.state.id,
        "mission": label_object.mission,
        "category": label_object.category,
        "type": label_object.type,
        "attributes": label_object.attributes,
        "annotation_type": ANNOTATION_TYPES[label_object.kind],
        "kind": label_object.kind,
        **label_object.state.model_dump(mode="json", exclude=_EXCLUDED | _BY_NAME),
        "spans": [(first + 1, last + 1) for first, last in spans],
    }


def _tail(label_object: LabelObject, changing: Iterable[str]) -> Row:
    resolved_class = label_object.resolved_class
    terms = {"mission": resolved_class.mission, "category": resolved_class.category, "type": resolved_class.type}
    ids: Row = {word: term.id for word, term in terms.items() if term and term.id != term.name}
    attributes = {resolved_class.attributes.of(key): key for key in (*label_object.state.attributes, *changing)}
    behaviors = {resolved_class.behaviors.of(behavior.name): behavior.name for behavior in label_object.state.behaviors}
    for word, renamed in (("attributes", attributes), ("behaviors", behaviors)):
        if others := {name: key for name, key in renamed.items() if name != key}:
            ids[word] = others
    return {"behaviors": _behaviors(label_object), "ids": ids}


def _behaviors(label_object: LabelObject) -> list[Row]:
    return [
        {
            "id": behavior.id,
            "type": label_object.resolved_class.behaviors.of(behavior.name),
            "attribute": behavior.attribute,
            "first": behavior.first + 1,
            "last": behavior.last + 1,
        }
        for behavior in label_object.state.behaviors
    ]


def _frames(label_object: LabelObject, keys: Iterator[Key], shapes: Iterable[Shape]) -> Iterator[list[Row]]:
    """The frames on which the object is visible, and the keyframes, visible or not."""
    rows: list[Row] = []
    key = next(keys, None)
    for shape in shapes:
        while key and key.frame <= shape.frame:
            rows.append(_keyframe_row(label_object, key))
            key = next(keys, None)
        if not shape.is_key:
            rows.append(_interpolated_row(shape))
        if len(rows) >= _ROWS_AT_ONCE:
            yield rows
            rows = []
    while key:
        rows.append(_keyframe_row(label_object, key))
        key = next(keys, None)
    yield rows


def _interpolated_row(shape: Shape) -> Row:
    row: Row = {"frame": shape.frame + 1, "key": False, "source": "interpolated"}
    geometry = shape.geometry
    if isinstance(geometry, tuple):
        row["bbox"] = geometry[:4]
        if geometry[4]:
            row["rotation"] = geometry[4]
    elif not isinstance(geometry, Bitmap):
        row |= rounded(shape_json(geometry), DECIMALS)
    if shape.occluded:
        row["occluded"] = True
    if shape.keypoints or shape.rpy:
        row |= rounded(_extras(shape), DECIMALS)
    return row


def _keyframe_row(label_object: LabelObject, key: Key | Keyframe) -> Row:
    row: Row = {"frame": key.frame + 1, "key": True, "source": key.source, **shape_json(key.geometry)}
    if key.score is not None:
        row["score"] = key.score
    if key.attributes:
        row["attributes"] = label_object.resolved_class.named(key.attributes)
    if key.occluded:
        row["occluded"] = True
    if key.outside:
        row["outside"] = True
    return row | _extras(key) if key.keypoints or key.rpy else row


def _extras(shape: Shape | Key | Keyframe) -> Row:
    """The keypoints and angles that boxes and polygons may have in addition."""
    row: Row = {}
    if shape.keypoints:
        row["keypoints"] = [keypoint.model_dump() for keypoint in shape.keypoints]
    if shape.rpy is not None:
        row["angles"] = shape.rpy.model_dump()
    return row


def _label(number: int, label: MediumLabel) -> Row:
    label_object = label.object
    changing = {name for keyframe in label.keyframes for name in keyframe.attributes}
    return {
        "name": label_object.category,
        "default": label.is_default,
        **_head(number, label_object, label.spans),
        "frames": [_keyframe_row(label_object, keyframe) for keyframe in label.keyframes],
        **_tail(label_object, sorted(changing)),
    }


def _time_labels(labels: Labels) -> Iterator[Row]:
    """The labels that apply to some frames only, one entry per span."""
    for label in labels.medium_labels:
        if label.spans != [(0, labels.medium.frame_count - 1)]:
            for first, last in label.spans:
                yield {"name": label.object.category, "frame": first + 1, "last": last + 1}
