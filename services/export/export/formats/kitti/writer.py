"""KITTI 1.0: boxes as text rows, all other areas as masks.

`<subset>/label_2/<frame>.txt`, only for frames with boxes, has a row of 16 fields per box: class, truncated, occluded,
alpha, x1 y1 x2 y2, seven three-dimensional fields that are always -1, and the score, 1.0 if there is none. `truncated`
is the attribute of that name. Rotated boxes and other areas are masks: `<subset>/instance/<frame>.png` holds
class · 256 + the shape's number on the frame from 1, `<subset>/semantic/` the class, both with 16 bits, and
`<subset>/semantic_rgb/` its color. Readers use either the boxes or the masks. `label_colors.txt`, whose n-th line is
class n from 0, comes last, because objects may have classes that no mission declares.
"""

from collections.abc import Iterator

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.known_attributes import KnownAttributes, truth
from export.dataset.label_maps import LabelMap, rasterize_shapes
from export.dataset.labels import Labels
from export.dataset.palette import UNNUMBERED, Palette, color_lines
from export.dataset.shapes import Frame, Shape
from export.formats.class_masks import ClassMasks
from export.formats.image_entries import image_entries

ROTATED = "rotated_boxes_as_masks"
MASK_PROPERTIES = "lost_mask_properties"
ATTRIBUTES = KnownAttributes(("truncated",))
_MOST_INSTANCES, _INSTANCED_CLASSES, _MOST_CLASSES = 255, 255, 65_535
_ROW = "%s %s %d -1 %.2f %.2f %.2f %.2f -1 -1 -1 -1 -1 -1 -1 %s\n"


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids, palette = ImageIds(dataset.media, dataset.report), Palette(dataset)
    for subset, part in dataset.subsets():
        for labels in part.labels():
            ATTRIBUTES.count_others(labels, dataset.report)
            yield from _Writer(labels, ids, palette, subset).entries()
    yield Entry("label_colors.txt", color_lines(palette))
    yield from image_entries(dataset, lambda medium, frame: f"{medium.subset}/image_2/{ids.file(medium, frame)}")


class _Writer:
    """Writes the frames of one medium."""

    def __init__(self, labels: Labels, ids: ImageIds, palette: Palette, subset: str) -> None:
        self._labels = labels
        self._ids = ids
        self._subset = subset
        self._classes = ClassMasks(labels, palette, _MOST_CLASSES)
        self._names = [paint.name for paint in self._classes.paints]
        self._report = labels.report

    def entries(self) -> Iterator[Entry]:
        """The files of all frames with shapes."""
        keyframes = self._labels.keyframes
        if keyframes.is_plain and not keyframes.tracks.boxes_xyxyr[:, 4].any():
            for frame in self._labels.frames():
                yield from self._boxes(frame, frame.shapes)
            return
        for frame in self._labels.frames():
            boxes = [shape for shape in frame.shapes if _is_upright(shape)]
            yield from self._boxes(frame, boxes)
            yield from self._masks(frame, [shape for shape in frame.shapes if not _is_upright(shape)])

    def _boxes(self, frame: Frame, boxes: list[Shape]) -> Iterator[Entry]:
        if boxes:
            rows = "".join(map(self._row, boxes)).encode()
            yield Entry.of(f"{self._subset}/label_2/{self._ids.of(self._labels.medium, frame.number)}.txt", rows)

    def _row(self, box: Shape) -> str:
        geometry = box.geometry
        assert isinstance(geometry, tuple)
        x1, y1, x2, y2, _ = geometry
        if x1 > x2 or y1 > y2:
            x1, y1, x2, y2 = min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
        truncated = _truncated(box) if "truncated" in box.attributes else 0.0
        score = 1.0 if box.score is None else box.score
        if x1 <= 0 or y1 <= 0:
            # Adding 0.0 turns -0.0 into 0.0.
            x1, y1, x2, y2 = (round(corner, 2) + 0.0 for corner in (x1, y1, x2, y2))
        return _ROW % (self._names[box.object_index], truncated, box.occluded, x1, y1, x2, y2, score)

    def _masks(self, frame: Frame, shapes: list[Shape]) -> Iterator[Entry]:
        self._report.add(ROTATED, sum(isinstance(shape.geometry, tuple) for shape in shapes))
        self._report.add(MASK_PROPERTIES, sum(shape.occluded or shape.score is not None for shape in shapes))
        label_map = rasterize_shapes(shapes, self._labels.medium, self._report)
        if label_map is not None:
            yield from self._mask_entries(label_map, self._ids.of(self._labels.medium, frame.number))

    def _mask_entries(self, label_map: LabelMap, item: str) -> Iterator[Entry]:
        yield label_map.numbered(f"{self._subset}/instance/{item}.png", self._instance)
        yield label_map.numbered(f"{self._subset}/semantic/{item}.png", self._classes.number)
        yield label_map.colored(f"{self._subset}/semantic_rgb/{item}.png", self._classes.color)

    def _instance(self, number: int, shape: Shape) -> int:
        index = self._classes.index(shape)
        if not index:
            return 0
        is_numbered = number <= _MOST_INSTANCES and index <= _INSTANCED_CLASSES
        self._report.add(UNNUMBERED, not is_numbered)
        return index * 256 + number * is_numbered if index <= _INSTANCED_CLASSES else 0


def _is_upright(shape: Shape) -> bool:
    return isinstance(shape.geometry, tuple) and not shape.geometry[4]


def _truncated(box: Shape) -> float:
    """The share of the object outside the image, from 0 to 1, as its attribute gives it."""
    value = box.attributes["truncated"]
    if isinstance(value, int | float):
        return min(max(float(value), 0.0), 1.0)
    return 1.0 if truth(value) else 0.0
