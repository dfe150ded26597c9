"""The way in of COCO 1.0: boxes, polygons and masks by image; tracks where `track_id` says which are one object."""

from collections.abc import Iterator

from export.formats.coco.reader_files import INSTANCES, Drawn, Row, area, box, certainty, objects, rotation_of
from export.parsing.archive_reader import ArchiveReader
from export.parsing.media_index import MediaIndex
from export.parsing.reader import Parsed, Reader


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every annotation file."""
    yield from objects(archive, media, INSTANCES, _drawn)


def detect(archive: ArchiveReader) -> float:
    """An annotation file in its place, or a file with the lists that COCO has and without keypoints."""
    return certainty(archive)[0]


READER = Reader(read, detect)


def _drawn(row: Row, fields: Row, _category: Row) -> Drawn:
    """A box where no outline is given, else an area."""
    segmentation = row.get("segmentation")
    return Drawn(area(segmentation) if segmentation else box(row["bbox"], rotation_of(fields)))
