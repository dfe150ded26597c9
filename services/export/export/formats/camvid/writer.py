"""CamVid 1.0: one class mask per frame.

`<subset>annot/<frame>.png`, only for frames with shapes, has the colors of the classes; objects are not distinguished.
`<subset>.txt` lists every frame: its image in `<subset>/` and its mask, if it has one, in quotes if a path contains
spaces. `label_colors.txt` comes last, because objects may have classes that no mission declares.
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
from export.formats.image_entries import image_entries

MERGED = "shapes_merged"


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids, palette = ImageIds(dataset.media, dataset.report), Palette(dataset)
    for subset, part in dataset.subsets():
        # One byte per frame: whether it has a mask.
        annotated = {medium.id: bytearray(medium.frame_count) for medium in part.media}
        for labels in part.labels():
            yield from _masks(labels, ids, palette, annotated[labels.medium.id])
        yield Entry(f"{subset}.txt", in_batches(_lines(part, ids, annotated)))
    yield Entry("label_colors.txt", color_lines(palette))
    yield from image_entries(dataset, lambda medium, frame: f"{medium.subset}/{ids.file(medium, frame)}")


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
            image = f"/{medium.subset}/{ids.file(medium, frame)}"
            mask = _mask_path(ids, medium, frame) if annotated[medium.id][frame] else ""
            if len(image.split()) > 1:
                image, mask = f'"{image}"', mask and f'"{mask}"'
            yield f"{image} {mask}\n"


def _mask_path(ids: ImageIds, medium: ExportMedium, frame: int) -> str:
    return f"{medium.subset}annot/{ids.of(medium, frame)}.png"
