"""Reader of CVAT for images 1.1 and CVAT for video 1.1; a file may contain images, tracks or both.

CVAT identifies frames by their index in the source, and images by name.
"""

import re
from collections.abc import Iterator
from itertools import islice

from export.formats.cvat.reader_head import Head, declared, head_of
from export.formats.cvat.reader_images import Images
from export.formats.cvat.reader_video import Tracks
from export.parsing.archive_reader import ArchiveReader
from export.parsing.media_index import MediaIndex
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, skipped, skipped_for
from export.parsing.xml_elements import iterate_elements

_ROOT = re.compile(rb"<annotations[\s>]")
_FIRST = re.compile(rb"<(image|track)[\s>]")
_LOOKED_AT = 3


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every file."""
    for name in archive.names_ending(".xml") or list(islice(archive.names, 1)):
        if _ROOT.search(archive.head(name)):
            yield from _document(name, archive.read(name), media)
        else:
            yield skipped(name, "not_this_format", format="CVAT XML")


def detect_images(archive: ArchiveReader) -> float:
    """A CVAT file with images first, or the head of an image task."""
    return _confidence(archive, b"image", b"annotation")


def detect_video(archive: ArchiveReader) -> float:
    """A CVAT file with tracks first, or the head of a video task."""
    return _confidence(archive, b"track", b"interpolation")


IMAGES = Reader(read, detect_images)
VIDEO = Reader(read, detect_video)


def _confidence(archive: ArchiveReader, element: bytes, mode: bytes) -> float:
    for name in islice(archive.names_ending(".xml") or archive.names, _LOOKED_AT):
        head = archive.head(name)
        if _ROOT.search(head):
            first = _FIRST.search(head)
            if first is not None:
                return 1.0 if first[1] == element else 0.3
            return 0.8 if b"<mode>" + mode + b"</mode>" in head else 0.4
    return 0.0


def _document(name: str, content: bytes, media: MediaIndex) -> Iterator[Parsed]:
    head, images, tracks = Head(), Images(name, media), Tracks(name, media)
    try:
        for element in iterate_elements(content, "meta", "image", "track"):
            match element.tag:
                case "meta":
                    head = head_of(element)
                    yield from declared(name, element)
                case "image":
                    yield from images.read(element, head)
                case _:
                    yield from tracks.read(element, head)
    except MALFORMED as error:
        yield skipped_for(name, error)
    yield from images.finish()
    yield from tracks.finish()
