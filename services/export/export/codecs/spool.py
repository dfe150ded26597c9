"""Content that is written before it can be sent: files made in the same pass as others, and images that are needed
twice."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile

_IN_MEMORY = 1024 * 1024
_CHUNK = 256 * 1024


class Spool:
    """Buffers written content: in memory while it is small, else in a temporary file that is deleted with it."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  it lives as long as the spool
        self._size = 0

    def __del__(self) -> None:
        self._file.close()

    @property
    def size_bytes(self) -> int:
        """Bytes written so far."""
        return self._size

    def write(self, content: bytes) -> None:
        """Append `content`."""
        self._file.write(content)
        self._size += len(content)

    def chunks(self) -> Iterator[bytes]:
        """The whole content; nothing may be written afterwards."""
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            yield chunk
