"""What a file really is, from its first bytes and no decoder: its name is only a claim."""

from collections.abc import Callable
from dataclasses import dataclass

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
_NAMES = {
    "image/jpeg": "a JPEG image",
    "image/png": "a PNG image",
    "video/mp4": "an MP4 video",
    "video/quicktime": "a MOV video",
    "video/x-msvideo": "an AVI video",
    "video/x-ms-wmv": "a WMV video",
}
# (offset, bytes) → what it is. Names of what is refused make the refusal clear.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "video/x-ms-wmv"),
    (8, b"AVI ", "video/x-msvideo"),
    (8, b"WEBP", "a WebP image"),
    (8, b"WAVE", "a sound file"),
    (0, b"GIF8", "a GIF image"),
    (0, b"\x1a\x45\xdf\xa3", "a Matroska or WebM video"),
    (0, b"FLV", "a Flash video"),
    (0, b"BM", "a BMP image"),
    (0, b"II*\0", "a TIFF image"),
    (0, b"MM\0*", "a TIFF image"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\3\4", "a ZIP archive"),
)
_STILL_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif")
_OLD_MOV_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_MARKERS_READ = 2000


class Refused(ValueError):
    """The file is not taken, and why, in a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Content:
    """What was found; the size is known of images only."""

    content_type: str
    width: int | None = None
    height: int | None = None


def claimed_kind(name: str) -> Kind:
    """Image or video, as the extension says. Raises Refused."""
    types = CONTENT_TYPES.get(extension(name))
    if types is None:
        raise Refused(
            "Only JPEG, PNG, MP4, MOV, AVI and WMV files can be labeled; the name has to end in one of these."
        )
    return "image" if types[0].startswith("image/") else "video"


def look(read: Read, name: str, most_pixels: int) -> Content:
    """What the file holds, if that is what its name says. Raises Refused."""
    head = read(0, 64)
    found = _kind_of(head)
    if found not in CONTENT_TYPES[extension(name)]:
        wanted = _NAMES[CONTENT_TYPES[extension(name)][0]]
        raise Refused(f"{name} is not {wanted}: its content is {_NAMES.get(found, found)}.")
    if not found.startswith("image/"):
        return Content(found)
    size = _png_size(head) if found == "image/png" else _jpeg_size(read)
    if size is None or 0 in size:
        raise Refused(f"{name} is broken: it does not say how large its picture is.")
    if size[0] * size[1] > most_pixels:
        raise Refused(
            f"{name} is {size[0]:,} × {size[1]:,} pixels large; "
            f"at most {most_pixels // 1_000_000} million pixels can be labeled."
        )
    return Content(found, *size)


def _kind_of(head: bytes) -> str:
    for offset, signature, name in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return name
    box = head[4:8]
    if box == b"ftyp":
        brand = head[8:12]
        if brand in _STILL_BRANDS:
            return "a HEIC or AVIF image"
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    if box in _OLD_MOV_BOXES:
        return "video/quicktime"
    return "text" if head and _is_text(head) else "of no kind that is known here"


def _is_text(head: bytes) -> bool:
    return all(byte in (9, 10, 13) or byte >= 32 for byte in head)


def _png_size(head: bytes) -> tuple[int, int] | None:
    if head[12:16] != b"IHDR":
        return None
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


def _jpeg_size(read: Read) -> tuple[int, int] | None:
    """The size in the first start of frame (ITU-T T.81, B.2.2)."""
    at = 2
    for _ in range(_MARKERS_READ):
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
