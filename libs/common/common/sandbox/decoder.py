"""Decoding of clips. Runs inside a sandbox (`common.sandbox.parent`), because the samples are untrusted.

def detect(index: dict, samples: RemoteFile):          # the function that the sandbox runs
    for frame, bgr in decode_clip(ClipIndex.model_validate(index), samples, size=(416, 256)):
        ...
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from common.contract.clips import ClipIndex

if TYPE_CHECKING:
    import av

BgrImage = NDArray[np.uint8]
HIDDEN = -1  # the frame number of a sample that is only decoded as a reference


class Samples(Protocol):
    """The samples object of a clip, read from its start."""

    def read(self, size: int, /) -> bytes: ...


def decode_clip(
    index: ClipIndex, samples: Samples, size: tuple[int, int] | None = None, threads: int = 1
) -> Iterator[tuple[int, BgrImage]]:
    """Every frame of the clip in order: its number, and its upright image as BGR [height, width, 3].

    `size` (width, height) scales during color conversion, which is cheaper than scaling afterwards. A frame that cannot
    be decoded repeats the previous image, so that frame numbers never shift.

    Raises:
        ValueError: No frame can be decoded.
    """
    expected = index.first
    image: BgrImage | None = None
    for number, frame in _decoded(index, samples, threads):
        if not expected <= number <= index.last:
            continue
        previous, image = image, upright(frame, index, size)
        for gap in range(expected, number):
            yield gap, image if previous is None else previous
        yield number, image
        expected = number + 1
    if image is None:
        raise ValueError(f"No frame of clip {index.clip} can be decoded")
    for gap in range(expected, index.last + 1):
        yield gap, image


def upright(frame: "av.VideoFrame", index: ClipIndex, size: tuple[int, int] | None = None) -> BgrImage:
    """The upright image: rotated clockwise by the rotation in the index, without padding, scaled to `size`."""
    is_sideways = index.rotation in (90, 270)
    width, height = (index.height, index.width) if is_sideways else (index.width, index.height)
    if size is not None and (frame.width, frame.height) == (width, height):
        width, height = size[::-1] if is_sideways else size
        image = _bgr(frame, width, height)
    else:
        image = _bgr(frame, frame.width, frame.height)[:height, :width]
        if size is not None:
            image = _scaled(image, size[::-1] if is_sideways else size)
    return np.ascontiguousarray(np.rot90(image, -(index.rotation // 90)))


def _decoded(index: ClipIndex, samples: Samples, threads: int) -> Iterator[tuple[int, "av.VideoFrame"]]:
    """Frames in presentation order with their numbers, which pass through the decoder as timestamps."""
    import base64  # noqa: PLC0415  imported with PyAV, only to decode clips

    import av  # noqa: PLC0415

    decoder: Any = av.CodecContext.create("mjpeg" if index.rendition == "still" else "h264", "r")
    if index.description:
        decoder.extradata = base64.b64decode(index.description)
    decoder.thread_count = threads
    decoder.thread_type = "AUTO"
    for sample in (*_packets(index, samples), None):
        try:
            frames = decoder.decode(sample)
        except av.error.InvalidDataError:
            continue
        for frame in frames:
            if frame.pts is not None and frame.pts != HIDDEN:
                yield frame.pts, frame


def _packets(index: ClipIndex, samples: Samples) -> Iterator["av.Packet[Any]"]:
    import av  # noqa: PLC0415

    for order, (size, frame) in enumerate(zip(index.sample_size, index.sample_frame, strict=True)):
        packet = av.Packet(samples.read(size))
        packet.pts, packet.dts = frame, order
        yield packet


def _bgr(frame: "av.VideoFrame", width: int, height: int) -> BgrImage:
    scaled = frame.reformat(width=width, height=height, format="bgr24", interpolation="BILINEAR")
    return np.asarray(scaled.to_ndarray(), np.uint8)


def _scaled(image: BgrImage, size: tuple[int, int]) -> BgrImage:
    import av  # noqa: PLC0415

    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
    return _bgr(frame, *size)
