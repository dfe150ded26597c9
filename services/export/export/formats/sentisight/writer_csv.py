"""SentiSight CSV: the labels of each picture, `name,label,label,…`, the default one first.

`labels.csv` without a head, one row for each frame, and with pictures `images/<name>`. A label that a spreadsheet would
take for a formula has a tab before it.
"""

from collections.abc import Iterator, Sequence

from common.service.csv import csv_chunks, guard_formula
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_tags import Tags


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    yield Entry("labels.csv", csv_chunks(_rows(dataset, Tags.read(dataset))))
    for medium, picture in dataset.images():
        name = f"images/{medium.frame_path(picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


def _rows(dataset: Dataset, tags: Tags) -> Iterator[Sequence[str]]:
    for medium in dataset.media:
        for frame in medium.frames:
            names = (tag.name for tag in tags.on(medium, frame))
            yield [guard_formula(text) for text in (medium.frame_path(frame), *names)]
