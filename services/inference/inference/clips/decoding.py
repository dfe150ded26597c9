"""The inside of the sandbox: a clip's samples become small pictures. Imports little, because every clip pays."""

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


def pictures(index: dict[str, Any], size_wh: list[int], samples: Samples) -> Yielded:
    """Every frame of a clip, scaled to `size_wh`, as rows of BGR bytes.

    Raises:
        Undecodable: no frame of the clip can be decoded.
    """
    for frame, picture in _decoded(index, size_wh, samples):
        yield {"frame": frame}, picture.data


def windows(
    index: dict[str, Any],
    offset: int,
    picture_wh: list[int],
    window_wh: list[int],
    corners_xy: list[list[int]],
    samples: SamplesFile,
) -> Yielded:
    """A window of every frame that the index shows, as rows of BGR bytes: the frame is scaled to `picture_wh`, and the
    window's top-left corner lies on it at the frame's pair of `corners_xy`. The index's samples begin at `offset`.

    Raises:
        Undecodable: none of the frames can be decoded.
    """
    samples.seek(offset)
    width, height = window_wh
    # Once the last corner is used, what remains of the segment is not decoded.
    for (left, top), (frame, picture) in zip(corners_xy, _decoded(index, picture_wh, samples), strict=False):
        yield {"frame": frame}, np.ascontiguousarray(picture[top : top + height, left : left + width]).data


def _decoded(index: dict[str, Any], size_wh: list[int], samples: Samples) -> Iterator[tuple[int, BgrImage]]:
    width, height = size_wh
    try:
        yield from decode_clip(ClipIndex.model_validate(index), samples, (width, height))
    except ValueError as error:
        raise Undecodable("clip_not_decodable", clip=index["clip"] + 1) from error
