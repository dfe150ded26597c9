"""Use case: take a snapshot, one pass over a point in time that is streamed into S3."""

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

    The parts are uploaded first, then the record is inserted, then the upload is completed. The record decides: anyone
    who finds one whose object is missing completes the upload that it names. So a snapshot is written once, however
    many request it at the same time and wherever one of them is killed.
    """

    def __init__(self, snapshots: SnapshotRepository, objects: Objects, ontologies: OntologyService) -> None:
        self._snapshots = snapshots
        self._objects = objects
        self._ontologies = ontologies

    async def take(self, asked: TakeSnapshot) -> Snapshot:
        """The snapshot with this id, taken now if it does not exist."""
        while True:
            record = await self._snapshots.find(asked.snapshot_id) or await self.store(asked)
            if await self._complete(record):
                await asyncio.to_thread(self._abort_others, record)
                return record.as_snapshot()
            await self._snapshots.remove(record)

    async def store(self, asked: TakeSnapshot) -> StoredSnapshot:
        """Upload the lines and insert the record; the record of another attempt if that was first."""
        # Creates the built-in missions, which a point in time cannot.
        await self._ontologies.missions(asked.project_id)
        key = snapshot_key(asked.project_id, asked.snapshot_id)
        try:
            async with MultipartWriter(self._objects, key, "application/gzip") as writer:
                record = await self._write(asked, key, writer)
                await self._snapshots.insert(record)
        except Exception:
            if winner := await self._snapshots.find(asked.snapshot_id):
                return winner
            raise
        return record

    async def _write(self, asked: TakeSnapshot, key: str, writer: MultipartWriter) -> StoredSnapshot:
        content = _Content()
        async with await self._snapshots.point_in_time() as session:
            missions = await self._ontologies.missions(asked.project_id, session)
            async for chunk in compressed(self._lines(asked, content, session)):
                await writer.send(chunk)
        return StoredSnapshot(
            id=asked.snapshot_id,
            project_id=asked.project_id,
            object_key=key,
            upload=await asyncio.to_thread(writer.store_parts),
            objects=content.objects,
            media=content.media,
            missions=[mission.model_dump_json() for mission in missions],
        )

    async def _lines(self, asked: TakeSnapshot, content: _Content, session: Any) -> AsyncIterator[bytes]:
        """The objects as lines of JSON, half a megabyte at a time."""
        chunk = bytearray()
        async for media_id, state in self._snapshots.states(asked, session):
            if content.media[-1:] != [media_id]:
                content.media.append(media_id)
            content.objects += 1
            chunk += state + b"\n"
            if len(chunk) > _CHUNK_BYTES:
                yield bytes(chunk)
                chunk.clear()
        yield bytes(chunk)

    def _abort_others(self, record: StoredSnapshot) -> None:
        """Drop the uploads of attempts that were killed or lost against the record."""
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
            # Someone else completed it just now, or nobody can any more.
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
