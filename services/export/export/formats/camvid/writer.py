"""CamVid 1.0: one picture of classes for each frame.

`<subset>annot/<frame>.png`, for frames with shapes only, has the colours of classes; which pixels belong to which
object is not told. `<subset>.txt` names for every frame its picture in `<subset>/` and, where there is one, that of its
classes, in quotes where a path has blanks. `label_colors.txt` comes after them, because objects may name classes that
no mission declares.
"""

from collections.abc import Iterator

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.label_maps import Color, rasterize_shapes
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.palette import Palette, color_lines
from export.dataset.shapes import Shape
from export.dataset.texts import in_batches

MERGED = "shapes_merged"


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids, palette = ImageIds(dataset.media, dataset.report), Palette(dataset)
    for subset, part in dataset.subsets():
        # One byte a frame: whether there is a picture of its classes.
        annotated = {medium.id: bytearray(medium.frame_count) for medium in part.media}
        for labels in part.labels():
            yield from _masks(labels, ids, palette, annotated[labels.medium.id])
        yield Entry(f"{subset}.txt", in_batches(_lines(part, ids, annotated)))
    yield Entry("label_colors.txt", color_lines(palette))
    for medium, picture in dataset.images():
        name = f"{medium.subset}/{ids.file(medium, picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


def _masks(labels: Labels, ids: ImageIds, palette: Palette, annotated: bytearray) -> Iterator[Entry]:
    paints = palette.of(labels)

    def color_of(_: int, shape: Shape) -> Color:
        return paints[shape.object_index].color

    for frame in labels.frames():
        label_map = rasterize_shapes(frame.shapes, labels.medium, labels.report)
        if label_map is not None:
            annotated[frame.number] = True
            classes = {paints[shape.object_index].index for _, shape in label_map.seen()}
            labels.report.add(MERGED, len(label_map.visible) - len(classes))
            yield label_map.colored(_mask_path(ids, labels.medium, frame.number), color_of)


def _lines(part: Dataset, ids: ImageIds, annotated: dict[str, bytearray]) -> Iterator[str]:
    for medium in part.media:
        for frame in medium.frames:
            picture = f"/{medium.subset}/{ids.file(medium, frame)}"
            mask = _mask_path(ids, medium, frame) if annotated[medium.id][frame] else ""
            if len(picture.split()) > 1:
                picture, mask = f'"{picture}"', mask and f'"{mask}"'
            yield f"{picture} {mask}\n"


def _mask_path(ids: ImageIds, medium: ExportMedium, frame: int) -> str:
    return f"{medium.subset}annot/{ids.of(medium, frame)}.png"
