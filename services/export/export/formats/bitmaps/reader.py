"""The way in of Bitmaps PNG and Bitmaps BMP: one picture for each shape, which is where the picture is not black.

`<picture>__<class>__<n>.png` or `.bmp`, as large as the picture itself. Each is an object of its own.
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
from export.parsing.archive_reader import Bundle
from export.parsing.detections import Sighting
from export.parsing.frames import Frames, Missing
from export.parsing.images import picture
from export.parsing.matching import Media, Place
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for

_NAMED = re.compile(r"^(?P<picture>.+?)__(?P<label>.+)__\d{1,9}\.(?P<suffix>png|bmp)$", re.IGNORECASE)
_LOOKED_AT = 1000


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The object of every bitmap."""
    frames = Frames(media)
    for name in bundle.names:
        if not _NAMED.match(name):
            continue
        shown = _shown(name, frames)
        try:
            found = None if isinstance(shown.place, Missing) else _bitmap(bundle.read(name), shown.place)
            drawn = found or Bitmap(x=0, y=0, width=0, height=0, runs=[])
            yield from frames.see(shown.place, shown.label, Sighting(name, drawn))
        except MALFORMED as error:
            yield skipped_for(name, error)
    yield from frames.all_ended()


def recognize(bundle: Bundle, suffix: str) -> float:
    """Names that only bitmaps have; of two suffixes, the one that more of them have."""
    matches = (_NAMED.match(name) for name in bundle.names)
    suffixes = [found["suffix"].lower() for found in islice(filter(None, matches), _LOOKED_AT)]
    own = suffixes.count(suffix)
    if not own or own < len(suffixes) - own + (suffix == "bmp"):
        return 0.0
    listed = any(name.rpartition("/")[2].lower() == "labels.txt" for name in bundle.ending(".txt"))
    return 0.95 if listed else 0.8


PNG = Reader(read, partial(recognize, suffix="png"))
BMP = Reader(read, partial(recognize, suffix="bmp"))


class _Shown(NamedTuple):
    """What the name of a bitmap says."""

    place: Place | Missing
    label: str


def _shown(name: str, frames: Frames) -> _Shown:
    """The picture is as much of the name as can be; the less, the more of it belongs to the class."""
    parts = name.split("__")[:-1]
    likely = _Shown(frames.place("__".join(parts[:-1])), parts[-1])
    for end in range(len(parts) - 2, max(len(parts) - 5, 0), -1):
        if isinstance(likely.place, Place):
            break
        other = _Shown(frames.place("__".join(parts[:end])), "__".join(parts[end:]))
        likely = other if isinstance(other.place, Place) else likely
    return likely


def _bitmap(content: bytes, place: Place) -> Bitmap:
    found = picture(content)
    mask: NDArray[np.bool_] = np.asarray(found.reshape(*found.shape[:2], -1).any(axis=2))
    height, width = mask.shape
    medium = place.medium
    if medium.width and medium.height and (width, height) != (medium.width, medium.height):
        raise ReaderError(
            "mask_size_differs", width=width, height=height, image_width=medium.width, image_height=medium.height
        )
    bitmap = encode_bitmap(mask)
    if not bitmap.width:
        raise ReaderError("mask_empty")
    return bitmap
