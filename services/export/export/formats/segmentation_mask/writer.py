"""Segmentation mask 1.1: PASCAL VOC's class and instance masks.

`SegmentationClass/<frame>.png` has class colors, `SegmentationObject/<frame>.png` instance colors: the n-th visible
shape of a frame has the n-th color of VOC's palette. Both are RGB, only for frames with shapes;
`ImageSets/Segmentation/<subset>.txt` lists every frame. Readers know 256 instance colors, of which the last one marks
borders: shapes after the 254th have only their class color. `labelmap.txt` comes last, because objects may have classes
that no mission declares.
"""

from collections.abc import Iterator

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.label_maps import rasterize_shapes
from export.dataset.labels import Labels
from export.dataset.palette import Palette
from export.dataset.texts import in_batches
from export.formats.image_entries import image_entries
from export.formats.pascal_voc.files import label_field, label_map_lines, masks


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids, palette = ImageIds(dataset.media, dataset.report), Palette(dataset, label_field)
    for subset, part in dataset.subsets():
        for labels in part.labels():
            yield from _masks(labels, ids, palette)
        frames = (f"{ids.of(medium, frame)}\n" for medium in part.media for frame in medium.frames)
        yield Entry(f"ImageSets/Segmentation/{subset}.txt", in_batches(frames))
    yield Entry("labelmap.txt", in_batches(label_map_lines(palette)))
    yield from image_entries(dataset, lambda medium, frame: f"JPEGImages/{ids.file(medium, frame)}")


def _masks(labels: Labels, ids: ImageIds, palette: Palette) -> Iterator[Entry]:
    paints = palette.of(labels)
    for frame in labels.frames():
        label_map = rasterize_shapes(frame.shapes, labels.medium, labels.report)
        if label_map is not None:
            yield from masks(label_map, ids.of(labels.medium, frame.number), paints, labels.report)
