"""Mask images: PNG and BMP files whose values or colors are classes or instances."""

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.geometry.masks import encode_bitmap
from common.geometry.rasterize import MAX_PIXELS
from common.geometry.types import Bitmap
from export.parsing.reasons import ReaderError

_PNG_MAGIC, _BMP_MAGIC = b"\x89PNG\r\n\x1a\n", b"BM"
# Pixels in the bounding boxes of all values of an image, together.
_MOST_SPREAD = 32 * MAX_PIXELS
Numbers = NDArray[Any]


def decode_image(content: bytes) -> Numbers:
    """[height, width] values of a single-channel image with 8 or 16 bits, or [height, width, 3] RGB of a color image.
    Alpha is ignored.

    Raises:
        ValueError: the data does not follow the format.
    """
    # OpenCV takes 30 MB of memory, which exports do not need.
    import cv2  # noqa: PLC0415

    width, height = _size(content)
    if not 0 < width * height <= MAX_PIXELS:
        raise ReaderError("mask_image_too_large", width=width, height=height)
    try:
        found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise ReaderError("mask_image_damaged") from error
    if found is None or found.shape[:2] != (height, width):
        raise ReaderError("mask_image_damaged")
    return found if found.ndim == 2 else np.ascontiguousarray(found[:, :, 2::-1])


def _size(content: bytes) -> tuple[int, int]:
    """Width and height from the file header, before anything is decompressed."""
    if content.startswith(_PNG_MAGIC) and len(content) >= 24:
        width, height = struct.unpack_from(">II", content, 16)
    elif content.startswith(_BMP_MAGIC) and len(content) >= 26:
        width, height = map(abs, struct.unpack_from("<ii", content, 18))
    else:
        raise ReaderError("mask_not_png")
    return width, height


def color_numbers(colors: Numbers) -> Numbers:
    """[height, width] one number per color: red × 65536 + green × 256 + blue."""
    wide = colors.astype(np.uint32)
    return wide[:, :, 0] << 16 | wide[:, :, 1] << 8 | wide[:, :, 2]


def bitmaps_by_number(numbers: Numbers) -> Iterator[tuple[int, Bitmap]]:
    """The pixels of each value except 0 in [height, width], ordered by value.

    Raises:
        ValueError: the data does not follow the format.
    """
    matches = np.flatnonzero(numbers)
    values = numbers.ravel()[matches]
    order = np.argsort(values, kind="stable")
    matches, values = matches[order], values[order]
    # The pixels of a number stay in their order: the first one is on its top row, the last one on its lowest.
    begins = np.flatnonzero(np.diff(values, prepend=values[:1] + 1))
    ends = np.append(begins[1:], len(matches))
    if not len(matches):
        return
    ys, xs = np.divmod(matches, numbers.shape[1])
    tops, bottoms = ys[begins], ys[ends - 1] + 1
    lefts, rights = np.minimum.reduceat(xs, begins), np.maximum.reduceat(xs, begins) + 1
    if int(((bottoms - tops) * (rights - lefts)).sum()) > _MOST_SPREAD:
        raise ReaderError("mask_too_scattered")
    for begin, end, top, bottom, left, right in np.vstack((begins, ends, tops, bottoms, lefts, rights)).T.tolist():
        mask = np.zeros((bottom - top, right - left), np.bool_)
        mask[ys[begin:end] - top, xs[begin:end] - left] = True
        yield int(values[begin]), encode_bitmap(mask, left, top)
