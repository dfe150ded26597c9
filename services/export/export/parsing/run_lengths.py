"""COCO run lengths: masks as column-major runs, plain or compressed."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from common.geometry.masks import encode_bitmap
from common.geometry.rasterize import MAX_PIXELS
from common.geometry.types import Bitmap
from export.parsing.reasons import ReaderError


def decode_rle(segmentation: Any) -> Bitmap:
    """The pixels of `{"counts": [outside, inside, …] or compressed text, "size": [height, width]}`.

    Raises:
        ValueError: the data does not follow the format.
    """
    height, width = (int(side) for side in segmentation["size"])
    if height < 0 or width < 0 or height * width > MAX_PIXELS:
        raise ReaderError("mask_too_large", width=width, height=height)
    raw = segmentation["counts"]
    counts = unpack_counts(raw) if isinstance(raw, str) else [int(count) for count in raw]
    if min(counts, default=0) < 0 or sum(counts) > height * width:
        raise ReaderError("mask_runs_invalid", width=width, height=height)
    flat = np.repeat(np.arange(len(counts)) % 2 == 1, np.array(counts, np.int64))
    # The last run outside may be left out.
    mask = np.concatenate((flat, np.zeros(height * width - len(flat), np.bool_))).reshape(width, height).T
    return encode_bitmap(np.ascontiguousarray(mask))


def unpack_counts(text: str) -> Sequence[int]:
    """Counts from COCO's compressed text: five bits a character from 48 on, lowest first, the sixth bit continues; from
    the fourth count on, each is the difference from the one before the last.

    Raises:
        ValueError: the data does not follow the format.
    """
    counts: list[int] = []
    value, shift = 0, 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64 or shift > 60:
            raise ReaderError("mask_encoding_invalid")
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20:
            continue
        if bits & 0x10:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value, shift = 0, 0
    if shift:
        raise ReaderError("mask_encoding_invalid")
    return counts
