"""ICDAR Localization 1.0: where texts are on pictures, and what they say.

For every frame `<subset>/<folder>/gt_<name>.txt`, and with pictures `<subset>/images/<folder>/<name>.jpg`. A line is
`x1 y1 x2 y2 "text"` for a box, and `x1,y1,x2,y2,…,"text"` for a polygon or a box that is turned, without the last where
nobody said what the text is. The text is the attribute `text`; classes have no place, all are `icdar`. Readers take
three corners for a box: a triangle's last one is there twice.
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
                place = f"{subset}/{folder}/" if folder else f"{subset}/"
                lines = "".join(_lines(frame.shapes, labels.report))
                yield Entry.of(f"{place}gt_{name}.txt", lines.encode())
    for medium, picture in dataset.images():
        path = f"{medium.subset}/images/{ids.file(medium, picture.frame)}"
        yield Entry(path, picture.chunks, picture.size_bytes, packed=True)


def count_classes(labels: Labels) -> None:
    """LossReport the labels of a medium whose class is not the one that the format has."""
    everything = (*labels.objects, *(label.object for label in labels.medium_labels))
    labels.report.add(CLASSES, sum(found.category != CLASS for found in everything))


def _lines(shapes: Iterable[Shape], report: LossReport) -> Iterator[str]:
    for shape in shapes:
        said = shape.attributes.get("text")
        text = None if said is None else clean(value_text(said), _quotable, report)
        geometry = shape.geometry
        if isinstance(geometry, tuple) and not geometry[4]:
            x1, x2 = sorted((geometry[0], geometry[2]))
            y1, y2 = sorted((geometry[1], geometry[3]))
            yield _line(" ", (x1, y1, x2, y2), text)
            continue
        rings = [ring for ring in _rings(geometry) if len(ring) > 2]
        report.add(NOTHING, not rings)
        for ring in rings:
            four = [*ring, ring[-1]] if len(ring) == 3 else ring
            yield _line(",", [side for point in four for side in point], text)


def _rings(geometry: Corners | Geometry) -> list[list[Point]]:
    if isinstance(geometry, tuple):
        x1, y1, x2, y2, rotation = geometry
        return [corners(Box.model_construct(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation))]
    return [part.outer for part in geometry.parts] if isinstance(geometry, Polygon) else []


def _line(between: str, numbers: Iterable[float], text: str | None) -> str:
    said = list(map(two_decimals, numbers))
    return between.join(said if text is None else [*said, f'"{text}"']) + "\n"


def _quotable(text: str) -> str:
    return unbroken(text).replace('"', "'")
