"""Open Images V6 1.0: tables of boxes, masks and image labels per subset, each only if it has rows.

    annotations/class-descriptions.csv, annotations/bbox_labels_600_hierarchy.json
    annotations/<subset>-images-with-rotation.csv              every frame
    annotations/<subset>-annotations-human-imagelabels.csv     labels of whole images
    annotations/<subset>-annotations-bbox.csv
    annotations/<subset>-annotations-object-segmentation.csv   with masks/<subset>/<mask>.png
    annotations/images.meta                                    the size of each image: id, height, width
    images/<subset>/<id>.jpg

An image's id is its path without suffix. Coordinates are relative to the image size; boxes are clipped to the image.
Areas other than boxes are masks of the image's size with 1 inside; their score is the `PredictedIoU`. There are columns
for four attributes; -1 means unknown.
"""

from collections.abc import Iterable, Iterator, Sequence
from shlex import quote
from typing import Any

import numpy as np
import orjson

from common.geometry.masks import decode_bitmap
from common.geometry.types import Bitmap
from common.service.csv import csv_bytes, csv_chunks
from export.codecs.png import GRAY, Rows, png
from export.codecs.spool import Spool
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import Tags
from export.dataset.known_attributes import KnownAttributes, truth
from export.dataset.label_maps import pixels
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.rows import NOTHING, axis_aligned_boxes, cut
from export.dataset.shapes import Frame, Shape
from export.dataset.texts import folder_name, in_batches
from export.formats.image_entries import image_entries

KNOWN = KnownAttributes(("truncated", "is_group_of", "is_depiction", "is_inside"))
NOT_BOOLEAN = "lost_not_boolean"
AREA_ATTRIBUTES = "lost_attributes_of_areas"
_IMAGES = (
    "ImageID,Subset,OriginalURL,OriginalLandingURL,License,AuthorProfileURL,Author,Title,OriginalSize,OriginalMD5,"
    "Thumbnail300KURL,Rotation"
)
_HEADS = {
    "human-imagelabels": "ImageID,Source,LabelName,Confidence",
    "bbox": "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,"
    "IsInside",
    "object-segmentation": "MaskPath,ImageID,LabelName,BoxID,BoxXMin,BoxXMax,BoxYMin,BoxYMax,PredictedIoU,Clicks",
}
_BAND = 256


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids = ImageIds(dataset.media, dataset.report)
    for subset, part in dataset.subsets():
        yield Entry(f"annotations/{subset}-images-with-rotation.csv", csv_chunks(_images(part, ids)))
        tables = _Tables(part, subset, ids)
        for labels in part.labels():
            yield from tables.add(labels)
        yield from tables.files()
    names = [label_class.name for label_class in dataset.classes.all()]
    yield Entry.of("annotations/class-descriptions.csv", csv_bytes([(name, name) for name in names]))
    yield Entry.of("annotations/bbox_labels_600_hierarchy.json", _hierarchy(names))
    yield Entry("annotations/images.meta", in_batches(_sizes(dataset, ids)))
    yield from image_entries(dataset, lambda medium, frame: f"images/{medium.subset}/{ids.file(medium, frame)}")


def _images(part: Dataset, ids: ImageIds) -> Iterator[Sequence[str]]:
    columns = _IMAGES.split(",")
    yield columns
    rest = ("",) * (len(columns) - 2)
    for medium in part.media:
        for frame in medium.frames:
            yield ids.of(medium, frame), medium.subset, *rest


def _sizes(dataset: Dataset, ids: ImageIds) -> Iterator[str]:
    for medium in dataset.media:
        for frame in medium.frames:
            yield f"{quote(ids.of(medium, frame))} {medium.height} {medium.width}\n"


def _hierarchy(names: Iterable[str]) -> bytes:
    """A tree with only a root, whose name must not be a class name."""
    taken = set(names)
    root = next(name for name in (f"/m/{number}" for number in range(len(taken) + 1)) if name not in taken)
    return orjson.dumps({"LabelName": root, "Subcategory": []}) + b"\n"


