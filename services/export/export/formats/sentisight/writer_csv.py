"""SentiSight CSV: the labels of each image, `name,label,label,…`, the default label first.

`labels.csv` without a header, one row per frame, and `images/<name>`. A label that a spreadsheet would take for a
formula starts with a tab.
"""

from collections.abc import Iterator, Sequence

from common.service.csv import csv_chunks, guard_formula
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_tags import Tags
from export.formats.image_entries import image_entries


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    yield Entry("labels.csv", csv_chunks(_rows(dataset, Tags.read(dataset))))
    yield from image_entries(dataset, lambda medium, frame: f"images/{medium.frame_path(frame)}")


def _rows(dataset: Dataset, tags: Tags) -> Iterator[Sequence[str]]:
    for medium in dataset.media:
        for frame in medium.frames:
            names = (tag.name for tag in tags.on(medium, frame))
            yield [guard_formula(text) for text in (medium.frame_path(frame), *names)]
