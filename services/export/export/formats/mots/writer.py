"""MOTS PNG 1.0: objects followed through their frames, as pixels.

`<subset>/instances/<frame>.png`, of 16 bits and for frames with shapes only, has class · 1000 + the object's number:
classes from 1 in the order of `<subset>/instances/labels.txt`, objects from 1 in each file. What 16 bits cannot number
is left out. Pictures lie in `<subset>/images/`. The names of classes come after the masks, because objects may name
classes that no mission declares.
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
    for medium, picture in dataset.images():
        name = f"{medium.subset}/images/{ids.file(medium, picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


def _masks(labels: Labels, ids: ImageIds, palette: Palette) -> Iterator[Entry]:
    codes = [_code(paint.index, number) for number, paint in enumerate(palette.of(labels), 1)]
    labels.report.add(UNNUMBERED, codes.count(None))

    def code_of(_: int, shape: Shape) -> int:
        return codes[shape.object_index] or 0

    for frame in labels.frames():
        shapes = [shape for shape in frame.shapes if codes[shape.object_index] is not None]
        label_map = rasterize_shapes(shapes, labels.medium, labels.report)
        if label_map is not None:
            yield label_map.numbered(
                f"{labels.medium.subset}/instances/{ids.of(labels.medium, frame.number)}.png", code_of
            )


def _code(index: int, number: int) -> int | None:
    """What stands for an object; 0 for the background, None where 16 bits do not suffice."""
    if not index:
        return 0
    code = index * 1000 + number
    return code if number <= _MOST_OBJECTS and code <= _MOST else None
