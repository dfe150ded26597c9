"""Single images: exact frames of a video, upright images, thumbnails."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from common.sandbox.worker import Undecodable, Yielded
from frames.domain.gops import Packet
from frames.domain.images import QUALITY, THUMBNAIL_WIDTH, ImageFormat, size_within

Picture = NDArray[np.uint8]

_ENCODINGS = {
    "jpeg": (".jpg", [cv2.IMWRITE_JPEG_QUALITY, QUALITY]),
    "png": (".png", [cv2.IMWRITE_PNG_COMPRESSION, 3]),
    "webp": (".webp", [cv2.IMWRITE_WEBP_QUALITY, QUALITY]),
}
cv2.setNumThreads(1)


def still_and_thumbnail(source: BinaryIO) -> Iterator[Yielded]:
    """An upright image as JPEG, then its thumbnail. Raises Undecodable."""
    picture = _image(source)
    size = {"width": picture.shape[1], "height": picture.shape[0]}
    yield size, encode_picture(picture, "jpeg", None)
    yield size, encode_picture(picture, "jpeg", THUMBNAIL_WIDTH)


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
        number, time, position, size = group["start"]
        pictures = opened.pictures(opened.packets_from(Packet(number, None, time, position, size)))
        frames = [frame for frame, _ in group["frames"]]
        shown = frames_of_packets(pictures, [packet for _, packet in group["frames"]])
        for frame, picture in zip(frames, shown, strict=True):
            yield _yielded(frame, upright_bgr(picture), image_format, width)
        opened.decoder.flush_buffers()


def _yielded(frame: int, picture: Picture, image_format: ImageFormat, width: int | None) -> Yielded:
    shown = size_within(picture.shape[1], picture.shape[0], width)
    return {"frame": frame, "width": shown[0], "height": shown[1]}, encode_picture(picture, image_format, width)


def upright_bgr(picture: Any) -> Picture:
    """A decoded frame, upright, in BGR."""
    turns = round(picture.rotation / 90) % 4
    bgr: Picture = picture.to_ndarray(format="bgr24")
    return np.ascontiguousarray(np.rot90(bgr, turns))


def encode_picture(picture: Picture, image_format: ImageFormat, width: int | None) -> bytes:
    """The encoded image, at most `width` pixels wide."""
    size = size_within(picture.shape[1], picture.shape[0], width)
    if size != picture.shape[1::-1]:
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    extension, options = _ENCODINGS[image_format]
    done, content = cv2.imencode(extension, picture, options)
    if not done:
        raise Undecodable("image_not_encodable", width=size[0], height=size[1], format=image_format)
    return content.tobytes()


def _image(source: BinaryIO) -> Picture:
    content = source.read()
    if not _is_whole(content):
        raise Undecodable("image_truncated")
    try:
        # Rotated by EXIF.
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise Undecodable("image_not_decodable") from error
    if picture is None:
        raise Undecodable("image_not_decodable")
    return np.asarray(picture, np.uint8)


def _is_whole(content: bytes) -> bool:
    """Whether the end of the data is present: the end marker after the last scan (JPEG), or IEND (PNG)."""
    if content.startswith(b"\x89PNG"):
        return b"IEND" in content[-1024 * 64 :]
    at = 2
    while content[at : at + 1] == b"\xff" and content[at + 1 : at + 2] != b"\xda":
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    # Inside a scan every FF is followed by 00 or by a restart marker, so that this can only be the end.
    return content.find(b"\xff\xd9", at) >= 0
