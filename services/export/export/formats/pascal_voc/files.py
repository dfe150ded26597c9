"""Files of PASCAL VOC that several formats share: the label map, and class and instance masks."""

from collections.abc import Iterator, Sequence

from export.codecs.zip import Entry
from export.dataset.label_maps import Color, LabelMap
from export.dataset.loss_report import LossReport
from export.dataset.palette import UNNUMBERED, Paint, Palette, scattered
from export.dataset.shapes import Shape
from export.dataset.texts import one_line

# Readers know 256 instance colors, of which the last one marks borders.
MOST_INSTANCES = 254


def label_field(name: str) -> str:
    """The name without characters that would end its field or make its line a comment."""
    return one_line(name).replace(":", "_").replace("#", "_")


def label_map_lines(palette: Palette) -> Iterator[str]:
    """The lines of `labelmap.txt`."""
    yield "# label:color_rgb:parts:actions\n"
    for paint in palette:
        yield "{}:{},{},{}::\n".format(paint.name, *paint.color)


def masks(label_map: LabelMap, item: str, paints: Sequence[Paint], report: LossReport) -> Iterator[Entry]:
    """The class and instance masks of a frame; `paints` are those of the medium's objects."""

    def class_color(_: int, shape: Shape) -> Color:
        return paints[shape.object_index].color

    def instance_color(number: int, shape: Shape) -> Color:
        return scattered(number) if paints[shape.object_index].index and number <= MOST_INSTANCES else (0, 0, 0)

    report.add(UNNUMBERED, max(len(label_map.visible) - MOST_INSTANCES, 0))
    yield label_map.colored(f"SegmentationClass/{item}.png", class_color)
    yield label_map.colored(f"SegmentationObject/{item}.png", instance_color)
