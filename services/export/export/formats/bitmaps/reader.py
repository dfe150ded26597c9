"""Reader of Bitmaps PNG and Bitmaps BMP: one mask image per object, whose non-black pixels are the object.

Files are named `<image>__<class>__<n>.png` or `.bmp` and have the size of their image.
"""

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.geometry.masks import encode_bitmap
from common.geometry.types import Bitmap
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.label_images import decode_image
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for

_NAMED = re.compile(r"^(?P<image>.+?)__(?P<label>.+)__\d{1,9}\.(?P<suffix>png|bmp)$", re.IGNORECASE)
_LOOKED_AT = 1000


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """One object per mask image."""
    collector = ObjectCollector(media)
    for name in archive.names:
        if not _NAMED.match(name):
            continue
        file = _mask_file(name, collector)
        try:
            mask = None if isinstance(file.matched, UnmatchedFrame) else _bitmap(archive.read(name), file.matched)
            bitmap = mask or Bitmap(x=0, y=0, width=0, height=0, runs=[])
            yield from collector.add(file.matched, file.label, Detection(name, bitmap))
        except MALFORMED as error:
            yield skipped_for(name, error)
    yield from collector.finish()


def detect(archive: ArchiveReader, suffix: str) -> float:
    """Masks are recognized by their names; of both suffixes, the more frequent one counts."""
    matches = (_NAMED.match(name) for name in archive.names)
    suffixes = [match["suffix"].lower() for match in islice(filter(None, matches), _LOOKED_AT)]
    own = suffixes.count(suffix)
    if not own or own < len(suffixes) - own + (suffix == "bmp"):
        return 0.0
    listed = any(name.rpartition("/")[2].lower() == "labels.txt" for name in archive.names_ending(".txt"))
    return 0.95 if listed else 0.8


PNG = Reader(read, partial(detect, suffix="png"))
BMP = Reader(read, partial(detect, suffix="bmp"))


class _MaskFile(NamedTuple):
    """The frame and the class in a file name."""

    matched: MatchedFrame | UnmatchedFrame
    label: str


def _mask_file(name: str, collector: ObjectCollector) -> _MaskFile:
    """The longest prefix of the name that matches an image; the rest is the class."""
    parts = name.split("__")[:-1]
    best = _MaskFile(collector.match("__".join(parts[:-1])), parts[-1])
    for end in range(len(parts) - 2, max(len(parts) - 5, 0), -1):
        if isinstance(best.matched, MatchedFrame):
            break
        candidate = _MaskFile(collector.match("__".join(parts[:end])), "__".join(parts[end:]))
        best = candidate if isinstance(candidate.matched, MatchedFrame) else best
    return best


def _bitmap(content: bytes, matched: MatchedFrame) -> Bitmap:
    image = decode_image(content)
    mask: NDArray[np.bool_] = np.asarray(image.reshape(*image.shape[:2], -1).any(axis=2))
    height, width = mask.shape
    medium = matched.medium
    if medium.width and medium.height and (width, height) != (medium.width, medium.height):
        raise ReaderError(
            "mask_size_differs", width=width, height=height, image_width=medium.width, image_height=medium.height
        )
    bitmap = encode_bitmap(mask)
    if not bitmap.width:
        raise ReaderError("mask_empty")
    return bitmap
