"""Consistent pictures of labels: one pass over a point in time, streamed into S3."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from annotation.history.repository import HistoryStore
from annotation.missions.repository import MissionStore
from common.contract.missions import Mission
from common.contract.questions import Snapshot, TakeSnapshot
from common.storage.mongo import Database, Document
from common.storage.objects import NoSuchObject, Objects, snapshot_key

PART_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 512 * 1024


@dataclass(slots=True)
class _Written:
    """What was written of a snapshot so far."""

    parts: int = 0
    objects: int = 0
    media: list[str] = field(default_factory=list)


class SnapshotStore:
    """Snapshots: the record in MongoDB, the lines in S3.

    The parts are uploaded first, then the record is inserted, then the upload is completed. The record decides: who
    finds one whose object is not there yet completes the upload that it names. So a snapshot is written once,
    however many ask for it at the same time and wherever one of them is killed.
    """

    def __init__(self, database: Database, objects: Objects, missions: MissionStore) -> None:
        self._client = database.client
        self._labels = database.objects
        self._history = HistoryStore(database)
        self._snapshots = database.snapshots
        self._objects = objects
        self._missions = missions

    async def take(self, asked: TakeSnapshot) -> Snapshot:
        """The snapshot with this id, made now if there is none."""
        await self._missions.of_project(asked.project_id)
        while True:
            record = await self._find(asked) or await self._write(asked)
            if await self._complete(record):
                await asyncio.to_thread(self._abort_others, record)
                return _answer(record)
            await self._snapshots.delete_one({"_id": asked.snapshot_id, "upload": record["upload"]})

    async def _find(self, asked: TakeSnapshot) -> Document | None:
        record: Document | None = await self._snapshots.find_one({"_id": asked.snapshot_id})
        return record

    def _abort_others(self, record: Document) -> None:
        """Drop what other attempts uploaded: they were killed, or they lose, because the record is there."""
        for upload in self._objects.list_multiparts(record["object_key"]):
            if upload != record["upload"]:
                self._objects.abort_multipart(record["object_key"], upload)

    async def _complete(self, record: Document) -> bool:
        """Whether the object is there, after joining its parts if need be; False where S3 has dropped the parts."""
        key, upload = record["object_key"], record["upload"]
        if await self._is_there(key):
            return True
        try:
            parts = await asyncio.to_thread(self._objects.list_parts, key, upload)
            await asyncio.to_thread(self._objects.finish_multipart, key, upload, parts)
        except NoSuchObject:
            # Someone else finished it just now, or nobody can any more.
            return await self._is_there(key)
        return True

    async def _is_there(self, key: str) -> bool:
        try:
            await self._objects.stat(key)
        except NoSuchObject:
            return False
        return True

    async def _write(self, asked: TakeSnapshot) -> Document:
        """Upload the lines and insert the record; where another attempt was first, its record."""
        key = snapshot_key(asked.project_id, asked.snapshot_id)
        upload = await asyncio.to_thread(self._objects.begin_multipart, key, "application/gzip")
        try:
            record = await self._pass(asked, key, upload)
            await self._snapshots.insert_one(record)
        except BaseException as error:
            await asyncio.to_thread(self._objects.abort_multipart, key, upload)
            if isinstance(error, Exception) and (winner := await self._find(asked)):
                return winner
            raise
        return record

    async def _pass(self, asked: TakeSnapshot, key: str, upload: str) -> Document:
        """Write all lines as parts of the upload; the record of what was written."""
        written = _Written()
        async with await self._client.start_session(snapshot=True) as session:
            missions = await self._missions.of_project(asked.project_id, session)
            async for part in packed_parts(self._lines(asked, written, session)):
                written.parts += 1
                await asyncio.to_thread(self._objects.put_part, key, upload, written.parts, part)
        return {
            "_id": asked.snapshot_id,
            "project_id": asked.project_id,
            "object_key": key,
            "upload": upload,
            "objects": written.objects,
            "media": written.media,
            "missions": [mission.model_dump_json() for mission in missions],
        }

    async def _lines(self, asked: TakeSnapshot, written: _Written, session: Any) -> AsyncIterator[bytes]:
        """The objects as lines of JSON, ordered by medium, half a megabyte at a time."""
        chunk = bytearray()
        states = self._now(asked, session) if asked.at is None else self._then(asked, asked.at, session)
        async for media_id, state in states:
            if written.media[-1:] != [media_id]:
                written.media.append(media_id)
            written.objects += 1
            chunk += state + b"\n"
            if len(chunk) > _CHUNK_BYTES:
                yield bytes(chunk)
                chunk.clear()
        yield bytes(chunk)

    async def _now(self, asked: TakeSnapshot, session: Any) -> AsyncIterator[tuple[str, bytes]]:
        """Every object that is there: its medium and its state."""
        query: Document = {"project_id": asked.project_id, "deleted": False}
        if asked.media is not None:
            query["media_id"] = {"$in": asked.media}
        order = [("media_id", 1), ("_id", 1)]
        async for found in self._labels.find(query, {"media_id": 1, "state": 1}, session=session).sort(order):
            yield found["media_id"], found["state"]

    async def _then(self, asked: TakeSnapshot, at: float, session: Any) -> AsyncIterator[tuple[str, bytes]]:
        """Every object that was there at a moment."""
        media = asked.media if asked.media is not None else await self._history.media_of(asked.project_id, session)
        for media_id in sorted(set(media)):
            async for then in self._history.at(asked.project_id, media_id, at, session=session):
                yield media_id, then.state


def _answer(record: Document) -> Snapshot:
    missions = [Mission.model_validate_json(mission) for mission in record["missions"]]
    return Snapshot.model_validate(record | {"missions": missions})


async def packed_parts(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Chunks packed by gzip and cut into parts that S3 takes; one part at least."""
    packer = zlib.compressobj(level=5, wbits=zlib.MAX_WBITS | 16)
    packed = bytearray()
    async for chunk in chunks:
        packed += await asyncio.to_thread(packer.compress, chunk)
        if len(packed) >= PART_BYTES:
            yield bytes(packed)
            packed.clear()
    packed += packer.flush()
    yield bytes(packed)
