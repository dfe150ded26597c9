"""Tiny real videos and images of every kind, written when a test asks for them.

Each frame carries its number as a barcode, so that a test can prove that frame n is frame n.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

BITS = 14
Image = NDArray[np.uint8]


def barcode(number: int, width: int = 224, height: int = 96, seed: int = 0) -> Image:
    """A BGR image whose upper half shows `number` as black and white bars, the lower half something that moves."""
    image = np.full((height, width, 3), 90 + seed % 50, np.uint8)
    for bit in range(BITS):
        left, right = (width * bit) // BITS, (width * (bit + 1)) // BITS
        image[: height // 2, left:right] = 235 if number >> bit & 1 else 20
    centre = (width // 8 + number * 3 % (width * 3 // 4), height * 3 // 4)
    cv2.circle(image, centre, max(3, height // 10), (40, 200, 90), -1)
    return image


def number_in(image: Image) -> int:
    """The number that `barcode` drew, at whatever size the image is."""
    height, width = image.shape[:2]
    row = image[height // 4].mean(axis=1)
    return sum(1 << bit for bit in range(BITS) if row[int(width * (bit + 0.5) / BITS)] > 128)


def write_video(
    path: Path,
    frames: int = 30,
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (224, 96),
    rate: int = 25,
    gop: int = 12,
    bframes: int = 0,
    pts: Sequence[int] | None = None,
    rotation: int = 0,
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
    audio: bool = False,
) -> Path:
    """A video of numbered frames; `pts` in 1/1000 s for a variable rate; `rotation` as counter-clockwise degrees of
    its display matrix. The container follows the path's extension."""
    container: Any = av.open(str(path), "w")
    stream: Any = container.add_stream(codec, rate=rate)
    stream.width, stream.height = size
    stream.pix_fmt = pixel_format
    stream.codec_context.gop_size = gop
    stream.codec_context.max_b_frames = bframes
    stream.codec_context.options = _options(codec, gop, bframes) | (options or {})
    if pts is not None:
        stream.codec_context.time_base = Fraction(1, 1000)
    if rotation:
        stream.set_display_rotation(rotation)
    sound: Any = container.add_stream("aac", rate=48000) if audio else None
    for number in range(frames):
        frame = av.VideoFrame.from_ndarray(barcode(number, *size), format="bgr24")
        frame.pts = number if pts is None else pts[number]
        frame.time_base = Fraction(1, rate) if pts is None else Fraction(1, 1000)
        container.mux(stream.encode(frame))
        if sound is not None:
            container.mux(sound.encode(_silence(number, rate)))
    container.mux(stream.encode(None))
    if sound is not None:
        container.mux(sound.encode(None))
    container.close()
    return path


def _options(codec: str, gop: int, bframes: int) -> dict[str, str]:
    if codec == "libx264":
        return {
            "preset": "ultrafast",
            "crf": "16",
            "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes={bframes}:b-adapt=0:open-gop=0",
        }
    if codec in ("mpeg4", "wmv2", "msmpeg4", "mpeg2video", "mjpeg"):
        return {"qmin": "2", "qmax": "4"}
    return {"cpu-used": "8", "crf": "30"} if codec == "libvpx-vp9" else {}


def _silence(number: int, rate: int) -> Any:
    samples = 48000 // rate
    frame = av.AudioFrame.from_ndarray(np.zeros((2, samples), np.float32), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = 48000, number * samples, Fraction(1, 48000)
    return frame


def write_image(path: Path, number: int = 5, size: tuple[int, int] = (224, 96), orientation: int = 1) -> Path:
    """An image of the kind its extension says, with an EXIF orientation where it is a JPEG."""
    content = cv2.imencode(path.suffix, barcode(number, *size))[1].tobytes()
    if orientation != 1:
        tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + orientation.to_bytes(2, "big") + b"\0\0\0\0\0\0"
        exif = b"Exif\0\0" + tiff
        content = content[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + content[2:]
    path.write_bytes(content)
    return path


def truncated(path: Path, share: float) -> Path:
    """A copy of the file that ends after `share` of its bytes."""
    content = path.read_bytes()
    cut = path.with_stem(f"{path.stem}-cut")
    cut.write_bytes(content[: int(len(content) * share)])
    return cut


def huge_png(side: int = 60_000) -> bytes:
    """The first bytes of a PNG that claims to be side × side pixels."""
    header = b"IHDR" + side.to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    import zlib  # noqa: PLC0415

    chunk = (13).to_bytes(4, "big") + header + zlib.crc32(header).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IEND\xae\x42\x60\x82"


def huge_jpeg(side: int = 60_000) -> bytes:
    """The first bytes of a JPEG that claims to be side × side pixels."""
    frame = b"\xff\xc0\x00\x11\x08" + side.to_bytes(2, "big") * 2 + b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    return b"\xff\xd8" + frame + b"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00" + b"\0" * 64 + b"\xff\xd9"
