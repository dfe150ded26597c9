"""Reader of COCO 1.0 (instances): boxes, polygons and masks by image, linked into tracks by `track_id`."""

from collections.abc import Iterator

from export.formats.coco.reader_files import INSTANCES, ParsedShape, Row, area, box, confidences, objects, rotation_of
from export.parsing.archive_reader import ArchiveReader
from export.parsing.media_index import MediaIndex
from export.parsing.reader import Parsed, Reader


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every annotation file."""
    yield from objects(archive, media, INSTANCES, _parse_shape)


def detect(archive: ArchiveReader) -> float:
    """An annotation file in its folder, or a JSON file with COCO's lists and without keypoints."""
    return confidences(archive)[0]


READER = Reader(read, detect)


def _parse_shape(row: Row, fields: Row, _category: Row) -> ParsedShape:
    """The segmentation, or else the box."""
    segmentation = row.get("segmentation")
    return ParsedShape(area(segmentation) if segmentation else box(row["bbox"], rotation_of(fields)))
