"""SentiSight CSV: the labels of each picture, `name,label,label,…`, the default one first.

`labels.csv` without a head, one row for each frame, and with pictures `images/<name>`. A label that a spreadsheet would
take for a formula has a tab before it.
"""

from collections.abc import Iterator, Sequence

from export.domain.archive import Entry
from export.domain.carries import Carries, Feature
from export.domain.csvtext import csv_chunks, inert
from export.domain.dataset import Dataset
from export.domain.formats.format import ArchiveFormat
from export.domain.readers.sentisight_csv import READER
from export.domain.tags import Tags

CARRIES = Carries(frozenset({"label"}), frozenset({Feature.SPANS, Feature.DEFAULTS}))


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    yield Entry("labels.csv", csv_chunks(_rows(dataset, Tags.read(dataset, CARRIES))))
    for medium, picture in dataset.pictures():
        name = f"images/{medium.frame_path(picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


FORMAT = ArchiveFormat("SentiSight CSV", CARRIES, write, reader=READER)


def _rows(dataset: Dataset, tags: Tags) -> Iterator[Sequence[str]]:
    for medium in dataset.media:
        for frame in medium.frames:
            names = (tag.name for tag in tags.on(medium, frame))
            yield [inert(text) for text in (medium.frame_path(frame), *names)]
