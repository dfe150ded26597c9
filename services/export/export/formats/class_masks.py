"""Colors and numbers of classes in the masks of Cityscapes and KITTI."""

from export.dataset.label_maps import Color
from export.dataset.labels import Labels
from export.dataset.palette import UNKNOWN_CLASS, Paint, Palette
from export.dataset.shapes import Shape


class ClassMasks:
    """The classes of one medium's objects; classes above `most_classes` are reported and written as background."""

    def __init__(self, labels: Labels, palette: Palette, most_classes: int) -> None:
        self.paints: list[Paint] = palette.of(labels)
        self._report = labels.report
        self._most_classes = most_classes

    def color(self, _: int, shape: Shape) -> Color:
        """The color of the shape's class."""
        return self.paints[shape.object_index].color

    def index(self, shape: Shape) -> int:
        """The number of the shape's class; 0 for the background."""
        return self.paints[shape.object_index].index

    def number(self, _: int, shape: Shape) -> int:
        """The number of the shape's class, or 0 if it is too large."""
        index = self.index(shape)
        self._report.add(UNKNOWN_CLASS, index > self._most_classes)
        return index if index <= self._most_classes else 0
