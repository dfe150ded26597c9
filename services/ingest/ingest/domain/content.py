"""The type of a file by its first bytes, without a decoder. Its name is only a claim."""

from collections.abc import Callable
from dataclasses import dataclass

from common.contract.errors import CodedError
from common.contract.media import Kind
from ingest.domain.names import extension

Read = Callable[[int, int], bytes]

CONTENT_TYPES = {
    ".jpg": ("image/jpeg",),
    ".jpeg": ("image/jpeg",),
    ".png": ("image/png",),
    ".mp4": ("video/mp4", "video/quicktime"),
    ".mov": ("video/quicktime", "video/mp4"),
    ".avi": ("video/x-msvideo",),
    ".wmv": ("video/x-ms-wmv",),
}
_FORMAT_NAMES = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "video/mp4": "MP4",
    "video/quicktime": "MOV",
    "video/x-msvideo": "AVI",
    "video/x-ms-wmv": "WMV",
}
# (offset, bytes) → content type, or the name of an unsupported format.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "video/x-ms-wmv"),
    (8, b"AVI ", "video/x-msvideo"),
    (8, b"WEBP", "WebP"),
    (8, b"WAVE", "WAV"),
    (0, b"GIF8", "GIF"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
    (0, b"FLV", "Flash video"),
    (0, b"BM", "BMP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"%PDF", "PDF"),
    (0, b"PK\3\4", "ZIP"),
)
_STILL_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif")
_OLD_MOV_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_MAX_MARKERS = 2000
TEXT, UNKNOWN = "text", "unknown"


class UnsupportedFile(CodedError):
    """The file cannot become a medium."""


@dataclass(frozen=True, slots=True)
class Content:
    """The detected content type; width and height of images."""

    content_type: str
    width: int | None = None
    height: int | None = None


def claimed_kind(name: str) -> Kind:
    """Image or video, as the extension says. Raises UnsupportedFile."""
    types = CONTENT_TYPES.get(extension(name))
    if types is None:
        raise UnsupportedFile("unsupported_file_type")
    return "image" if types[0].startswith("image/") else "video"


def sniff(read: Read, name: str, max_pixels: int) -> Content:
    """The content of a file, if it matches the extension. Raises UnsupportedFile."""
    head = read(0, 64)
    found = _kind_of(head)
    if found not in CONTENT_TYPES[extension(name)]:
        raise _mismatch(name, found)
    if not found.startswith("image/"):
        return Content(found)
    size = _png_size(head) if found == "image/png" else _jpeg_size(read)
    if size is None or 0 in size:
        raise UnsupportedFile("image_header_damaged", name=name)
    if size[0] * size[1] > max_pixels:
        limit = max_pixels // 1_000_000
        raise UnsupportedFile("too_many_pixels", name=name, width=size[0], height=size[1], limit_megapixels=limit)
    return Content(found, *size)


def _mismatch(name: str, found: str) -> UnsupportedFile:
    expected = _FORMAT_NAMES[CONTENT_TYPES[extension(name)][0]]
    if found in (TEXT, UNKNOWN):
        code = "file_is_text" if found == TEXT else "file_type_unknown"
        return UnsupportedFile(code, name=name, expected=expected)
    return UnsupportedFile("file_type_mismatch", name=name, expected=expected, found=_FORMAT_NAMES.get(found, found))


def _kind_of(head: bytes) -> str:
    for offset, signature, name in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return name
    box = head[4:8]
    if box == b"ftyp":
        brand = head[8:12]
        if brand in _STILL_BRANDS:
            return "HEIC or AVIF"
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    if box in _OLD_MOV_BOXES:
        return "video/quicktime"
    return TEXT if head and _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    return all(byte in (9, 10, 13) or byte >= 32 for byte in head)


def _png_size(head: bytes) -> tuple[int, int] | None:
    if head[12:16] != b"IHDR":
        return None
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def _jpeg_size(read: Read) -> tuple[int, int] | None:
    """The size in the first start of frame (ITU-T T.81, B.2.2)."""
    at = 2
    for _ in range(_MAX_MARKERS):
        marker = read(at, 10)
        if len(marker) < 10 or marker[0] != 0xFF:
            return None
        code = marker[1]
        if 0xC0 <= code <= 0xCF and code not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(marker[7:9], "big"), int.from_bytes(marker[5:7], "big")
        if code == 0xDA:
            return None
        if code == 0xFF:
            at += 1
        else:
            at += 2 + (int.from_bytes(marker[2:4], "big") if not 0xD0 <= code <= 0xD8 else 0)
    return None
