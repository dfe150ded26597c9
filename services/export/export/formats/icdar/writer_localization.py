"""ICDAR Localization 1.0: the location and content of texts in images.

`<subset>/<folder>/gt_<name>.txt` for every frame, and `<subset>/images/<folder>/<name>.jpg`. A line is
`x1 y1 x2 y2 "text"` for a box and `x1,y1,x2,y2,…,"text"` for a polygon or a rotated box; the text is omitted if it is
unknown. It is the attribute `text`; classes are lost, all are `icdar`. The last corner of a triangle is repeated,
because readers take three corners for a box.
"""

from collections.abc import Iterable, Iterator
from posixpath import split

from common.geometry.boxes import corners
from common.geometry.types import Box, Geometry, Point, Polygon
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.known_attributes import KnownAttributes
from export.dataset.labels import Labels
from export.dataset.loss_report import LossReport
from export.dataset.rows import NOTHING
from export.dataset.shapes import Shape
from export.dataset.texts import clean, two_decimals, unbroken
from export.dataset.track import Corners
from export.dataset.xml_text import value_text
from export.formats.image_entries import image_entries

CLASS = "icdar"
CLASSES = "lost_classes_except_icdar"
KNOWN = KnownAttributes(("text",))


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids = ImageIds(dataset.media, dataset.report)
    for subset, part in dataset.subsets():
        for labels in part.labels():
            count_classes(labels)
            KNOWN.count_others(labels, labels.report)
            for frame in labels.frames():
                folder, name = split(ids.of(labels.medium, frame.number))
                prefix = f"{subset}/{folder}/" if folder else f"{subset}/"
                lines = "".join(_lines(frame.shapes, labels.report))
                yield Entry.of(f"{prefix}gt_{name}.txt", lines.encode())
    yield from image_entries(dataset, lambda medium, frame: f"{medium.subset}/images/{ids.file(medium, frame)}")


def count_classes(labels: Labels) -> None:
    """Reports the labels whose class is not `icdar` as lost."""
    label_objects = (*labels.objects, *(label.object for label in labels.medium_labels))
    labels.report.add(CLASSES, sum(label_object.category != CLASS for label_object in label_objects))


def _lines(shapes: Iterable[Shape], report: LossReport) -> Iterator[str]:
    for shape in shapes:
        value = shape.attributes.get("text")
        text = None if value is None else clean(value_text(value), _quotable, report)
        geometry = shape.geometry
        if isinstance(geometry, tuple) and not geometry[4]:
            x1, x2 = sorted((geometry[0], geometry[2]))
            y1, y2 = sorted((geometry[1], geometry[3]))
            yield _line(" ", (x1, y1, x2, y2), text)
            continue
        rings = [ring for ring in _rings(geometry) if len(ring) > 2]
        report.add(NOTHING, not rings)
        for ring in rings:
            points = [*ring, ring[-1]] if len(ring) == 3 else ring
            yield _line(",", [coordinate for point in points for coordinate in point], text)


def _rings(geometry: Corners | Geometry) -> list[list[Point]]:
    if isinstance(geometry, tuple):
        x1, y1, x2, y2, rotation = geometry
        return [corners(Box.model_construct(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation))]
    return [part.outer for part in geometry.parts] if isinstance(geometry, Polygon) else []


def _line(separator: str, numbers: Iterable[float], text: str | None) -> str:
    cells = list(map(two_decimals, numbers))
    return separator.join(cells if text is None else [*cells, f'"{text}"']) + "\n"


def _quotable(text: str) -> str:
    return unbroken(text).replace('"', "'")
