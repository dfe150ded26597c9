"""ICDAR Segmentation 1.0: characters as pixels.

`<subset>/<frame>_GT.txt`, for every frame, has a line per character: `R G B cx cy x1 y1 x2 y2 "c"`, its color in
`<subset>/<frame>_GT.bmp`, its center (`- -` if unknown), the bounding box of its pixels, and the character. The line of
a space starts with `#`; an empty line separates groups. The mask, only for frames with shapes, is white outside the
characters. Values come from attributes: `text`, `index` (the order of characters), `center` ("x y") and `color`
("r g b", if it is unused). Readers split lines at spaces: spaces in texts become `_`.
"""

import re
from collections.abc import Iterator
from itertools import count
from math import inf, isnan
from typing import Any, NamedTuple

from export.codecs.png import RGB, bmp, bmp_size
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.known_attributes import KnownAttributes
from export.dataset.label_maps import Color, LabelMap, rasterize_shapes
from export.dataset.labels import Labels
from export.dataset.loss_report import LossReport
from export.dataset.palette import scattered
from export.dataset.shapes import Frame, Shape
from export.dataset.texts import clean, one_word
from export.formats.image_entries import image_entries

ATTRIBUTES = KnownAttributes(("text", "index", "center", "color"))
CLASSES = "classes_as_icdar"
_CLASS = "icdar"
_WHITE = (255, 255, 255)
_BYTE = re.compile(r"[0-9]{1,3}")


class _Character(NamedTuple):
    """A visible shape with its number in the label map and its color."""

    number: int
    shape: Shape
    color: Color


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids = ImageIds(dataset.media, dataset.report)
    for subset, part in dataset.subsets():
        for labels in part.labels():
            ATTRIBUTES.count_others(labels, dataset.report)
            dataset.report.add(CLASSES, sum(label_object.category != _CLASS for label_object in labels.objects))
            for frame in labels.frames():
                yield from _files(frame, labels, f"{subset}/{ids.of(labels.medium, frame.number)}_GT")
    yield from image_entries(dataset, lambda medium, frame: f"{medium.subset}/images/{ids.file(medium, frame)}")


def _files(frame: Frame, labels: Labels, path: str) -> Iterator[Entry]:
    label_map = rasterize_shapes(frame.shapes, labels.medium, labels.report)
    if label_map is None:
        yield Entry.of(f"{path}.txt", b"")
        return
    groups = _groups(label_map)
    boxes = label_map.boxes()
    texts = (
        "".join(_line(character, boxes[character.number], labels.report) for character in group) for group in groups
    )
    yield Entry.of(f"{path}.txt", "\n".join(texts).encode())
    table = label_map.table(_WHITE, {character.number: character.color for group in groups for character in group})
    rows = label_map.rows(table[:, ::-1], upwards=True)
    content = bmp(rows, label_map.width, label_map.height, RGB)
    yield Entry(f"{path}.bmp", content, bmp_size(label_map.width, label_map.height, RGB))


def _groups(label_map: LabelMap) -> list[list[_Character]]:
    """The characters in order, by group; a character without a group is its own group."""
    ordered = sorted(label_map.seen(), key=lambda entry: (_index(entry[1]), entry[0]))
    groups: dict[Any, list[_Character]] = {}
    taken = {_WHITE}
    for number, shape in ordered:
        color = _color(shape, taken)
        taken.add(color)
        groups.setdefault(shape.object.state.group or number, []).append(_Character(number, shape, color))
    return list(groups.values())


def _index(shape: Shape) -> float:
    """The position of the character; unknown ones come first."""
    try:
        index = float(shape.attributes.get("index", -inf))
    except (TypeError, ValueError):
        return -inf
    return -inf if isnan(index) else index


def _color(shape: Shape, taken: set[Color]) -> Color:
    parts = str(shape.attributes.get("color", "")).split()
    if len(parts) == 3 and all(_BYTE.fullmatch(part) and int(part) < 256 for part in parts):
        red, green, blue = map(int, parts)
        if (red, green, blue) not in taken:
            return red, green, blue
    return next(color for color in map(scattered, count(len(taken))) if color not in taken)


def _line(character: _Character, box: tuple[int, int, int, int], report: LossReport) -> str:
    attributes = character.shape.attributes
    text = str(attributes.get("text", ""))
    text = text if text == " " else clean(text, one_word, report)
    center = str(attributes.get("center", "")).split()
    fields = (*character.color, *(center if len(center) == 2 else "--"), *box)
    return f'{"#" if text == " " else ""}{" ".join(map(str, fields))} "{text}"\n'
