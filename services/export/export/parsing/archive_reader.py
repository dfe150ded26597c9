"""Reads uploaded archives, which are untrusted: an archive is checked as a whole before any file in it is read."""

import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import IO, Protocol

from common.sandbox.worker import Undecodable
from export.codecs.tfrecord import begins_records

MOST_FILES = 500_000
LARGEST_FILE = 512 << 20
LARGEST_IMAGE = 2 << 30
LARGEST_TOTAL = 64 << 30
# Deflate packs a run of equal bytes a thousand times, real label files hardly more than a hundred times.
HIGHEST_RATIO, RATIO_ABOVE = 400, 16 << 20
_LABELS = (".json", ".xml", ".txt", ".csv", ".data", ".names", ".yaml", ".yml", ".ini", ".manifest")
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
_PARQUET = b"PAR1"
_LOCAL_HEADER_BYTES = 30
_BEGINNING = 64 * 1024
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, UnicodeDecodeError)


class File(Protocol):
    """A seekable file."""

    def read(self, size: int = -1, /) -> bytes: ...

    def seek(self, offset: int, whence: int = 0, /) -> int: ...


class ArchiveReader:
    """The files of an archive by name, with `/` between folders; a single label file is an archive with one file."""

    def __init__(
        self, members: dict[str, zipfile.ZipInfo] | None, packed: zipfile.ZipFile | None, single: bytes
    ) -> None:
        self._members = members
        self._packed = packed
        self._single = single
        self.name = ""

    @classmethod
    def open(cls, file: File, name: str) -> "ArchiveReader":
        """Open an archive after checking its names, sizes and compression.

        Raises:
            Undecodable: the archive is refused.
        """
        beginning = file.read(4096)
        file.seek(0)
        if beginning[:2] == b"PK":
            return _opened(file)
        if not (_is_text(beginning) or beginning[:4] == _PARQUET or begins_records(beginning)):
            raise Undecodable("archive_not_supported")
        content = file.read(LARGEST_FILE + 1)
        _check_size(name, len(content))
        found = cls(None, None, content.removeprefix(b"\xef\xbb\xbf"))
        found.name = name.replace("\\", "/").rpartition("/")[2] or "file"
        return found

    @property
    def names(self) -> Iterable[str]:
        """The names of all files, in the archive's order."""
        return [self.name] if self._members is None else self._members

    def names_ending(self, *suffixes: str) -> list[str]:
        """The names with one of these endings, ignoring case."""
        return [name for name in self.names if name.lower().endswith(suffixes)]

    def read(self, name: str) -> bytes:
        """The content of a file.

        Raises:
            Undecodable: the archive is refused.
        """
        if self._members is None:
            return self._single
        with self._file(name) as opened:
            return self._bytes(name, opened, self._members[name].file_size)

    def head(self, name: str) -> bytes:
        """The first bytes of a file, for format detection."""
        if self._members is None:
            return self._single[:_BEGINNING]
        with self._file(name) as opened:
            return self._bytes(name, opened, _BEGINNING)

    def _file(self, name: str) -> IO[bytes]:
        assert self._members is not None
        assert self._packed is not None
        member = self._members[name]
        if member.file_size > LARGEST_FILE:
            raise Undecodable("archive_file_too_large", file=name, limit_mb=LARGEST_FILE >> 20)
        try:
            return self._packed.open(member)
        except _DAMAGED as error:
            raise _damaged(name) from error

    def _bytes(self, name: str, opened: IO[bytes], size: int) -> bytes:
        try:
            content = opened.read(size)
            # At the end, and only there, the checksum is compared.
            opened.read(1)
        except _DAMAGED as error:
            raise _damaged(name) from error
        return content.removeprefix(b"\xef\xbb\xbf")


def _is_text(beginning: bytes) -> bool:
    # The last character may be cut in two.
    return (
        bool(beginning)
        and not _CONTROL_BYTES.search(beginning)
        and "\ufffd" not in beginning.decode(errors="replace").rstrip("\ufffd")
    )


def _opened(file: File) -> ArchiveReader:
    try:
        packed = zipfile.ZipFile(file)
    except (*_DAMAGED, ValueError) as error:
        raise Undecodable("archive_damaged") from error
    listed = packed.infolist()
    if len(listed) > MOST_FILES:
        raise Undecodable("archive_too_many_files", count=len(listed), limit=MOST_FILES)
    _check_overlaps(listed)
    members = dict(_named(listed))
    total = sum(member.file_size for member in members.values())
    if total > LARGEST_TOTAL:
        raise Undecodable("archive_too_large", size_gb=total >> 30, limit_gb=LARGEST_TOTAL >> 30)
    return ArchiveReader(members, packed, b"")


def _named(listed: Iterable[zipfile.ZipInfo]) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """The members that are files, by unique, safe names."""
    seen: set[str] = set()
    for member in listed:
        name = _safe(member)
        _check_member(name, member)
        if name in seen:
            raise Undecodable("archive_duplicate_file", file=name)
        seen.add(name)
        if not member.is_dir() and not name.startswith("__MACOSX/"):
            yield name, member


def _safe(member: zipfile.ZipInfo) -> str:
    """The name of a member, if it stays inside the folder where the archive is unpacked."""
    raw = unicodedata.normalize("NFC", member.orig_filename).replace("\\", "/")
    parts = raw.rstrip("/").split("/")
    if raw.startswith("/") or re.match(r"^[A-Za-z]:", raw) or ".." in parts or _CONTROL.search(raw) or not parts[0]:
        raise Undecodable("archive_unsafe_path", file=raw[:200])
    return "/".join(part for part in parts if part not in ("", "."))


def _check_member(name: str, member: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Undecodable("archive_special_file", file=name)
    if member.flag_bits & _ENCRYPTED:
        raise Undecodable("archive_encrypted")
    if member.compress_type not in _PACKED:
        raise Undecodable("archive_compression_unsupported", file=name)
    _check_size(name, member.file_size)
    if member.file_size > max(RATIO_ABOVE, HIGHEST_RATIO * member.compress_size):
        raise Undecodable("archive_compression_ratio", file=name, limit=HIGHEST_RATIO)


def _check_size(name: str, size: int) -> None:
    most = LARGEST_FILE if name.lower().endswith(_LABELS) else LARGEST_IMAGE
    if size > most:
        raise Undecodable("archive_file_too_large", file=name, limit_mb=most >> 20)


def _check_overlaps(listed: Iterable[zipfile.ZipInfo]) -> None:
    """Refuse members that share bytes: a small archive of such members unpacks to any size."""
    ranges = sorted(
        (member.header_offset, member.header_offset + _LOCAL_HEADER_BYTES + member.compress_size) for member in listed
    )
    if any(left[1] > right[0] for left, right in pairwise(ranges)):
        raise Undecodable("archive_files_overlap")


def _damaged(name: str) -> Undecodable:
    return Undecodable("archive_damaged_at", file=name)
