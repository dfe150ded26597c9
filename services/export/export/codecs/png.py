"""Label images as PNG and BMP files, written row by row: no file is held in memory."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# [rows, bytes of a row]: some neighbouring rows of an image.
Rows = NDArray[np.uint8]

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_PNG_UP = 2
_BMP_HEADERS_BYTES = 54


@dataclass(frozen=True, slots=True)
class Pixels:
    """The encoding of a pixel: `bits` in all, divided among `channels`."""

    bits: int
    channels: int = 1


RGB = Pixels(24, 3)
RGBA = Pixels(32, 4)
GRAY = Pixels(8)
DEEP = Pixels(16)
BLACK_OR_WHITE = Pixels(1)


def png(rows: Iterable[Rows], width: int, height: int, pixels: Pixels) -> Iterator[bytes]:
    """A PNG file from its rows, top row first; numbers of 16 bits are big-endian."""
    depth, color_type = pixels.bits // pixels.channels, {1: 0, 3: 2, 4: 6}[pixels.channels]
    yield _PNG_MAGIC + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0))
    # Most rows repeat the row above, so the differences are runs of zeros.
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    above = np.zeros((1, 0), np.uint8)
    for some in rows:
        above = above if above.shape[1] else np.zeros((1, some.shape[1]), np.uint8)
        filtered = np.empty((some.shape[0], some.shape[1] + 1), np.uint8)
        filtered[:, 0] = _PNG_UP
        np.subtract(some[:1], above, out=filtered[:1, 1:])
        np.subtract(some[1:], some[:-1], out=filtered[1:, 1:])
        above = some[-1:]
        if packed := packer.compress(filtered.data):
            yield _chunk(b"IDAT", packed)
    yield _chunk(b"IDAT", packer.flush()) + _chunk(b"IEND", b"")


def bmp(rows: Iterable[Rows], width: int, height: int, pixels: Pixels) -> Iterator[bytes]:
    """A BMP file of `bmp_size` bytes from its rows, bottom row first; colours are blue, green, red."""
    colors = b"\0\0\0\0\xff\xff\xff\0" if pixels.bits == 1 else b""
    begin, stride = _BMP_HEADERS_BYTES + len(colors), _stride(width, pixels)
    yield struct.pack("<2sIHHI", b"BM", bmp_size(width, height, pixels), 0, 0, begin)
    # 2835 pixels a metre are the usual 72 an inch.
    size = stride * height
    yield struct.pack("<IiiHHIIiiII", 40, width, height, 1, pixels.bits, 0, size, 2835, 2835, len(colors) // 4, 0)
    yield colors
    for some in rows:
        yield np.pad(some, ((0, 0), (0, stride - some.shape[1]))).tobytes()


def bmp_size(width: int, height: int, pixels: Pixels) -> int:
    """The size of a BMP file in bytes."""
    colors = 8 if pixels.bits == 1 else 0
    return _BMP_HEADERS_BYTES + colors + _stride(width, pixels) * height


def _stride(width: int, pixels: Pixels) -> int:
    """The bytes of a row: a multiple of four."""
    return (width * pixels.bits + 31) // 32 * 4


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
