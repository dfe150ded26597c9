"""MOTS PNG 1.0: objects tracked as instance masks.

`<subset>/instances/<frame>.png`, with 16 bits and only for frames with shapes, has class · 1000 + the object's number:
classes from 1 in the order of `<subset>/instances/labels.txt`, objects from 1 in each medium. Objects beyond 16 bits
are omitted. Images are in `<subset>/images/`. Class names follow the masks, because objects may have classes that no
mission declares.
"""

from collections.abc import Iterator

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.label_maps import rasterize_shapes
from export.dataset.labels import Labels
from export.dataset.palette import Palette
from export.dataset.shapes import Shape
from export.dataset.texts import one_line
from export.formats.image_entries import image_entries

UNNUMBERED = "lost_objects_without_number"
_MOST_OBJECTS, _MOST = 999, 65_535


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids, palette = ImageIds(dataset.media, dataset.report), Palette(dataset, one_line, colored=False)
    for _, part in dataset.subsets():
        for labels in part.labels():
            yield from _masks(labels, ids, palette)
    names = "".join(f"{paint.name}\n" for paint in palette if paint.index).encode()
    for subset, _ in dataset.subsets():
        yield Entry.of(f"{subset}/instances/labels.txt", names)
    yield from image_entries(dataset, lambda medium, frame: f"{medium.subset}/images/{ids.file(medium, frame)}")


def _masks(labels: Labels, ids: ImageIds, palette: Palette) -> Iterator[Entry]:
    values = [_value(paint.index, number) for number, paint in enumerate(palette.of(labels), 1)]
    labels.report.add(UNNUMBERED, values.count(None))

    def value_of(_: int, shape: Shape) -> int:
        return values[shape.object_index] or 0

    for frame in labels.frames():
        shapes = [shape for shape in frame.shapes if values[shape.object_index] is not None]
        label_map = rasterize_shapes(shapes, labels.medium, labels.report)
        if label_map is not None:
            yield label_map.numbered(
                f"{labels.medium.subset}/instances/{ids.of(labels.medium, frame.number)}.png", value_of
            )


def _value(index: int, number: int) -> int | None:
    """The value of an object; 0 for the background, None if it exceeds 16 bits."""
    if not index:
        return 0
    value = index * 1000 + number
    return value if number <= _MOST_OBJECTS and value <= _MOST else None
