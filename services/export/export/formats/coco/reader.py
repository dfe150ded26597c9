"""The way in of COCO 1.0: boxes, polygons and masks by image; tracks where `track_id` says which are one object."""

from collections.abc import Iterator

from export.formats.coco.reader_files import INSTANCES, Drawn, Row, area, box, certainty, objects, rotation_of
from export.parsing.archive_reader import Bundle
from export.parsing.matching import Media
from export.parsing.reader import Found, Reader


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The objects of every annotation file."""
    yield from objects(bundle, media, INSTANCES, _drawn)


def recognize(bundle: Bundle) -> float:
    """An annotation file in its place, or a file with the lists that COCO has and without keypoints."""
    return certainty(bundle)[0]


READER = Reader(read, recognize)


def _drawn(row: Row, said: Row, _category: Row) -> Drawn:
    """A box where no outline is given, else an area."""
    segmentation = row.get("segmentation")
    return Drawn(area(segmentation) if segmentation else box(row["bbox"], rotation_of(said)))
