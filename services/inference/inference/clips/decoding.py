"""Runs in the sandbox: decodes a clip to small images. Imports little, because every clip pays for it."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from common.contract.clips import ClipIndex
from common.sandbox.decoder import BgrImage, Samples, decode_clip
from common.sandbox.worker import Undecodable

Yielded = Iterator[tuple[dict[str, int], memoryview]]


class SamplesFile(Samples, Protocol):
    """The samples object of a clip, read from any place."""

    def seek(self, offset: int, /) -> int: ...


def scaled_frames(index: dict[str, Any], size_wh: list[int], samples: Samples) -> Yielded:
    """Every frame of a clip, scaled to `size_wh`, as rows of BGR bytes.

    Raises:
        Undecodable: no frame of the clip can be decoded.
    """
    for frame, image in _decode(index, size_wh, samples):
        yield {"frame": frame}, image.data


def cropped_frames(
    index: dict[str, Any],
    offset: int,
    image_wh: list[int],
    window_wh: list[int],
    corners_xy: list[list[int]],
    samples: SamplesFile,
) -> Yielded:
    """A crop of every frame of the index, as rows of BGR bytes: the frame is scaled to `image_wh`, and the crop's
    top-left corner is the frame's pair of `corners_xy`. The samples of the index begin at `offset`.

    Raises:
        Undecodable: none of the frames can be decoded.
    """
    samples.seek(offset)
    width, height = window_wh
    # The rest of the segment after the last corner is not decoded.
    for (left, top), (frame, image) in zip(corners_xy, _decode(index, image_wh, samples), strict=False):
        yield {"frame": frame}, np.ascontiguousarray(image[top : top + height, left : left + width]).data


def _decode(index: dict[str, Any], size_wh: list[int], samples: Samples) -> Iterator[tuple[int, BgrImage]]:
    width, height = size_wh
    try:
        yield from decode_clip(ClipIndex.model_validate(index), samples, (width, height))
    except ValueError as error:
        raise Undecodable("clip_not_decodable", clip=index["clip"] + 1) from error
