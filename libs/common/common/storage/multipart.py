"""Streaming upload of one large object to S3: one part is buffered while another is uploaded.

    with MultipartWriter(objects, key, "application/zip", sha256=True) as writer:
        writer.write(chunk)              # in a thread; on the event loop: `async with`, `await writer.send(chunk)`
    return writer.written                # its size and SHA-256

The object appears as a whole when the block ends without an error, or not at all. Content smaller than one part is
stored by a single request.
"""

import asyncio
import hashlib
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from minio.datatypes import Part

from common.contract.errors import Problem
from common.storage.objects import Objects

PART_BYTES = 8 * 1024 * 1024
LARGE_PART_BYTES = 32 * 1024 * 1024
# S3 accepts 10,000 parts of an object; larger parts in the second half allow objects of up to 195 GB.
MAX_PARTS = 10_000
_SMALL_PARTS = 5000
MAX_GB = 195


@dataclass(frozen=True, slots=True)
class Written:
    """A complete object: its size and, if requested, its SHA-256 in hexadecimal digits."""

    size_bytes: int
    sha256: str | None


class MultipartWriter:
    """Writes one object. Use it as a context manager in a thread or, with `async with`, on the event loop."""

    def __init__(
        self,
        objects: Objects,
        key: str,
        content_type: str = "application/octet-stream",
        *,
        sha256: bool = False,
        abort_stale: bool = False,
    ) -> None:
        """`sha256`: compute the digest. `abort_stale`: abort uploads of the same key left by killed attempts."""
        self._objects = objects
        self._key = key
        self._content_type = content_type
        self._abort_stale = abort_stale
        self._sender = ThreadPoolExecutor(1, "upload")
        self._upload: str | None = None
        self._chunks: list[bytes] = []
        self._buffered = 0
        self._parts: list[Part] = []
        self._sending: Future[Part] | None = None
        self._sent = 0
        self._size = 0
        self._sha256 = hashlib.sha256() if sha256 else None
        self._is_handed_over = False
        self._written: Written | None = None

    @property
    def written(self) -> Written:
        """The complete object, after the block."""
        assert self._written is not None, "the object is not complete"
        return self._written

    # ---- in a thread ----

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and not self._is_handed_over:
                self._finish()
        finally:
            if self._written is None and not (kind is None and self._is_handed_over):
                self._abort()
            self._sender.shutdown()

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Append bytes. Waits for the previous part if the next one is complete.

        Raises:
            Problem: `object_too_large`, for more bytes than S3 accepts.
        """
        self._buffer(chunk)
        if self._is_full():
            self._await_part()
            self._send_part()

    def store_parts(self) -> str:
        """Upload the buffer as the last part, and return the id of the upload without completing it. A later step or
        another process completes it. The block leaves it open, unless it ends with an error."""
        self._is_handed_over = True
        return self._flush()

    # ---- on the event loop ----

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.__exit__, kind, error, trace)

    async def send(self, chunk: bytes | bytearray | memoryview) -> None:
        """As `write`, without blocking the loop.

        Raises:
            Problem: `object_too_large`, for more bytes than S3 accepts.
        """
        self._buffer(chunk)
        if self._is_full():
            if self._sending is not None:
                await asyncio.wrap_future(self._sending)
            self._await_part()
            self._send_part()

    # ---- parts ----

    def _buffer(self, chunk: bytes | bytearray | memoryview) -> None:
        self._chunks.append(bytes(chunk))
        self._buffered += len(self._chunks[-1])
        self._size += len(self._chunks[-1])

    def _is_full(self) -> bool:
        return self._buffered >= (PART_BYTES if self._sent < _SMALL_PARTS else LARGE_PART_BYTES)

    def _send_part(self) -> None:
        if self._sent == MAX_PARTS:
            raise Problem("object_too_large", limit_gb=MAX_GB)
        self._sent += 1
        chunks, self._chunks, self._buffered = self._chunks, [], 0
        self._sending = self._sender.submit(self._put, self._sent, chunks)

    def _await_part(self) -> None:
        if self._sending is not None:
            sending, self._sending = self._sending, None
            self._parts.append(sending.result())

    def _put(self, number: int, chunks: list[bytes]) -> Part:
        """Upload one part; runs in the sender's only thread."""
        if self._upload is None:
            if self._abort_stale:
                abort_uploads(self._objects, self._key)
            self._upload = self._objects.begin_multipart(self._key, self._content_type)
        return self._objects.put_part(self._key, self._upload, number, self._join(chunks))

    def _flush(self) -> str:
        self._await_part()
        if self._chunks or self._upload is None:
            self._send_part()
            self._await_part()
        assert self._upload is not None
        return self._upload

    def _join(self, chunks: list[bytes]) -> bytes:
        content = b"".join(chunks)
        chunks.clear()
        if self._sha256 is not None:
            self._sha256.update(content)
        return content

    def _finish(self) -> None:
        if self._sent == 0:
            self._objects.put_sync(self._key, self._join(self._chunks), self._content_type)
        else:
            self._objects.finish_multipart(self._key, self._flush(), self._parts)
        self._written = Written(self._size, self._sha256.hexdigest() if self._sha256 is not None else None)

    def _abort(self) -> None:
        if self._sending is not None:
            # A part that arrives after the abort would remain.
            wait([self._sending])
        if self._upload is not None:
            self._objects.abort_multipart(self._key, self._upload)


def abort_uploads(objects: Objects, key: str) -> None:
    """Abort all incomplete uploads of a key; for threads."""
    for upload in objects.list_multiparts(key):
        objects.abort_multipart(key, upload)
