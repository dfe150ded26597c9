"""Bytes that come before their turn: of files that are made in the same pass as others, and pictures that are wanted
twice."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile

_IN_MEMORY = 1024 * 1024
_CHUNK = 256 * 1024


class Spool:
    """Keeps what is written to it, in memory while that is little, else in a temporary file that vanishes with it."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  it lives as long as the spool
        self._size = 0

    def __del__(self) -> None:
        self._file.close()

    @property
    def size_bytes(self) -> int:
        """How much was written."""
        return self._size

    def write(self, content: bytes) -> None:
        """Keep `content` after what is there already."""
        self._file.write(content)
        self._size += len(content)

    def chunks(self) -> Iterator[bytes]:
        """All that was written, from its beginning; nothing is written afterwards."""
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            yield chunk
