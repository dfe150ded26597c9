"""Reader of SentiSight CSV: rows of an image and its labels, the default label first."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from common.geometry.types import ImageTag
from export.parsing.archive_reader import ArchiveReader
from export.parsing.csv_rows import csv_rows, untabbed
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, skipped_for

_IMAGE = re.compile(r"\.(?:jpe?g|jpe|jfif|png|bmp|gif|webp|tiff?)$", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*-?[\d.]+\s*$")
_LOOKED_AT = 10


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The labels of every image."""
    collector = ObjectCollector(media)
    for name in archive.names_ending(".csv"):
        content = archive.read(name)
        defaults = _defaults(content, collector)
        for number, (image, *labels) in _rows(content):
            where = f"{name}, row {number}"
            matched = collector.match(image)
            for label in labels:
                is_default = isinstance(matched, MatchedFrame) and defaults[matched.medium.id] == label
                try:
                    detection = Detection(where, ImageTag(), is_key=False)
                    yield from collector.add(matched, label, detection, track=name, default=is_default)
                except MALFORMED as error:
                    yield skipped_for(where, error)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """A table without a header whose rows start with an image name followed by words."""
    for name in archive.names_ending(".csv")[:1]:
        rows = [row for _, row in _rows(archive.head(name)[:8192])][:_LOOKED_AT]
        # The last row may be incomplete.
        complete = rows[:-1] or rows
        labels = [label for row in complete for label in row[1:]]
        if complete and all(_IMAGE.search(row[0]) for row in complete) and not all(map(_NUMBER.match, labels or "-")):
            return 0.85 if name.rpartition("/")[2].lower() == "labels.csv" else 0.7
        if complete and all(_IMAGE.search(row[0]) for row in complete) and not labels:
            return 0.6 if name.rpartition("/")[2].lower() == "labels.csv" else 0.4
    return 0.0


READER = Reader(read, detect)


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    for number, cells in csv_rows(content):
        row = [untabbed(cell) for cell in cells]
        if row and row[0]:
            yield number, [row[0], *filter(None, row[1:])]


def _defaults(content: bytes, collector: ObjectCollector) -> dict[str, str]:
    """The default label of each medium: the label that comes first wherever it applies."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    first: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for _, (image, *labels) in _rows(content):
        matched = collector.match(image)
        if isinstance(matched, MatchedFrame) and labels:
            counts[matched.medium.id].update(set(labels))
            first[matched.medium.id][labels[0]] += 1
    return {
        media_id: max(first[media_id], key=lambda label: first[media_id][label] == labels[label])
        for media_id, labels in counts.items()
    }
