"""COCO 1.0: one JSON file of images, annotations and categories.

`annotations/instances_default.json`, and with pictures `images/default/<file_name>`. Every frame is an
image, also without labels; ids are renumbered from 1; boxes are [x, y, width, height] with two decimals. As
in CVAT's archives, a rotated box is its unrotated box and an attribute `rotation`; tracks are told by
`track_id` and `keyframe`. The categories come last in the file, because objects may name some that no
mission declares.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from common.interpolation import Shown
from export.domain.archive import Entry
from export.domain.classes import Classes
from export.domain.dataset import Dataset
from export.domain.formats.format import ArchiveFormat
from export.domain.jsonstream import json_items
from export.domain.labels import LabelObject, Labels
from export.domain.media import ExportMedium
from export.domain.report import Report

OTHER_MISSION = "missions, where several have a class of the same name"
CONDITIONS = "weather, lighting and field of view of files"
SOURCE = "sources of objects (model, import …)"
DONE = "ticks of objects"
HIDDEN_ATTRIBUTE = "attributes named like a built-in one"
AFTER_END = "keyframes after the last frame"
BUILT_IN = ("type", "occluded", "rotation", "track_id", "keyframe")
_ROWS_AT_ONCE = 4096
_HEAD = (
    b'{"licenses":[{"name":"","id":0,"url":""}],"info":{"contributor":"","date_created":"","description":"",'
    b'"url":"","version":"","year":""},"images":['
)


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    yield Entry("annotations/instances_default.json", _document(dataset))
    for medium, picture in dataset.pictures():
        name = f"images/default/{medium.frame_path(picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


FORMAT = ArchiveFormat("COCO 1.0", (OTHER_MISSION, CONDITIONS, SOURCE, DONE, HIDDEN_ATTRIBUTE, AFTER_END), write)


def _document(dataset: Dataset) -> Iterator[bytes]:
    classes = Classes(dataset.missions, dataset.selection)
    yield _HEAD
    yield from json_items(_images(dataset.media))
    yield b'],"annotations":['
    yield from json_items(_annotations(dataset, classes))
    yield b'],"categories":['
    found = [{"id": known.number + 1, "name": known.name, "supercategory": ""} for known in classes.all()]
    yield from json_items([found])
    yield b"]}"


def _images(media: Sequence[ExportMedium]) -> Iterator[list[dict[str, Any]]]:
    number = 1
    for medium in media:
        for first in range(0, medium.frame_count, _ROWS_AT_ONCE):
            frames = range(first, min(first + _ROWS_AT_ONCE, medium.frame_count))
            yield [_image(number + frame, medium, frame) for frame in frames]
        number += medium.frame_count


def _image(number: int, medium: ExportMedium, frame: int) -> dict[str, Any]:
    return {
        "id": number,
        "width": medium.width,
        "height": medium.height,
        "file_name": medium.frame_path(frame),
        "license": 0,
        "flickr_url": "",
        "coco_url": "",
        "date_captured": 0,
    }


@dataclass(slots=True)
class _Counters:
    annotations: int = 0
    tracks: int = 0
    first_image: dict[str, int] = field(default_factory=dict)


def _annotations(dataset: Dataset, classes: Classes) -> Iterator[list[dict[str, Any]]]:
    counters = _Counters()
    images = 1
    for medium in dataset.media:
        counters.first_image[medium.id] = images
        images += medium.frame_count
    for labels in dataset.labels():
        _report(labels, classes, dataset.report)
        rows = _Rows(labels, classes, counters)
        for boxes in labels.by_frame():
            for begin in range(0, len(boxes.frames), _ROWS_AT_ONCE):
                yield rows.of(boxes, slice(begin, begin + _ROWS_AT_ONCE))
        counters.tracks += len(labels.objects)


class _Rows:
    """Makes the annotations of one medium."""

    def __init__(self, labels: Labels, classes: Classes, counters: _Counters) -> None:
        self._labels = labels
        self._counters = counters
        self._category = [classes.of(found.category, found.mission).number + 1 for found in labels.objects]
        self._attributes = [_own_attributes(found) for found in labels.objects]
        scores = [np.nan if found.score is None else found.score for found in labels.objects]
        self._score = np.array(scores, np.float64)
        self._is_video = labels.medium.kind == "video"

    def of(self, boxes: Shown, part: slice) -> list[dict[str, Any]]:
        """The annotations of some of the visible boxes."""
        labels, keyframe = self._labels, boxes.keyframe[part]
        objects = labels.tracks.track[keyframe]
        corners = boxes.boxes_xyxyr[part]
        xywh = np.round(np.hstack((corners[:, :2], corners[:, 2:4] - corners[:, :2])), 2)
        score = np.where(np.isnan(labels.score[keyframe]), self._score[objects], labels.score[keyframe])
        columns = zip(
            (boxes.frames[part] + self._counters.first_image[labels.medium.id]).tolist(),
            [self._category[index] for index in objects.tolist()],
            np.round(xywh[:, 2] * xywh[:, 3], 2).tolist(),
            xywh.tolist(),
            self._all_attributes(boxes, part, objects.tolist()),
            strict=True,
        )
        rows = [_annotation(number, *row) for number, row in enumerate(columns, self._counters.annotations + 1)]
        self._counters.annotations += len(rows)
        for at in np.flatnonzero(~np.isnan(score)).tolist():
            rows[at]["score"] = float(score[at])
        return rows

    def _all_attributes(self, boxes: Shown, part: slice, objects: list[int]) -> Iterator[dict[str, Any]]:
        occluded = self._labels.occluded[boxes.keyframe[part]].tolist()
        rotation = np.round(boxes.boxes_xyxyr[part, 4], 2).tolist()
        if not self._is_video:
            for index, hidden, angle in zip(objects, occluded, rotation, strict=True):
                yield {**self._attributes[index], "occluded": hidden, "rotation": angle}
            return
        track = self._counters.tracks
        is_key = boxes.is_key[part].tolist()
        for index, hidden, angle, key in zip(objects, occluded, rotation, is_key, strict=True):
            yield {
                **self._attributes[index],
                "occluded": hidden,
                "rotation": angle,
                "track_id": track + index,
                "keyframe": key,
            }


def _annotation(
    number: int, image: int, category: int, area: float, bbox: list[float], attributes: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "segmentation": [],
        "area": area,
        "bbox": bbox,
        "iscrowd": 0,
        "attributes": attributes,
    }


def _own_attributes(found: LabelObject) -> dict[str, Any]:
    own: dict[str, Any] = {name: value for name, value in found.attributes.items() if name not in BUILT_IN}
    return own if found.type is None else own | {"type": found.type}


def _report(labels: Labels, classes: Classes, report: Report) -> None:
    conditions = labels.medium.conditions
    report.drop(CONDITIONS, any(said != "Unknown" for said in conditions.model_dump().values()))
    for found in labels.objects:
        report.drop(OTHER_MISSION, classes.of(found.category, found.mission).mission != found.mission)
        report.drop(SOURCE, found.source != "manual")
        report.drop(DONE, found.done)
        report.drop(HIDDEN_ATTRIBUTE, sum(name in BUILT_IN for name in found.attributes))
    report.drop(AFTER_END, int(np.count_nonzero(labels.tracks.frames >= labels.medium.frame_count)))
