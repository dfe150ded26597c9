"""Segmentation mask 1.1: PASCAL VOC's pictures of classes and of instances.

`SegmentationClass/<frame>.png` has the colours of classes, `SegmentationObject/<frame>.png` those of instances:
the n-th shape that is seen on a frame has the n-th colour of VOC's palette. Both are RGB, and there for frames with
shapes only; `ImageSets/Segmentation/<subset>.txt` names every frame. Of the 256 colours that readers know for
instances, the last one is the border of things: shapes after the 254th have their class's colour only.
`labelmap.txt` comes last, because objects may name classes that no mission declares.
"""

from collections.abc import Iterator

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.label_maps import rasterize_shapes
from export.dataset.labels import Labels
from export.dataset.palette import Palette
from export.dataset.texts import in_batches
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
    for medium, picture in dataset.images():
        name = f"JPEGImages/{ids.file(medium, picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


def _masks(labels: Labels, ids: ImageIds, palette: Palette) -> Iterator[Entry]:
    paints = palette.of(labels)
    for frame in labels.frames():
        label_map = rasterize_shapes(frame.shapes, labels.medium, labels.report)
        if label_map is not None:
            yield from masks(label_map, ids.of(labels.medium, frame.number), paints, labels.report)
