"""ModelArts manifest: one JSON line per sample, and VOC XML with its shapes.

    annotation/V001/V001.manifest
    annotation/V001/annotations/<image path without suffix>.xml
    images/<path>, images/<video>/<video>_t<seconds>.jpg

Paths in the manifest are relative to the archive: prefix them with your bucket. A sample is an image, or a frame of a
video with a keyframe: an image named by its time, in seconds with six decimals; `property` gives its video and time. A
file without labels is a sample without `annotation`, for videos of type 6. Labels of whole files are annotations of
type image_classification; all shapes together are one of type object_detection, with the XML in `annotation-loc`.
Besides boxes and ModelArts' own polygons, lines, circles and points, the XML has `dashed` and `polyline` with numbered
points; `attributes` are written as in CVAT's VOC, those of labels of whole files in `property`. `usage` is the subset:
TRAIN for train, EVAL for val, TEST for test.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

import orjson

from common.geometry.shapes import attributes_at
from export.codecs.spool import Spool
from export.codecs.zip import Entry
from export.dataset.dataset import IMAGE_WEIGHT, Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.objects import LabelObject
from export.dataset.rows import NOTHING
from export.dataset.shapes import Frame, MediumLabel
from export.dataset.xml_text import value_text, xml_text
from export.formats.pascal_voc.objects import TYPE, voc_objects

BETWEEN = "lost_frames_without_keyframe"
_VERSION = "annotation/V001"
_USAGE = {"train": "TRAIN", "val": "EVAL", "test": "TEST"}
_LAST_SECOND = 253_402_300_800
Row = dict[str, Any]


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    names, manifest = _Paths(dataset), Spool()
    picked: list[ExportMedium] = []
    for labels in dataset.labels():
        samples = _Samples(labels, names)
        for frame in labels.frames():
            yield from samples.of(frame, manifest)
        if labels.medium.kind == "video" and not samples.keys:
            manifest.write(_line(samples.unlabeled()))
        if dataset.shows(labels.medium) and labels.medium.kind == "video":
            picked.append(replace(labels.medium, picked=samples.keys))
    yield Entry(f"{_VERSION}/V001.manifest", manifest.chunks(), manifest.size_bytes)
    yield from _image_entries(dataset, picked, names)


def _image_entries(dataset: Dataset, picked: Sequence[ExportMedium], names: "_Paths") -> Iterator[Entry]:
    """The images of samples."""
    by_id = {medium.id: medium for medium in picked}
    wanted = [by_id.get(medium.id, medium) for medium in dataset.media]
    skipped = sum(len(medium.frames) for medium in dataset.media) - sum(len(medium.frames) for medium in wanted)
    dataset.progress.total -= IMAGE_WEIGHT * skipped
    for medium, image in dataset.of(wanted).images():
        yield Entry(names.image(medium, image.frame), image.chunks, image.size_bytes, packed=True)


class _Paths:
    """The paths of images and their XML files."""

    def __init__(self, dataset: Dataset) -> None:
        self._ids = ImageIds(dataset.media, dataset.report)

    def image(self, medium: ExportMedium, frame: int) -> str:
        """The image of a frame."""
        return f"images/{medium.path if medium.kind == 'image' else self._timed(medium, frame) + '.jpg'}"

    def xml(self, medium: ExportMedium, frame: int) -> str:
        """The XML file of a frame."""
        stem = self._ids.of(medium, 0) if medium.kind == "image" else self._timed(medium, frame)
        return f"{_VERSION}/annotations/{stem}.xml"

    def _timed(self, medium: ExportMedium, frame: int) -> str:
        return f"{medium.folder}/{PurePosixPath(medium.folder).name}_t{frame / medium.fps:.6f}"


class _Samples:
    """The samples of one medium; `keys` are their frames."""

    def __init__(self, labels: Labels, names: _Paths) -> None:
        self._labels = labels
        self._names = names
        self.keys = array("l")

    def of(self, frame: Frame, manifest: Spool) -> Iterator[Entry]:
        """The XML file of a sample; its line is added to `manifest`."""
        medium = self._labels.medium
        if medium.kind == "video" and not _is_key(frame):
            self._labels.report.add(BETWEEN, len(frame.shapes))
            return
        self.keys.append(frame.number)
        annotations = [_classification(label, frame.number) for label in frame.medium_labels]
        objects = list(self._objects(frame))
        if objects:
            path = self._names.xml(medium, frame.number)
            annotations.append(_detection([shape.object for shape in frame.shapes], path))
            yield Entry.of(path, self._xml(frame.number, objects))
        manifest.write(_line(self._sample(frame.number, annotations)))

    def unlabeled(self) -> Row:
        """The row of a video without samples."""
        return {"source": self._labels.medium.path, **self._usage(), "sample-type": 6}

    def _objects(self, frame: Frame) -> Iterator[str]:
        for shape in frame.shapes:
            objects = list(voc_objects(shape, self._labels.report))
            self._labels.report.add(NOTHING, not objects)
            yield from objects

    def _sample(self, frame: int, annotations: list[Row]) -> Row:
        medium = self._labels.medium
        sample: Row = {"source": self._names.image(medium, frame), **self._usage(), "sample-type": 0}
        if annotations:
            sample["annotation"] = annotations
        if medium.kind == "video":
            sample["property"] = {
                "@modelarts:parent_source": medium.path,
                "@modelarts:parent_duration": round(medium.frame_count / medium.fps, 6),
                "@modelarts:time_in_video": round(frame / medium.fps, 6),
            }
        return sample

    def _usage(self) -> Row:
        usage = _USAGE.get(self._labels.medium.subset)
        return {} if usage is None else {"usage": usage}

    def _xml(self, frame: int, objects: list[str]) -> bytes:
        medium, report = self._labels.medium, self._labels.report
        path = PurePosixPath(self._names.image(medium, frame))
        return (
            f"<annotation>\n<folder>{xml_text(str(path.parent), report)}</folder>\n"
            f"<filename>{xml_text(path.name, report)}</filename>\n<source><database>Unknown</database></source>\n"
            f"<size><width>{medium.width}</width><height>{medium.height}</height><depth>3</depth></size>\n"
            f"<segmented>0</segmented>\n{''.join(objects)}</annotation>\n"
        ).encode()


def _is_key(frame: Frame) -> bool:
    return any(shape.is_key for shape in frame.shapes) or any(
        keyframe.frame == frame.number for label in frame.medium_labels for keyframe in label.keyframes
    )


def _classification(label: MediumLabel, frame: int) -> Row:
    label_object = label.object
    row: Row = {"type": "modelarts/image_classification", "name": label_object.category, **_provenance([label_object])}
    attributes = {**label_object.attributes, **label_object.resolved_class.named(attributes_at(label.keyframes, frame))}
    attributes.pop(TYPE, None)
    if label_object.type is not None:
        attributes[TYPE] = label_object.type
    if attributes:
        row["property"] = {name: value_text(value) for name, value in attributes.items()}
    return row if label_object.state.score is None else {**row, "confidence": label_object.state.score}


def _detection(label_objects: Sequence[LabelObject], path: str) -> Row:
    kind = {"type": "modelarts/object_detection", "annotation-loc": path, "annotation-format": "PASCAL VOC"}
    return {**kind, **_provenance(label_objects)}


def _provenance(label_objects: Sequence[LabelObject]) -> Row:
    """The annotator and the time of the newest object."""
    is_machine = all(label_object.state.source == "model" for label_object in label_objects)
    row: Row = {"annotated-by": "modelarts/active-learning" if is_machine else "human"}
    newest = max(label_object.state.created_at or 0 for label_object in label_objects)
    if 0 < newest < _LAST_SECOND:
        row["creation-time"] = datetime.fromtimestamp(newest, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return row


def _line(row: Row) -> bytes:
    return orjson.dumps(row) + b"\n"
