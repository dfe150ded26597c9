"""ZIP archives in S3, streamed part by part."""

from collections.abc import Callable, Iterable

from common.storage.multipart import MultipartWriter, Written, abort_uploads
from common.storage.objects import Objects

_CONTENT_TYPE = "application/zip"


class Archives:
    """Writes and deletes archives. All methods are for threads."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def write(self, key: str, chunks: Iterable[bytes], check: Callable[[], None] = lambda: None) -> Written:
        """Store `chunks` under `key`, all or nothing. `check` is called before each chunk, and stops the upload by
        raising.

        Raises:
            Problem: the archive is larger than S3 accepts.
        """
        with MultipartWriter(self._objects, key, _CONTENT_TYPE, sha256=True) as writer:
            for chunk in chunks:
                check()
                writer.write(chunk)
            check()
        return writer.written

    def clear(self, key: str) -> None:
        """Delete the archive and its unfinished uploads."""
        abort_uploads(self._objects, key)
        self._objects.delete_sync(key)
