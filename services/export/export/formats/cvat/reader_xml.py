"""The ways in of CVAT for images 1.1 and CVAT for video 1.1: one file may hold images, tracks or both.

CVAT's own files say frames by their place in the source, and count images by their names.
"""

import re
from collections.abc import Iterator
from itertools import islice

from export.formats.cvat.reader_head import Head, declared, head_of
from export.formats.cvat.reader_images import Images
from export.formats.cvat.reader_video import Tracks
from export.parsing.archive_reader import Bundle
from export.parsing.matching import Media
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, skipped, skipped_for
from export.parsing.xml_elements import elements

_ROOT = re.compile(rb"<annotations[\s>]")
_FIRST = re.compile(rb"<(image|track)[\s>]")
_LOOKED_AT = 3


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The objects of every file."""
    for name in bundle.ending(".xml") or list(islice(bundle.names, 1)):
        if _ROOT.search(bundle.beginning(name)):
            yield from _document(name, bundle.read(name), media)
        else:
            yield skipped(name, "not_this_format", format="CVAT XML")


def recognize_images(bundle: Bundle) -> float:
    """A file of CVAT with images first, or the head of a task of images."""
    return _certainty(bundle, b"image", b"annotation")


def recognize_video(bundle: Bundle) -> float:
    """A file of CVAT with tracks first, or the head of a task of a video."""
    return _certainty(bundle, b"track", b"interpolation")


IMAGES = Reader(read, recognize_images)
VIDEO = Reader(read, recognize_video)


def _certainty(bundle: Bundle, element: bytes, mode: bytes) -> float:
    for name in islice(bundle.ending(".xml") or bundle.names, _LOOKED_AT):
        said = bundle.beginning(name)
        if _ROOT.search(said):
            first = _FIRST.search(said)
            if first is not None:
                return 1.0 if first[1] == element else 0.3
            return 0.8 if b"<mode>" + mode + b"</mode>" in said else 0.4
    return 0.0


def _document(name: str, content: bytes, media: Media) -> Iterator[Found]:
    head, images, tracks = Head(), Images(name, media), Tracks(name, media)
    try:
        for element in elements(content, "meta", "image", "track"):
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
    yield from images.all_ended()
    yield from tracks.all_ended()
