"""Archives in S3, written as they come: one part in the making and one on its way, whatever the size."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

from minio.datatypes import Part

from common.service.errors import Problem
from common.storage.objects import Objects

PART_BYTES = 8 * 1024 * 1024
# S3 takes 10,000 parts of an object; larger later parts make room for archives up to 195 GB.
_SMALL_PARTS, _LARGE_PART_BYTES, _PARTS = 5000, 32 * 1024 * 1024, 10_000
_CONTENT_TYPE = "application/zip"


class Halted(Exception):
    """The writing was called off; nothing of it is left."""


@dataclass(frozen=True, slots=True)
class Written:
    """An archive that is complete."""

    size_bytes: int
    sha256: str


class Archives:
    """Writes and removes archives. All methods are for threads."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def write(self, key: str, chunks: Iterable[bytes], halted: Event) -> Written:
        """Store `chunks` under `key`, where they appear whole or not at all.

        Raises:
            Halted: `halted` was set before the end.
        Problem: there is more than S3 takes.
        """
        with ThreadPoolExecutor(1, "upload") as sender:
            upload = _Upload(self._objects, key, sender)
            try:
                for chunk in chunks:
                    _go_on(halted)
                    upload.add(chunk)
                _go_on(halted)
                return upload.finish()
            except BaseException:
                upload.abort()
                raise

    def clear(self, key: str) -> None:
        """Remove the archive and all that attempts to write it left behind."""
        for upload in self._objects.list_multiparts(key):
            self._objects.abort_multipart(key, upload)
        self._objects.delete_sync(key)


def _go_on(halted: Event) -> None:
    if halted.is_set():
        raise Halted


class _Upload:
    def __init__(self, objects: Objects, key: str, sender: ThreadPoolExecutor) -> None:
        self._objects = objects
        self._key = key
        self._sender = sender
        self._upload: str | None = None
        self._chunks: list[bytes] = []
        self._waiting = 0
        self._parts: list[Part] = []
        self._on_its_way: Future[Part] | None = None
        self._number = 0
        self._size = 0
        self._sha256 = hashlib.sha256()

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        self._chunks.append(chunk)
        self._waiting += len(chunk)
        if self._waiting >= (PART_BYTES if self._number < _SMALL_PARTS else _LARGE_PART_BYTES):
            self._send()

    def finish(self) -> Written:
        if self._upload is None:
            self._objects.put_sync(self._key, self._joined(self._chunks), _CONTENT_TYPE)
        else:
            if self._chunks:
                self._send()
            self._wait()
            self._objects.finish_multipart(self._key, self._upload, self._parts)
            self._upload = None
        return Written(self._size, self._sha256.hexdigest())

    def abort(self) -> None:
        if self._on_its_way is not None:
            # A part that arrives after the abort would stay.
            self._on_its_way.exception()
        if self._upload is not None:
            self._objects.abort_multipart(self._key, self._upload)

    def _send(self) -> None:
        self._wait()
        if self._upload is None:
            self._upload = self._objects.begin_multipart(self._key, _CONTENT_TYPE)
        self._number += 1
        if self._number > _PARTS:
            raise Problem(422, "Archive too large", "The archive has over 195 GB; export fewer files at a time.")
        chunks, self._chunks, self._waiting = self._chunks, [], 0
        self._on_its_way = self._sender.submit(self._put, self._upload, self._number, chunks)

    def _put(self, upload: str, number: int, chunks: list[bytes]) -> Part:
        return self._objects.put_part(self._key, upload, number, self._joined(chunks))

    def _joined(self, chunks: list[bytes]) -> bytes:
        """The next part, hashed while others are made."""
        part = b"".join(chunks)
        chunks.clear()
        self._sha256.update(part)
        return part

    def _wait(self) -> None:
        if self._on_its_way is not None:
            self._parts.append(self._on_its_way.result())
            self._on_its_way = None
