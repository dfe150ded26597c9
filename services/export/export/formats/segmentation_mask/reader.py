"""Reader of Segmentation mask 1.1: class and instance masks, each instance an object of one frame."""

import re
from collections.abc import Iterator

from export.formats.pascal_voc.reader_maps import read_map
from export.formats.pascal_voc.reader_masks import areas
from export.parsing.archive_reader import ArchiveReader
from export.parsing.media_index import MediaIndex
from export.parsing.object_collector import ObjectCollector
from export.parsing.reader import Parsed, Reader

_FILES = re.compile(r"(?:.*?/)?(?:segmentationclass/.*\.(?:png|bmp)|imagesets/segmentation/[^/]*\.txt)", re.IGNORECASE)


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every mask."""
    collector = ObjectCollector(media)
    yield from areas(archive, collector, read_map(archive))
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """Class masks or their lists in VOC's folders; with XML files, it is PASCAL VOC."""
    if not any(_FILES.fullmatch(name) for name in archive.names_ending(".png", ".bmp", ".txt")):
        return 0.0
    return 0.3 if archive.names_ending(".xml") else 0.9


READER = Reader(read, detect)
