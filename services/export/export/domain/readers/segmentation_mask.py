"""The way in of Segmentation mask 1.1: areas by class and instance, each an object of one frame."""

import re
from collections.abc import Iterator

from export.domain.readers.vocmaps import read_map
from export.domain.readers.vocpictures import areas
from export.domain.reading.bundle import Bundle
from export.domain.reading.format import Found, Reader
from export.domain.reading.frames import Frames
from export.domain.reading.matching import Media

_OWN = re.compile(r"(?:.*?/)?(?:segmentationclass/.*\.(?:png|bmp)|imagesets/segmentation/[^/]*\.txt)", re.IGNORECASE)


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The objects of every picture."""
    frames = Frames(media)
    yield from areas(bundle, frames, read_map(bundle))
    yield from frames.all_ended()


def recognize(bundle: Bundle) -> float:
    """Pictures of classes, or a list of them, in their folders; with files of boxes beside it is PASCAL VOC."""
    if not any(_OWN.fullmatch(name) for name in bundle.ending(".png", ".bmp", ".txt")):
        return 0.0
    return 0.3 if bundle.ending(".xml") else 0.9


READER = Reader(read, recognize)
