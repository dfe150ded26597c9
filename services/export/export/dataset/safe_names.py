"""Names that are safe and unique as paths on every system."""

import re
import unicodedata
from pathlib import PurePosixPath

from common.contract.errors import Reason, reason_for

_RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]')
# A name is at most 255 bytes on common file systems; the rest is for suffixes of formats.
PART_BYTES = 200


def safe_path(name: str) -> str:
    """A relative path that Linux, macOS and Windows accept, as close to `name` as possible; Unicode stays."""
    parts = [_safe_part(part) for part in re.split(r"[/\\]+", unicodedata.normalize("NFC", name))]
    return "/".join(part for part in parts if part) or "file"


def _safe_part(part: str) -> str:
    part = _FORBIDDEN.sub("_", part).strip(" ").rstrip(". ")
    if _RESERVED.match(part.split(".")[0].rstrip(" ")):
        part = f"_{part}"
    return _shorten(part)


def _shorten(part: str) -> str:
    if len(part.encode()) <= PART_BYTES:
        return part
    path = PurePosixPath(part)
    suffix = path.suffix if len(path.suffix.encode()) <= 16 else ""
    stem = part.removesuffix(suffix).encode()[: PART_BYTES - len(suffix.encode())]
    return (stem.decode(errors="ignore") + suffix).rstrip(". ")


def name_fault(name: str) -> Reason | None:
    """Why `name` cannot be a file name on every system; None if it can."""
    if name != name.strip() or name.endswith("."):
        return reason_for("name_edges_invalid")
    if "/" in name or "\\" in name or _FORBIDDEN.search(name):
        return reason_for("name_characters_invalid")
    if name in ("", ".", "..") or _RESERVED.match(name.split(".", maxsplit=1)[0]):
        return reason_for("name_reserved", name=name)
    if len(name.encode()) > PART_BYTES:
        return reason_for("name_too_long", limit_bytes=PART_BYTES)
    return None


class Names:
    """Reserves paths that do not collide, also where case is ignored."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def file(self, path: str) -> str:
        """Reserve `path`, with a number in it if it is in use."""
        chosen = self._free(path)
        self._files.add(chosen.casefold())
        return chosen

    def folder(self, path: str) -> str:
        """Reserve a folder for the files of one medium."""
        chosen = self._free(path)
        self._folders.add(chosen.casefold())
        return chosen

    def _free(self, path: str) -> str:
        pure = PurePosixPath(path)
        parent = self._parent(pure.parent)
        for number in range(1, 1_000_000):
            name = pure.name if number == 1 else f"{pure.stem} ({number}){pure.suffix}"
            chosen = str(parent / name)
            if chosen.casefold() not in self._files and chosen.casefold() not in self._folders:
                return chosen
        raise ValueError(f"Too many files have the name {path}")

    def _parent(self, parent: PurePosixPath) -> PurePosixPath:
        """The folder, with `_` after each part that is a file's name already."""
        path = PurePosixPath()
        for part in parent.parts:
            path = path / part
            while str(path).casefold() in self._files:
                path = path.with_name(f"{path.name}_")
            self._folders.add(str(path).casefold())
        return path
