"""Single images: exact frames of a video, upright images, thumbnails."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from common.sandbox.worker import Undecodable, Yielded
from frames.domain.gops import Packet
from frames.domain.images import QUALITY, THUMBNAIL_WIDTH, ImageFormat, size_within

BgrImage = NDArray[np.uint8]

_ENCODINGS = {
    "jpeg": (".jpg", [cv2.IMWRITE_JPEG_QUALITY, QUALITY]),
    "png": (".png", [cv2.IMWRITE_PNG_COMPRESSION, 3]),
    "webp": (".webp", [cv2.IMWRITE_WEBP_QUALITY, QUALITY]),
}
cv2.setNumThreads(1)


def still_and_thumbnail(source: BinaryIO) -> Iterator[Yielded]:
    """An upright image as JPEG, then its thumbnail. Raises Undecodable."""
    image = _image(source)
    size = {"width": image.shape[1], "height": image.shape[0]}
    yield size, encode_image(image, "jpeg", None)
    yield size, encode_image(image, "jpeg", THUMBNAIL_WIDTH)


def render_image(source: BinaryIO, image_format: ImageFormat, width: int | None) -> Yielded:
    """An upright image in another format or size. Raises Undecodable."""
    return _yielded(0, _image(source), image_format, width)


def render_frames(
    source: BinaryIO,
    content_type: str,
    wanted: list[dict[str, Any]],
    image_format: ImageFormat,
    width: int | None,
    threads: int,
) -> Iterator[Yielded]:
    """Exact frames of a video. Each of `wanted` names the packet to start from (`start`: number, time, position,
    size) and its frames as pairs of frame and packet number, in order. A frame that cannot be decoded is replaced by
    the one before it.
    """
    from frames.video.source import Source, frames_of_packets  # noqa: PLC0415  images need no PyAV

    opened = Source(source, content_type, threads)
    for group in wanted:
        packet, time, position, size = group["start"]
        decoded = opened.frames(opened.packets_from(Packet(packet, None, time, position, size)))
        numbers = [number for number, _ in group["frames"]]
        frames = frames_of_packets(decoded, [packet for _, packet in group["frames"]])
        for number, frame in zip(numbers, frames, strict=True):
            yield _yielded(number, upright_bgr(frame), image_format, width)
        opened.decoder.flush_buffers()


def _yielded(frame: int, image: BgrImage, image_format: ImageFormat, width: int | None) -> Yielded:
    shown = size_within(image.shape[1], image.shape[0], width)
    return {"frame": frame, "width": shown[0], "height": shown[1]}, encode_image(image, image_format, width)


def upright_bgr(frame: Any) -> BgrImage:
    """A decoded frame, upright, in BGR."""
    turns = round(frame.rotation / 90) % 4
    bgr: BgrImage = frame.to_ndarray(format="bgr24")
    return np.ascontiguousarray(np.rot90(bgr, turns))


def encode_image(image: BgrImage, image_format: ImageFormat, width: int | None) -> bytes:
    """The encoded image, at most `width` pixels wide."""
    size = size_within(image.shape[1], image.shape[0], width)
    if size != image.shape[1::-1]:
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    extension, options = _ENCODINGS[image_format]
    done, content = cv2.imencode(extension, image, options)
    if not done:
        raise Undecodable("image_not_encodable", width=size[0], height=size[1], format=image_format)
    return content.tobytes()


def _image(source: BinaryIO) -> BgrImage:
    content = source.read()
    if not _is_whole(content):
        raise Undecodable("image_truncated")
    try:
        # Rotated by EXIF.
        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise Undecodable("image_not_decodable") from error
    if image is None:
        raise Undecodable("image_not_decodable")
    return np.asarray(image, np.uint8)


def _is_whole(content: bytes) -> bool:
    """Whether the end of the data is present: the end marker after the last scan (JPEG), or IEND (PNG)."""
    if content.startswith(b"\x89PNG"):
        return b"IEND" in content[-1024 * 64 :]
    at = 2
    while content[at : at + 1] == b"\xff" and content[at + 1 : at + 2] != b"\xda":
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    # Inside a scan every FF is followed by 00 or by a restart marker, so that this can only be the end.
    return content.find(b"\xff\xd9", at) >= 0
