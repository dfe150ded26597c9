"""Segmentation mask 1.1: PASCAL VOC's pictures of classes and of instances.

`SegmentationClass/<frame>.png` has the colours of classes, `SegmentationObject/<frame>.png` those of instances:
the n-th shape that is seen on a frame has the n-th colour of VOC's palette. Both are RGB, and there for frames with
shapes only; `ImageSets/Segmentation/<subset>.txt` names every frame. Of the 256 colours that readers know for
instances, the last one is the border of things: shapes after the 254th have their class's colour only.
`labelmap.txt` comes last, because objects may name classes that no mission declares.
"""

from collections.abc import Iterator

from export.domain.archive import Entry
from export.domain.dataset import Dataset
from export.domain.formats.format import ArchiveFormat
from export.domain.labels import Labels
from export.domain.painting import CARRIES, LEFT_OUT, Color, paint
from export.domain.palette import CHANGED, UNNUMBERED, Palette, scattered
from export.domain.pictureids import PictureIds
from export.domain.shape import Shape
from export.domain.texts import in_batches, one_line

MOST_INSTANCES = 254


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids, palette = PictureIds(dataset.media, dataset.report), Palette(dataset, _field)
    for subset, part in dataset.parts():
        for labels in part.labels(CARRIES):
            yield from _masks(labels, ids, palette)
        frames = (f"{ids.of(medium, frame)}\n" for medium in part.media for frame in medium.frames)
        yield Entry(f"ImageSets/Segmentation/{subset}.txt", in_batches(frames))
    yield Entry("labelmap.txt", in_batches(_label_map(palette)))
    for medium, picture in dataset.pictures():
        name = f"JPEGImages/{ids.file(medium, picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


FORMAT = ArchiveFormat("Segmentation mask 1.1", CARRIES, write, (*LEFT_OUT, *CHANGED, UNNUMBERED))


def _masks(labels: Labels, ids: PictureIds, palette: Palette) -> Iterator[Entry]:
    paints = palette.of(labels)

    def class_color(_: int, shape: Shape) -> Color:
        return paints[shape.object_index].color

    def instance_color(place: int, shape: Shape) -> Color:
        return scattered(place) if paints[shape.object_index].index and place <= MOST_INSTANCES else (0, 0, 0)

    for frame in labels.frames():
        painting = paint(frame.shapes, labels.medium, labels.report)
        if painting is not None:
            labels.report.drop(UNNUMBERED, max(len(painting.visible) - MOST_INSTANCES, 0))
            item = ids.of(labels.medium, frame.number)
            yield painting.colored(f"SegmentationClass/{item}.png", class_color)
            yield painting.colored(f"SegmentationObject/{item}.png", instance_color)


def _label_map(palette: Palette) -> Iterator[str]:
    yield "# label:color_rgb:parts:actions\n"
    for known in palette:
        yield "{}:{},{},{}::\n".format(known.name, *known.color)


def _field(name: str) -> str:
    """A name that neither ends its field nor makes its line a comment."""
    return one_line(name).replace(":", "_").replace("#", "_")
