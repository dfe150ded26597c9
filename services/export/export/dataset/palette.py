"""Classes in label images: each has a number, a name that its format can hold, and a unique colour."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from export.dataset.classes import Class
from export.dataset.dataset import Dataset
from export.dataset.label_maps import Color
from export.dataset.labels import Labels
from export.dataset.texts import REPLACED, ClassNames, Safe, in_batches, one_word

RECOLORED = "colors_replaced"
AS_BACKGROUND = "objects_as_background"
# Changes that a palette may make in any format.
CHANGED = (REPLACED, RECOLORED, AS_BACKGROUND)
# Where numbers have few bits.
UNNUMBERED = "instances_as_class"
UNKNOWN_CLASS = "lost_classes_without_number"
BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Paint:
    """The index, name and colour of a class; the background has index 0."""

    index: int
    name: str
    color: Color


class Palette:
    """The selected classes: those of missions have the missions' colours, others the next free ones of a fixed list. No
    two are alike, and none is black. `safe` makes names that the format can hold; some formats are not `colored`."""

    def __init__(self, dataset: Dataset, safe: Safe = one_word, *, colored: bool = True) -> None:
        self._dataset = dataset
        self._colored = colored
        self._names = ClassNames(dataset.report, safe, [BACKGROUND])
        self._paints = {BACKGROUND: Paint(0, BACKGROUND, (0, 0, 0))}
        self._taken = {(0, 0, 0)}
        for known in dataset.classes.all():
            self._of(known)

    def __iter__(self) -> Iterator[Paint]:
        """All classes so far, by index."""
        return iter(self._paints.values())

    def of(self, labels: Labels) -> list[Paint]:
        """The paint of each object of a medium."""
        classes = self._dataset.classes
        found = [self._of(classes.of(each.category, each.mission)) for each in labels.objects]
        self._dataset.report.add(AS_BACKGROUND, sum(not paint.index for paint in found))
        return found

    def _of(self, known: Class) -> Paint:
        found = self._paints.get(known.name)
        if found is None:
            index = len(self._paints)
            found = Paint(index, self._names.of(known.name), self._color(known, index))
            self._paints[known.name] = found
            self._taken.add(found.color)
        return found

    def _color(self, known: Class, index: int) -> Color:
        if not self._colored:
            return 0, 0, 0
        declared = self._declared(known)
        if declared is not None and declared not in self._taken:
            return declared
        self._dataset.report.add(RECOLORED, declared is not None)
        return next(color for color in map(scattered, count(index)) if color not in self._taken)

    def _declared(self, known: Class) -> Color | None:
        mission = self._dataset.vocabulary.mission(known.mission)
        for category in mission.categories if mission else ():
            if category.name == known.name:
                red, green, blue = bytes.fromhex(category.color[1:])
                return red, green, blue
        return None


def scattered(index: int) -> Color:
    """The PASCAL VOC colour of a number: neighbours look different, 0 is black; no two below 2^24 are the same."""
    channels = [0, 0, 0]
    for bit in range(24):
        channels[bit % 3] |= (index >> bit & 1) << (7 - bit // 3)
    red, green, blue = channels
    return red, green, blue


def color_lines(palette: Palette) -> Iterator[bytes]:
    """`label_colors.txt`: a line for each class, the background first."""
    return in_batches("{} {} {} {}\n".format(*paint.color, paint.name) for paint in palette)
