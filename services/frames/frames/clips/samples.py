"""Samples on their way into S3: large ones part by part, so that no clip is ever held in memory."""

import asyncio
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from minio.datatypes import Part

from common.storage.objects import Objects
from frames.domain.gops import Sample

PART = 8 * 1024 * 1024
# Reading over what lies between two samples (sound) is cheaper than another request.
GAP = 256 * 1024


class SamplesWriter:
    """Writes one object; it is there, whole, when the context ends without an error."""

    def __init__(self, objects: Objects, key: str, content_type: str = "application/octet-stream") -> None:
        self._objects = objects
        self._key = key
        self._type = content_type
        self._pending = bytearray()
        self._upload: str | None = None
        self._parts: list[Part] = []
        self._sending: asyncio.Task[Part] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def add(self, content: bytes | bytearray | memoryview) -> None:
        """Append bytes."""
        self._pending += content
        while len(self._pending) >= PART:
            await self._flush(PART)

    async def _flush(self, size: int) -> None:
        """Send a part on its way while the next one is gathered."""
        if self._upload is None:
            self._upload = await asyncio.to_thread(self._begin)
        content = bytes(self._pending[:size])
        del self._pending[:size]
        await self._arrived()
        number = len(self._parts) + 1
        sending = asyncio.to_thread(self._objects.put_part, self._key, self._upload, number, content)
        self._sending = asyncio.create_task(sending)

    async def _arrived(self) -> None:
        if self._sending is not None:
            sending, self._sending = self._sending, None
            self._parts.append(await sending)

    def _begin(self) -> str:
        # What a killed attempt left.
        for stale in self._objects.list_multiparts(self._key):
            self._objects.abort_multipart(self._key, stale)
        return self._objects.begin_multipart(self._key, self._type)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            await self._abort()
        elif self._upload is None:
            await self._objects.put(self._key, bytes(self._pending), self._type)
        else:
            if self._pending:
                await self._flush(len(self._pending))
            await self._arrived()
            await asyncio.to_thread(self._objects.finish_multipart, self._key, self._upload, self._parts)

    async def _abort(self) -> None:
        if self._sending is not None:
            await asyncio.gather(self._sending, return_exceptions=True)
        if self._upload is not None:
            await asyncio.to_thread(self._objects.abort_multipart, self._key, self._upload)


def runs_of(samples: Sequence[Sample]) -> Iterator[list[Sample]]:
    """Samples that lie near each other and in order, so that one request reads them."""
    run: list[Sample] = []
    for sample in samples:
        if run:
            end = run[-1].position + run[-1].size
            near = 0 <= sample.position - end <= GAP
            if not near or sample.position + sample.size - run[0].position > PART:
                yield run
                run = []
        run.append(sample)
    if run:
        yield run
