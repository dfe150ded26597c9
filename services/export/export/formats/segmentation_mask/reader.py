"""The way in of Segmentation mask 1.1: areas by class and instance, each an object of one frame."""

import re
from collections.abc import Iterator

from export.formats.pascal_voc.reader_maps import read_map
from export.formats.pascal_voc.reader_masks import areas
from export.parsing.archive_reader import Bundle
from export.parsing.frames import Frames
from export.parsing.matching import Media
from export.parsing.reader import Found, Reader

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
