"""ModelArts manifest: a line of JSON for each sample, and VOC XML for what is drawn on it.

    annotation/V001/V001.manifest
    annotation/V001/annotations/<picture's path without its suffix>.xml
    images/<path>, images/<video>/<video>_t<seconds>.jpg      with pictures

Paths in the manifest are relative to the archive: put your bucket before them. A sample is an image, or a frame of a
video on which something has a keyframe: a picture of its own that is named by its time, in seconds with six decimals.
`property` says which video it is from and when. A file without labels is a sample without `annotation`, a video then
one of type 6. Labels of whole files are annotations of type image_classification; shapes are together one of type
object_detection, with the XML in `annotation-loc`. Beside boxes and ModelArts' own polygons, lines, circles and points
the XML has `dashed` and `polyline` with numbered points; attributes are in `attributes`, as in CVAT's VOC, those of
labels of whole files in `property`. `usage` tells subsets: train is TRAIN, val is EVAL, test is TEST.
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
    names, manifest = _Places(dataset), Spool()
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
    yield from _pictures(dataset, picked, names)


def _pictures(dataset: Dataset, picked: Sequence[ExportMedium], names: "_Places") -> Iterator[Entry]:
    """Those that are samples."""
    by_id = {medium.id: medium for medium in picked}
    wanted = [by_id.get(medium.id, medium) for medium in dataset.media]
    spared = sum(len(medium.frames) for medium in dataset.media) - sum(len(medium.frames) for medium in wanted)
    dataset.progress.total -= IMAGE_WEIGHT * spared
    for medium, picture in dataset.of(wanted).images():
        yield Entry(names.picture(medium, picture.frame), picture.chunks, picture.size_bytes, packed=True)


class _Places:
    """Where pictures and their XML lie."""

    def __init__(self, dataset: Dataset) -> None:
        self._ids = ImageIds(dataset.media, dataset.report)

    def picture(self, medium: ExportMedium, frame: int) -> str:
        """A frame's picture."""
        return f"images/{medium.path if medium.kind == 'image' else self._timed(medium, frame) + '.jpg'}"

    def xml(self, medium: ExportMedium, frame: int) -> str:
        """What is drawn on it."""
        stem = self._ids.of(medium, 0) if medium.kind == "image" else self._timed(medium, frame)
        return f"{_VERSION}/annotations/{stem}.xml"

    def _timed(self, medium: ExportMedium, frame: int) -> str:
        return f"{medium.folder}/{PurePosixPath(medium.folder).name}_t{frame / medium.fps:.6f}"


class _Samples:
    """The samples of one medium; `keys` are the frames that are some."""

    def __init__(self, labels: Labels, names: _Places) -> None:
        self._labels = labels
        self._names = names
        self.keys = array("l")

    def of(self, frame: Frame, manifest: Spool) -> Iterator[Entry]:
        """The XML of a frame that is a sample, and its line in `manifest`."""
        medium = self._labels.medium
        if medium.kind == "video" and not _is_key(frame):
            self._labels.report.add(BETWEEN, len(frame.shapes))
            return
        self.keys.append(frame.number)
        annotations = [_classification(label, frame.number) for label in frame.medium_labels]
        objects = list(self._objects(frame))
        if objects:
            place = self._names.xml(medium, frame.number)
            annotations.append(_detection([shape.object for shape in frame.shapes], place))
            yield Entry.of(place, self._xml(frame.number, objects))
        manifest.write(_line(self._sample(frame.number, annotations)))

    def unlabeled(self) -> Row:
        """A video of which no frame is a sample."""
        return {"source": self._labels.medium.path, **self._usage(), "sample-type": 6}

    def _objects(self, frame: Frame) -> Iterator[str]:
        for shape in frame.shapes:
            found = list(voc_objects(shape, self._labels.report))
            self._labels.report.add(NOTHING, not found)
            yield from found

    def _sample(self, frame: int, annotations: list[Row]) -> Row:
        medium = self._labels.medium
        sample: Row = {"source": self._names.picture(medium, frame), **self._usage(), "sample-type": 0}
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
        path = PurePosixPath(self._names.picture(medium, frame))
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
    found = label.object
    row: Row = {"type": "modelarts/image_classification", "name": found.category, **_made([found])}
    said = {**found.attributes, **found.resolved_class.named(attributes_at(label.keyframes, frame))}
    said.pop(TYPE, None)
    if found.type is not None:
        said[TYPE] = found.type
    if said:
        row["property"] = {name: value_text(value) for name, value in said.items()}
    return row if found.state.score is None else {**row, "confidence": found.state.score}


def _detection(found: Sequence[LabelObject], place: str) -> Row:
    kind = {"type": "modelarts/object_detection", "annotation-loc": place, "annotation-format": "PASCAL VOC"}
    return {**kind, **_made(found)}


def _made(found: Sequence[LabelObject]) -> Row:
    """By whom and when; the time is that of the newest object."""
    machine = all(one.state.source == "model" for one in found)
    row: Row = {"annotated-by": "modelarts/active-learning" if machine else "human"}
    newest = max(one.state.created_at or 0 for one in found)
    if 0 < newest < _LAST_SECOND:
        row["creation-time"] = datetime.fromtimestamp(newest, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return row


def _line(row: Row) -> bytes:
    return orjson.dumps(row) + b"\n"
