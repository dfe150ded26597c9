"""ezLabel JSON: our own format, which holds everything that an object is.

`Annotations/<file>_00001.json` for each medium, and with pictures `images/<file>`, or
`images/<video>/frame_000000.jpg` and on. A file:

    {"format": "ezlabel-json", "version": 1,
     "media": {"name": …, "kind", "width", "height", "fps", "frames", "weather", "lighting", "fov", "sha256",
               "id", "content_type", "size_bytes", "images"},
     "mission": the one that all objects have, or null,
     "missions": what the missions of the objects and their categories mean,
     "objects": [{"id": 1, …, "spans": [[1, 99]], "behaviors": [],
                  "frames": [{"frame": 1, "key": true, …, "bbox": [x1, y1, x2, y2]}]}],
     "labels": [], "time_labels": []}

`images` is where the medium's pictures lie: an image's file; the folder of a video, in which the name of a
picture has the frame's number counted from 0; null in an archive without pictures.
Frames count from 1; `bbox` is 0-based with exclusive ends, in float pixels. `frames` has every frame on
which the object is seen, and every key frame (`key`), seen or not. Beyond the basic layout: `uid`,
`mission`, `source`, `score`, `run_id`, `done`, `revision`, `author` of objects; `rotation`, `occluded` and
`outside` of frames, left out where they are 0 or false. Key frames are exact; frames between them are
computed and have two decimals. Reading only the key frames gives the object back; `spans` and computed
frames follow from them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import orjson

from common.interpolation import Shown
from common.labels import Mission
from export.domain.archive import Entry
from export.domain.dataset import Dataset
from export.domain.formats.format import ArchiveFormat
from export.domain.jsonstream import json_items
from export.domain.labels import SOURCES, LabelObject, Labels
from export.domain.media import ExportMedium

ANNOTATION_TYPES = {"bbox": "BoundingBox"}
_ROWS_AT_ONCE = 4096


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    missions = {mission.name: mission for mission in dataset.missions}
    for labels in dataset.labels():
        name = f"Annotations/{labels.medium.path}_00001.json"
        yield Entry(name, _document(labels, missions, dataset.save_images))
    for medium, picture in dataset.pictures():
        name = f"images/{medium.frame_path(picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


FORMAT = ArchiveFormat("ezLabel JSON", (), write)


def _document(labels: Labels, missions: Mapping[str, Mission], with_images: bool) -> Iterator[bytes]:
    named = sorted({found.mission for found in labels.objects})
    head = {
        "format": "ezlabel-json",
        "version": 1,
        "media": _media(labels.medium, with_images),
        "mission": named[0] if len(named) == 1 else None,
        "missions": [missions[name].model_dump(mode="json") for name in named if name in missions],
    }
    yield orjson.dumps(head)[:-1] + b',"objects":['
    comma = b""
    spans = labels.spans()
    for index, boxes in labels.by_object():
        yield comma + orjson.dumps(_head(index, labels.objects[index], spans[index]))[:-1] + b',"frames":['
        yield from json_items(_frames(labels, index, boxes))
        yield b'],"behaviors":[]}'
        comma = b","
    yield b'],"labels":[],"time_labels":[]}'


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
        "content_type": medium.content_type,
        "size_bytes": medium.size_bytes,
        "images": images if with_images else None,
    }


def _head(index: int, found: LabelObject, spans: list[tuple[int, int]]) -> dict[str, Any]:
    return {
        "id": index + 1,
        "uid": found.id,
        "mission": found.mission,
        "category": found.category,
        "type": found.type,
        "attributes": found.attributes,
        "annotation_type": ANNOTATION_TYPES[found.annotation_type],
        "source": found.source,
        "score": found.score,
        "run_id": found.run_id,
        "done": found.done,
        "revision": found.revision,
        "author": found.author,
        "spans": [(first + 1, last + 1) for first, last in spans],
    }


def _frames(labels: Labels, index: int, boxes: Shown) -> Iterator[list[dict[str, Any]]]:
    """The frames on which the object is seen, and between them the key frames on which it is not."""
    seen = set(boxes.keyframe[boxes.is_key].tolist())
    unseen = [at for at in labels.keyframes_of(index) if at not in seen]
    for begin in range(0, len(boxes.frames), _ROWS_AT_ONCE):
        part = slice(begin, begin + _ROWS_AT_ONCE)
        rows = _seen(labels, boxes, part)
        last = rows[-1]["frame"] - 1
        while unseen and labels.tracks.frames[unseen[0]] <= last:
            rows.append(_unseen(labels, unseen.pop(0)))
        rows.sort(key=_frame_of)
        yield rows
    yield [_unseen(labels, at) for at in unseen]


def _frame_of(row: dict[str, Any]) -> int:
    return int(row["frame"])


def _seen(labels: Labels, boxes: Shown, part: slice) -> list[dict[str, Any]]:
    keyframe, is_key = boxes.keyframe[part], boxes.is_key[part]
    exact = boxes.boxes_xyxyr[part]
    rounded = np.where(is_key[:, None], exact, np.round(exact, 2)).tolist()
    rows: list[dict[str, Any]] = []
    for frame, at, key, box in zip(
        boxes.frames[part].tolist(), keyframe.tolist(), is_key.tolist(), rounded, strict=True
    ):
        rows.append(_row(labels, at, frame, box) if key else _computed(labels, at, frame, box))
    return rows


def _computed(labels: Labels, at: int, frame: int, box: list[float]) -> dict[str, Any]:
    row: dict[str, Any] = {"frame": frame + 1, "key": False, "source": "interpolated", "bbox": box[:4]}
    if box[4]:
        row["rotation"] = box[4]
    if labels.occluded[at]:
        row["occluded"] = True
    return row


def _unseen(labels: Labels, at: int) -> dict[str, Any]:
    return _row(labels, at, int(labels.tracks.frames[at]), labels.tracks.boxes_xyxyr[at].tolist())


def _row(labels: Labels, at: int, frame: int, box: list[float]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "frame": frame + 1,
        "key": True,
        "source": SOURCES[labels.source[at]],
        "bbox": box[:4],
    }
    if not np.isnan(labels.score[at]):
        row["score"] = float(labels.score[at])
    if box[4]:
        row["rotation"] = box[4]
    if labels.occluded[at]:
        row["occluded"] = True
    if labels.tracks.outside[at]:
        row["outside"] = True
    return row
