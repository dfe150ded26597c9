"""Use case: take a snapshot by streaming one pass over a point in time to S3."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from annotation.missions.ontologies import OntologyService
from annotation.snapshots.repository import SnapshotRepository, StoredSnapshot
from common.contract.questions import Snapshot, TakeSnapshot
from common.storage.multipart import MultipartWriter
from common.storage.objects import NoSuchObject, Objects, snapshot_key

_CHUNK_BYTES = 512 * 1024


@dataclass(slots=True)
class _Content:
    """The content of a snapshot so far."""

    objects: int = 0
    media: list[str] = field(default_factory=list)


class SnapshotService:
    """Takes snapshots: the record in MongoDB, the lines in S3.

    The parts are uploaded first, then the record is inserted, then the upload is completed. The record decides:
    any process that finds a record without an object completes its upload. So a snapshot is written once, with any
    number of concurrent requests and killed processes.
    """

    def __init__(self, snapshots: SnapshotRepository, objects: Objects, ontologies: OntologyService) -> None:
        self._snapshots = snapshots
        self._objects = objects
        self._ontologies = ontologies

    async def take(self, question: TakeSnapshot) -> Snapshot:
        """The snapshot with this id, created if it does not exist."""
        while True:
            record = await self._snapshots.find(question.snapshot_id) or await self.store(question)
            if await self._complete(record):
                await asyncio.to_thread(self._abort_others, record)
                return record.as_snapshot()
            await self._snapshots.remove(record)

    async def store(self, question: TakeSnapshot) -> StoredSnapshot:
        """Upload the lines and insert the record; returns the record of another attempt if that was first."""
        # Creates the built-in missions, because a point in time is read-only.
        await self._ontologies.missions(question.project_id)
        key = snapshot_key(question.project_id, question.snapshot_id)
        try:
            async with MultipartWriter(self._objects, key, "application/gzip") as writer:
                record = await self._write(question, key, writer)
                await self._snapshots.insert(record)
        except Exception:
            if winner := await self._snapshots.find(question.snapshot_id):
                return winner
            raise
        return record

    async def _write(self, question: TakeSnapshot, key: str, writer: MultipartWriter) -> StoredSnapshot:
        content = _Content()
        async with await self._snapshots.point_in_time() as session:
            missions = await self._ontologies.missions(question.project_id, session)
            async for chunk in compressed(self._lines(question, content, session)):
                await writer.send(chunk)
        return StoredSnapshot(
            id=question.snapshot_id,
            project_id=question.project_id,
            object_key=key,
            upload=await asyncio.to_thread(writer.store_parts),
            objects=content.objects,
            media=content.media,
            missions=[mission.model_dump_json() for mission in missions],
        )

    async def _lines(self, question: TakeSnapshot, content: _Content, session: Any) -> AsyncIterator[bytes]:
        """The objects as lines of JSON, in chunks of half a megabyte."""
        chunk = bytearray()
        async for media_id, state in self._snapshots.states(question, session):
            if content.media[-1:] != [media_id]:
                content.media.append(media_id)
            content.objects += 1
            chunk += state + b"\n"
            if len(chunk) > _CHUNK_BYTES:
                yield bytes(chunk)
                chunk.clear()
        yield bytes(chunk)

    def _abort_others(self, record: StoredSnapshot) -> None:
        """Abort the uploads of killed attempts, and of those that were slower than the record."""
        for upload in self._objects.list_multiparts(record.object_key):
            if upload != record.upload:
                self._objects.abort_multipart(record.object_key, upload)

    async def _complete(self, record: StoredSnapshot) -> bool:
        """Whether the object exists, after completing its upload if necessary; False if S3 has dropped the parts."""
        if await self._exists(record.object_key):
            return True
        try:
            parts = await asyncio.to_thread(self._objects.list_parts, record.object_key, record.upload)
            await asyncio.to_thread(self._objects.finish_multipart, record.object_key, record.upload, parts)
        except NoSuchObject:
            # Another process has just completed it, or the parts are lost.
            return await self._exists(record.object_key)
        return True

    async def _exists(self, key: str) -> bool:
        try:
            await self._objects.stat(key)
        except NoSuchObject:
            return False
        return True


async def compressed(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Chunks as one gzip stream."""
    packer = zlib.compressobj(level=5, wbits=zlib.MAX_WBITS | 16)
    async for chunk in chunks:
        if packed := await asyncio.to_thread(packer.compress, chunk):
            yield packed
    yield packer.flush()
