"""ICDAR Segmentation 1.0: characters as pixels.

`<subset>/<frame>_GT.txt`, for every frame, has a line for each character: `R G B cx cy x1 y1 x2 y2 "c"`, its colour in
`<subset>/<frame>_GT.bmp`, its centre, `- -` where nobody says it, the box around its pixels and what it is. A blank
character's line begins with `#`; a blank line stands between groups. The picture is white where there is nothing, and
there for frames with shapes only. What is said comes from attributes: `text`, `index`, which orders the characters,
`center` ("x y") and `color` ("r g b", if it is free). Readers split lines at blanks: blanks in texts become `_`.
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

ATTRIBUTES = KnownAttributes(("text", "index", "center", "color"))
CLASSES = "classes_as_icdar"
_CLASS = "icdar"
_WHITE = (255, 255, 255)
_BYTE = re.compile(r"[0-9]{1,3}")


class _Character(NamedTuple):
    """A visible shape: its number in the label_map, and what is said of it."""

    number: int
    shape: Shape
    color: Color


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids = ImageIds(dataset.media, dataset.report)
    for subset, part in dataset.subsets():
        for labels in part.labels():
            ATTRIBUTES.count_others(labels, dataset.report)
            dataset.report.add(CLASSES, sum(found.category != _CLASS for found in labels.objects))
            for frame in labels.frames():
                yield from _files(frame, labels, f"{subset}/{ids.of(labels.medium, frame.number)}_GT")
    for medium, picture in dataset.images():
        name = f"{medium.subset}/images/{ids.file(medium, picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


def _files(frame: Frame, labels: Labels, path: str) -> Iterator[Entry]:
    label_map = rasterize_shapes(frame.shapes, labels.medium, labels.report)
    if label_map is None:
        yield Entry.of(f"{path}.txt", b"")
        return
    groups = _groups(label_map)
    boxes = label_map.boxes()
    texts = ("".join(_line(one, boxes[one.number], labels.report) for one in group) for group in groups)
    yield Entry.of(f"{path}.txt", "\n".join(texts).encode())
    table = label_map.table(_WHITE, {one.number: one.color for group in groups for one in group})
    rows = label_map.rows(table[:, ::-1], upwards=True)
    content = bmp(rows, label_map.width, label_map.height, RGB)
    yield Entry(f"{path}.bmp", content, bmp_size(label_map.width, label_map.height, RGB))


def _groups(label_map: LabelMap) -> list[list[_Character]]:
    """The characters in their order, group by group: one without a group is one of its own."""
    ordered = sorted(label_map.seen(), key=lambda seen: (_index(seen[1]), seen[0]))
    found: dict[Any, list[_Character]] = {}
    taken = {_WHITE}
    for number, shape in ordered:
        color = _color(shape, taken)
        taken.add(color)
        found.setdefault(shape.object.state.group or number, []).append(_Character(number, shape, color))
    return list(found.values())


def _index(shape: Shape) -> float:
    """Where it stands among all; those of which it is not said come first."""
    try:
        said = float(shape.attributes.get("index", -inf))
    except (TypeError, ValueError):
        return -inf
    return -inf if isnan(said) else said


def _color(shape: Shape, taken: set[Color]) -> Color:
    said = str(shape.attributes.get("color", "")).split()
    if len(said) == 3 and all(_BYTE.fullmatch(part) and int(part) < 256 for part in said):
        red, green, blue = map(int, said)
        if (red, green, blue) not in taken:
            return red, green, blue
    return next(color for color in map(scattered, count(len(taken))) if color not in taken)


def _line(one: _Character, box: tuple[int, int, int, int], report: LossReport) -> str:
    said = one.shape.attributes
    text = str(said.get("text", ""))
    text = text if text == " " else clean(text, one_word, report)
    center = str(said.get("center", "")).split()
    fields = (*one.color, *(center if len(center) == 2 else "--"), *box)
    return f'{"#" if text == " " else ""}{" ".join(map(str, fields))} "{text}"\n'
