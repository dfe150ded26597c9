"""Cityscapes 1.0: class and instance masks.

Below `gtFine/<subset>/`, only for frames with shapes: `<frame>_gtFine_color.png` with class colors,
`…_gtFine_labelIds.png` with 8-bit class numbers, and `…_gtFine_instanceIds.png` with 16-bit values, class · 1000 + the
shape's number on the frame from 1. Shapes whose attribute `is_crowd` is true have the class number alone. Images are
`imgsFine/leftImg8bit/<subset>/<frame>_leftImg8bit` with their own suffix. `label_colors.txt`, whose n-th line is class
n from 0, comes last, because objects may have classes that no mission declares.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from export.codecs.png import GRAY
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.known_attributes import KnownAttributes, truth
from export.dataset.label_maps import LabelMap, rasterize_shapes
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.palette import UNNUMBERED, Palette, color_lines
from export.dataset.shapes import Shape
from export.formats.camvid.writer import MERGED
from export.formats.class_masks import ClassMasks
from export.formats.image_entries import image_entries

ATTRIBUTES = KnownAttributes(("is_crowd",))
_MOST_CLASSES, _MOST_INSTANCES, _MOST = 255, 999, 65_535


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids, palette = ImageIds(dataset.media, dataset.report), Palette(dataset)
    for subset, part in dataset.subsets():
        for labels in part.labels():
            ATTRIBUTES.count_others(labels, dataset.report)
            yield from _Writer(labels, ids, palette, subset).entries()
    yield Entry("label_colors.txt", color_lines(palette))

    def image_path(medium: ExportMedium, frame: int) -> str:
        suffix = PurePosixPath(medium.frame_path(frame)).suffix
        return f"imgsFine/leftImg8bit/{medium.subset}/{ids.of(medium, frame)}_leftImg8bit{suffix}"

    yield from image_entries(dataset, image_path)


class _Writer:
    """Writes the frames of one medium."""

    def __init__(self, labels: Labels, ids: ImageIds, palette: Palette, subset: str) -> None:
        self._labels = labels
        self._ids = ids
        self._subset = subset
        self._classes = ClassMasks(labels, palette, _MOST_CLASSES)

    def entries(self) -> Iterator[Entry]:
        """The masks of all frames with shapes."""
        for frame in self._labels.frames():
            label_map = rasterize_shapes(frame.shapes, self._labels.medium, self._labels.report)
            if label_map is not None:
                yield from self._entries(label_map, self._ids.of(self._labels.medium, frame.number))

    def _entries(self, label_map: LabelMap, item: str) -> Iterator[Entry]:
        crowds = [
            self._classes.index(shape) for _, shape in label_map.seen() if truth(shape.attributes.get("is_crowd"))
        ]
        self._labels.report.add(MERGED, len(crowds) - len(set(crowds)))
        begin = f"gtFine/{self._subset}/{item}_gtFine"
        yield label_map.colored(f"{begin}_color.png", self._classes.color)
        yield label_map.numbered(f"{begin}_labelIds.png", self._classes.number, GRAY)
        yield label_map.numbered(f"{begin}_instanceIds.png", self._instance)

    def _instance(self, number: int, shape: Shape) -> int:
        index = self._classes.index(shape)
        if not index or index > _MOST_CLASSES:
            return 0
        if truth(shape.attributes.get("is_crowd")):
            return index
        value = index * 1000 + number
        is_numbered = number <= _MOST_INSTANCES and value <= _MOST
        self._labels.report.add(UNNUMBERED, not is_numbered)
        return value if is_numbered else index
