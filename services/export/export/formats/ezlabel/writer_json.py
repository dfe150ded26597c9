"""ezLabel JSON: our own format, which holds everything that the product knows.

`Annotations/<file>_00001.json` for each medium, and with pictures `images/<file>`, or
`images/<video>/frame_000000.jpg` and on. A file:

    {"format": "ezlabel-json", "version": 1,
     "media": {"name": …, "kind", "width", "height", "fps", "frames", "weather", "lighting", "fov", "sha256",
               "id", "project_id", "content_type", "size_bytes", "images"},
     "mission": the name of the one that all objects have, or null,
     "missions": the missions of the objects, which say what ids mean,
     "objects": [{"id": 1, …, "spans": [[1, 99]],
                  "frames": [{"frame": 1, "key": true, "source": "manual", "bbox": [x1, y1, x2, y2]}, …],
                  "behaviors": [{"id", "type": "Turn", "attribute": "Left", "first": 40, "last": 80}]}],
     "labels": [{"id": 1, "name": "highway", "default": true, …}],
     "time_labels": [{"name": "start rain", "frame": 611, "last": 700}]}

`images` is where the medium's pictures lie: an image's file; the folder of a video, in which the name of a
picture has the frame's number counted from 0; null in an archive without pictures.

Objects name their mission, category, type, attributes and behaviours as people do; `ids` has the ids behind these
names, where they are others. `uid` is the object's own id, `kind` its annotation type in the product's words.

Frames count from 1. `frames` has every frame on which the object is seen, and every key frame (`key`), seen or not.
Coordinates are float pixels, 0-based with exclusive ends: `bbox` and `rotation` of boxes, `parts` of polygons, and
what other kinds have under the name of the kind. `occluded`, `outside`, `score`, `attributes`, `keypoints` and `angles`
(roll, pitch, yaw) are left out where they say nothing; `attributes` are those that change on this frame. Key frames are
exact; frames between them are computed and have two decimals; a bitmap holds until the next key frame. Labels of the
whole medium are objects without shapes, of which only the key frames are written. Reading only the key frames gives
an object back; `spans`, `time_labels` and computed frames follow from them.
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
# What a file says elsewhere, or by name.
_SAID = {"id", "project_id", "media_id", "keyframes", "deleted", "annotation_type", "behaviors"}
_NAMED = {"mission", "category", "type", "attributes"}
Row = dict[str, Any]


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    for labels in dataset.labels():
        name = f"Annotations/{labels.medium.path}_00001.json"
        yield Entry(name, _document(labels, dataset.vocabulary, dataset.shows(labels.medium)))
    for medium, picture in dataset.images():
        name = f"images/{medium.frame_path(picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


def _document(labels: Labels, vocabulary: Vocabulary, with_images: bool) -> Iterator[bytes]:
    everything = [*labels.objects, *(label.object for label in labels.medium_labels)]
    missions = sorted({found.resolved_class.mission for found in everything})
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
        found = labels.objects[index]
        yield comma + orjson.dumps(_head(index + 1, found, spans[index]))[:-1] + b',"frames":['
        yield from json_items(_frames(found, labels.keys(index), shapes))
        yield b"]," + orjson.dumps(_tail(found, labels.keyframes.attributes_of(index)))[1:]
        comma = b","


def _head(number: int, found: LabelObject, spans: list[Span]) -> Row:
    return {
        "id": number,
        "uid": found.state.id,
        "mission": found.mission,
        "category": found.category,
        "type": found.type,
        "attributes": found.attributes,
        "annotation_type": ANNOTATION_TYPES[found.kind],
        "kind": found.kind,
        **found.state.model_dump(mode="json", exclude=_SAID | _NAMED),
        "spans": [(first + 1, last + 1) for first, last in spans],
    }


def _tail(found: LabelObject, changing: Iterable[str]) -> Row:
    resolved_class = found.resolved_class
    terms = {"mission": resolved_class.mission, "category": resolved_class.category, "type": resolved_class.type}
    ids: Row = {word: term.id for word, term in terms.items() if term and term.id != term.name}
    attributes = {resolved_class.attributes.of(known): known for known in (*found.state.attributes, *changing)}
    behaviors = {resolved_class.behaviors.of(shown.name): shown.name for shown in found.state.behaviors}
    for word, renamed in (("attributes", attributes), ("behaviors", behaviors)):
        if others := {name: known for name, known in renamed.items() if name != known}:
            ids[word] = others
    return {"behaviors": _behaviors(found), "ids": ids}


def _behaviors(found: LabelObject) -> list[Row]:
    return [
        {
            "id": shown.id,
            "type": found.resolved_class.behaviors.of(shown.name),
            "attribute": shown.attribute,
            "first": shown.first + 1,
            "last": shown.last + 1,
        }
        for shown in found.state.behaviors
    ]


def _frames(found: LabelObject, keys: Iterator[Key], shapes: Iterable[Shape]) -> Iterator[list[Row]]:
    """The frames on which the object is seen, and the key frames, seen or not."""
    rows: list[Row] = []
    key = next(keys, None)
    for shape in shapes:
        while key and key.frame <= shape.frame:
            rows.append(_exact(found, key))
            key = next(keys, None)
        if not shape.is_key:
            rows.append(_computed(shape))
        if len(rows) >= _ROWS_AT_ONCE:
            yield rows
            rows = []
    while key:
        rows.append(_exact(found, key))
        key = next(keys, None)
    yield rows


def _computed(shape: Shape) -> Row:
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
        row |= rounded(_beside(shape), DECIMALS)
    return row


def _exact(found: LabelObject, key: Key | Keyframe) -> Row:
    row: Row = {"frame": key.frame + 1, "key": True, "source": key.source, **shape_json(key.geometry)}
    if key.score is not None:
        row["score"] = key.score
    if key.attributes:
        row["attributes"] = found.resolved_class.named(key.attributes)
    if key.occluded:
        row["occluded"] = True
    if key.outside:
        row["outside"] = True
    return row | _beside(key) if key.keypoints or key.rpy else row


def _beside(shape: Shape | Key | Keyframe) -> Row:
    """What boxes and polygons may have beside their outline."""
    row: Row = {}
    if shape.keypoints:
        row["keypoints"] = [keypoint.model_dump() for keypoint in shape.keypoints]
    if shape.rpy is not None:
        row["angles"] = shape.rpy.model_dump()
    return row


def _label(number: int, label: MediumLabel) -> Row:
    found = label.object
    changing = {known for keyframe in label.keyframes for known in keyframe.attributes}
    return {
        "name": found.category,
        "default": label.is_default,
        **_head(number, found, label.spans),
        "frames": [_exact(found, keyframe) for keyframe in label.keyframes],
        **_tail(found, sorted(changing)),
    }


def _time_labels(labels: Labels) -> Iterator[Row]:
    """The labels that hold for some frames only, one entry for each run of frames."""
    for label in labels.medium_labels:
        if label.spans != [(0, labels.medium.frame_count - 1)]:
            for first, last in label.spans:
                yield {"name": label.object.category, "frame": first + 1, "last": last + 1}