class _Tables:
    """The tables of a subset, which are collected while masks are written."""

    def __init__(self, part: Dataset, subset: str, ids: ImageIds) -> None:
        self._part, self._subset, self._ids = part, subset, ids
        self._mask_ids = ImageIds(part.media, part.report, flat=True)
        self._spools = {kind: Spool() for kind in _HEADS}

    def add(self, labels: Labels) -> Iterator[Entry]:
        """Add the rows of a medium; yields its masks."""
        _count(labels)
        tags = Tags(self._part)
        tags.add(labels)
        for frame in labels.frames():
            image = self._ids.of(labels.medium, frame.number)
            tagged = [(image, "", tag.name, _score(tag.score)) for tag in tags.on(labels.medium, frame.number)]
            self._write("human-imagelabels", tagged)
            boxes = [shape for shape in frame.shapes if isinstance(shape.geometry, tuple)]
            if boxes:
                self._write("bbox", _boxes(boxes, image, labels))
            if len(boxes) < len(frame.shapes):
                yield from self._masks(frame, image, labels)

    def files(self) -> Iterator[Entry]:
        """The tables with at least one row."""
        for kind, spool in self._spools.items():
            if spool.size_bytes:
                yield Entry(f"annotations/{self._subset}-annotations-{kind}.csv", spool.chunks())

    def _write(self, kind: str, rows: Iterable[Sequence[Any]]) -> None:
        spool = self._spools[kind]
        if text := csv_bytes(rows):
            spool.write(text if spool.size_bytes else csv_bytes([_HEADS[kind].split(",")]) + text)

    def _masks(self, frame: Frame, image: str, labels: Labels) -> Iterator[Entry]:
        medium = labels.medium
        for number, shape in enumerate(frame.shapes):
            if isinstance(shape.geometry, tuple):
                continue
            mask = pixels(shape.geometry, (medium.width, medium.height), labels.report)
            if mask is None:
                continue
            name, box = shape.object.category, f"{number:08x}"
            path = f"{self._mask_ids.of(medium, frame.number)}_{folder_name(name)[:40]}_{box}.png"
            edges = _relative((mask.x, mask.y, mask.x + mask.width, mask.y + mask.height), medium)
            score = "" if shape.score is None else _score(shape.score)
            self._write("object-segmentation", [(path, image, name, box, *edges, score, "")])
            yield Entry(f"masks/{self._subset}/{path}", png(_bands(mask, medium), medium.width, medium.height, GRAY))


def _count(labels: Labels) -> None:
    """Reports the attributes for which the format has no column."""
    KNOWN.count_others(labels, labels.report)
    for index, label_object in enumerate(labels.objects):
        rows = labels.keyframes.rows_of(index)
        attributes = label_object.attributes or labels.keyframes.attributes_of(index)
        if label_object.kind != "bbox" and (attributes or labels.keyframes.occluded[rows.start : rows.stop].any()):
            labels.report.add(AREA_ATTRIBUTES)


def _boxes(shapes: Sequence[Shape], image: str, labels: Labels) -> Iterator[Sequence[Any]]:
    edges = cut(axis_aligned_boxes(shapes), labels.medium, labels.report)
    for shape, (x1, y1, x2, y2) in zip(shapes, edges.tolist(), strict=True):
        if x1 >= x2 or y1 >= y2:
            labels.report.add(NOTHING)
            continue
        attributes = (int(shape.occluded), *(_boolean(shape, name, labels) for name in KNOWN.names))
        coordinates = _relative((round(x1, 2), round(y1, 2), round(x2, 2), round(y2, 2)), labels.medium)
        yield image, "", shape.object.category, _score(shape.score), *coordinates, *attributes


def _boolean(shape: Shape, name: str, labels: Labels) -> int:
    if name not in shape.attributes:
        return -1
    value = truth(shape.attributes[name])
    labels.report.add(NOT_BOOLEAN, value is None)
    return -1 if value is None else int(value)


def _score(score: float | None) -> str:
    return "1" if score is None else f"{score:.6g}"


def _relative(box_xyxy: tuple[float, float, float, float], medium: ExportMedium) -> list[str]:
    """Left, right, top and bottom, relative to the image size."""
    x1, y1, x2, y2 = box_xyxy
    coordinates = x1 / medium.width, x2 / medium.width, y1 / medium.height, y2 / medium.height
    return [f"{coordinate:.9g}" for coordinate in coordinates]


def _bands(bitmap: Bitmap, medium: ExportMedium) -> Iterator[Rows]:
    """The mask image's rows, 1 inside the bitmap."""
    mask = decode_bitmap(bitmap)
    for top in range(0, medium.height, _BAND):
        band = np.zeros((min(_BAND, medium.height - top), medium.width), np.uint8)
        first, last = max(top, bitmap.y), min(top + len(band), bitmap.y + bitmap.height)
        if first < last:
            rows = mask[first - bitmap.y : last - bitmap.y]
            band[first - top : last - top, bitmap.x : bitmap.x + bitmap.width] = rows
        yield band
