"""Archives as streams: entries in, the bytes of a zip out, the same bytes for the same entries."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from stream_zip import ZIP_AUTO, stream_zip

# The time of all entries: two archives of the same content must be equal. Zip has no earlier date.
_EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001  zip times have no zone
_MODE = 0o100644
# Above level 1, deflate takes several times the CPU of all the rest for a tenth less.
_LEVEL = 1
_CHUNK = 256 * 1024
# An entry of unknown size may be large, so it gets 64-bit sizes.
_ANY_SIZE = 1 << 62


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive. `chunks` is read once, in the order of the archive; `size_bytes` is set where it is known
    beforehand. `packed` content, such as images, is stored without compression."""

    name: str
    chunks: Iterable[bytes]
    size_bytes: int | None = None
    packed: bool = False

    @classmethod
    def of(cls, name: str, content: bytes) -> "Entry":
        """A file whose content is in memory."""
        return cls(name, (content,), len(content))


def zipped(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The bytes of a zip with `entries`, with 64-bit sizes only where they are needed or may be."""
    members = (
        (
            entry.name,
            _EPOCH,
            _MODE,
            ZIP_AUTO(_ANY_SIZE if entry.size_bytes is None else entry.size_bytes, level=_level(entry)),
            entry.chunks,
        )
        for entry in entries
    )
    yield from stream_zip(members, chunk_size=_CHUNK, extended_timestamps=False)


def _level(entry: Entry) -> int:
    return zlib.Z_NO_COMPRESSION if entry.packed else _LEVEL
