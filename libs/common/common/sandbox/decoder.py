"""From a clip's samples back to pictures. Runs inside a sandbox (`common.sandbox.parent`): the samples are hostile.

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
HIDDEN = -1  # the frame number of a sample that is decoded for others' sake and never shown


class Samples(Protocol):
    """The samples object of a clip, read from its start."""

    def read(self, size: int, /) -> bytes: ...


def decode_clip(
    index: ClipIndex, samples: Samples, size: tuple[int, int] | None = None, threads: int = 1
) -> Iterator[tuple[int, BgrImage]]:
    """Every frame of the clip once and in order: its number, and its upright picture as BGR [height, width, 3].

    `size` (width, height) scales while converting, which is cheaper than scaling after. A frame that cannot be
    decoded is the picture before it, so that numbers never shift.

    Raises:
        ValueError: not one frame can be decoded.
    """
    expected = index.first
    picture: BgrImage | None = None
    for number, frame in _decoded(index, samples, threads):
        if not expected <= number <= index.last:
            continue
        missed, picture = picture, upright(frame, index, size)
        for gap in range(expected, number):
            yield gap, picture if missed is None else missed
        yield number, picture
        expected = number + 1
    if picture is None:
        raise ValueError(f"No frame of clip {index.clip} can be decoded")
    for gap in range(expected, index.last + 1):
        yield gap, picture


def upright(frame: "av.VideoFrame", index: ClipIndex, size: tuple[int, int] | None = None) -> BgrImage:
    """The picture as it is shown: rotated clockwise by the index's rotation, without padding, scaled to `size`."""
    turned = index.rotation in (90, 270)
    width, height = (index.height, index.width) if turned else (index.width, index.height)
    if size is not None and (frame.width, frame.height) == (width, height):
        width, height = size[::-1] if turned else size
        picture = _bgr(frame, width, height)
    else:
        picture = _bgr(frame, frame.width, frame.height)[:height, :width]
        if size is not None:
            picture = _scaled(picture, size[::-1] if turned else size)
    return np.ascontiguousarray(np.rot90(picture, -(index.rotation // 90)))


def _decoded(index: ClipIndex, samples: Samples, threads: int) -> Iterator[tuple[int, "av.VideoFrame"]]:
    """Frames in presentation order with their numbers, which travel through the decoder as its timestamps."""
    import base64  # noqa: PLC0415  with PyAV, only where clips are decoded

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


def _scaled(picture: BgrImage, size: tuple[int, int]) -> BgrImage:
    import av  # noqa: PLC0415

    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
    return _bgr(frame, *size)
