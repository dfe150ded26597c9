"""Uploads, the names that are in use, and the parts in S3. Which parts are stored, S3 alone knows."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from common.contract.errors import Reason
from common.contract.media import Conditions, Upload
from common.contract.questions import StartUpload
from common.service.ids import new_id, stable_id
from common.storage.mongo import Database, Document
from common.storage.multipart import abort_uploads
from common.storage.objects import NoSuchObject, Objects, media_prefix, source_key
from ingest.domain.names import numbered
from ingest.domain.parts import missing_parts
from ingest.domain.upload import UNDECIDED, UploadRecord

BATCH = 100


class UploadRepository:
    """The `uploads` and `names` collections, and multipart uploads in S3."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._uploads = database.uploads
        self._names = database.names
        self._objects = objects

    # ---- records ----

    async def start(self, question: StartUpload, name: str, part_size_bytes: int) -> UploadRecord:
        """A new upload, or the one that the same idempotency key started."""
        key = question.idempotency_key
        upload_id = stable_id("upload", question.project_id, question.author, key) if key else new_id()
        fields = question.model_dump(exclude={"idempotency_key", "name"})
        fields |= {"requested_name": name, "name": None, "part_size_bytes": part_size_bytes, "media_id": new_id()}
        fields |= {"state": "open", "reason": None, "s3_upload": None, "created_at": datetime.now(UTC)}
        found = await self._uploads.find_one_and_update(
            {"_id": upload_id}, {"$setOnInsert": fields}, upsert=True, return_document=ReturnDocument.AFTER
        )
        upload = _record(found)
        if not upload.is_undecided:
            return upload
        upload = await self._with_name(upload)
        await self.s3_upload(upload)
        return upload

    async def find(self, upload_id: str) -> UploadRecord | None:
        """An upload."""
        found = await self._uploads.find_one({"_id": upload_id})
        return None if found is None else _record(found)

    async def view(self, upload: UploadRecord) -> Upload:
        """The upload as its owner sees it, with the parts that are stored."""
        parts = await self._stored_parts(upload) if upload.is_undecided else None
        return Upload(
            id=upload.id,
            project_id=upload.project_id,
            media_id=upload.media_id,
            name=upload.name or upload.requested_name,
            size_bytes=upload.size_bytes,
            part_size_bytes=upload.part_size_bytes,
            parts=parts or {},
            state="open" if upload.state == "joining" else upload.state,
        )

    async def complete(self, upload: UploadRecord) -> None:
        """Record that the upload has become a medium."""
        await self._uploads.update_one({"_id": upload.id, "state": "joining"}, {"$set": {"state": "complete"}})

    async def abort(self, upload: UploadRecord, reason: Reason | None = None, *, joined: bool = False) -> bool:
        """Abort an open upload, or one that is being `joined`, and delete its bytes; False if it was not in that
        state."""
        fields = {"state": "aborted", "reason": reason and reason.model_dump(), "has_leftovers": True}
        aborted = await self._uploads.update_one(
            {"_id": upload.id, "state": "joining" if joined else "open"}, {"$set": fields}
        )
        if aborted.matched_count:
            await self.delete_leftovers(upload)
        return bool(aborted.matched_count)

    async def delete_leftovers(self, upload: UploadRecord) -> None:
        """Delete the bytes of an aborted upload, and release its name."""
        await asyncio.to_thread(abort_uploads, self._objects, upload.object_key)
        await self._objects.delete_all(media_prefix(upload.project_id, upload.media_id))
        await self._names.delete_many({"media_id": upload.media_id})
        await self._uploads.update_one({"_id": upload.id}, {"$unset": {"has_leftovers": ""}})

    async def with_leftovers(self) -> list[UploadRecord]:
        """Some aborted uploads whose bytes a killed process did not delete."""
        return await self._some({"has_leftovers": True})

    async def stale(self, before: datetime) -> list[UploadRecord]:
        """Some unfinished uploads that were started before a time."""
        return await self._some({"state": {"$in": list(UNDECIDED)}, "created_at": {"$lt": before}})

    async def _some(self, query: Document) -> list[UploadRecord]:
        return [_record(found) async for found in self._uploads.find(query).limit(BATCH)]

    # ---- names ----

    async def _with_name(self, upload: UploadRecord) -> UploadRecord:
        if upload.name is not None:
            return upload
        name = await self._reserve(upload.project_id, upload.media_id, upload.requested_name)
        await self._uploads.update_one({"_id": upload.id, "name": None}, {"$set": {"name": name}})
        return await self.find(upload.id) or upload

    async def _reserve(self, project_id: str, media_id: str, name: str) -> str:
        """`name`, or `name (2)` and so on: the first that no other medium of the project has."""
        first = f"{project_id}/{name.lower()}"
        wanted, number = name, 1
        while True:
            reserved = {"_id": f"{project_id}/{wanted.lower()}", "media_id": media_id, "number": 1}
            try:
                await self._names.insert_one(reserved)
            except DuplicateKeyError:
                counted = await self._names.find_one_and_update(
                    {"_id": first}, {"$inc": {"number": 1}}, return_document=ReturnDocument.AFTER
                )
                number = counted["number"] if counted else 1
                wanted = numbered(name, number) if number > 1 else name
            else:
                return wanted

    # ---- bytes ----

    async def s3_upload(self, upload: UploadRecord) -> str:
        """The id of the multipart upload in S3, which is created on first need."""
        if upload.s3_upload:
            return upload.s3_upload
        created = await asyncio.to_thread(self._objects.begin_multipart, upload.object_key, "application/octet-stream")
        found = await self._uploads.find_one_and_update(
            {"_id": upload.id, "s3_upload": None},
            {"$set": {"s3_upload": created}},
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            await asyncio.to_thread(self._objects.abort_multipart, upload.object_key, created)
            found = await self._uploads.find_one({"_id": upload.id})
        return str(found["s3_upload"]) if found else created

    async def part_url(self, upload: UploadRecord, number: int) -> str:
        """The URL to which a part is sent."""
        return self._objects.part_url(upload.object_key, await self.s3_upload(upload), number)

    async def missing_parts(self, upload: UploadRecord) -> list[int]:
        """The parts that are missing or incomplete; none if they are joined already."""
        stored = await self._stored_parts(upload)
        if stored is None:
            return [] if await self._is_joined(upload) else [1]
        return missing_parts(stored, upload.size_bytes, upload.part_size_bytes)

    async def join(self, upload: UploadRecord) -> bool:
        """Join the parts to one object; from now on the owner cannot abort the upload. False if it has ended."""
        claimed = await self._uploads.update_one(
            {"_id": upload.id, "state": {"$in": list(UNDECIDED)}}, {"$set": {"state": "joining"}}
        )
        if not claimed.matched_count:
            return False
        try:
            await asyncio.to_thread(self._join, upload)
        except NoSuchObject:
            # They were joined already, before a crash or by another request.
            return await self._is_joined(upload)
        return True

    def read_range(self, upload: UploadRecord, offset: int, length: int) -> bytes:
        """Bytes of the joined file; for threads."""
        length = min(length, upload.size_bytes - offset)
        return self._objects.read_range(upload.object_key, offset, length) if length > 0 else b""

    def _join(self, upload: UploadRecord) -> None:
        s3_upload = str(upload.s3_upload)
        parts = self._objects.list_parts(upload.object_key, s3_upload)
        self._objects.finish_multipart(upload.object_key, s3_upload, parts)

    async def _stored_parts(self, upload: UploadRecord) -> dict[int, int] | None:
        """Sizes of the stored parts; None if S3 has no such upload (any more)."""
        if not upload.s3_upload:
            return {}
        try:
            parts = await asyncio.to_thread(self._objects.list_parts, upload.object_key, upload.s3_upload)
        except NoSuchObject:
            return None
        return {part.part_number: part.size or 0 for part in parts}

    async def _is_joined(self, upload: UploadRecord) -> bool:
        try:
            return (await self._objects.stat(upload.object_key)).size == upload.size_bytes
        except NoSuchObject:
            return False


_FIELDS = (
    "project_id", "media_id", "requested_name", "name", "kind", "author", "sha256", "size_bytes", "part_size_bytes",
    "s3_upload", "state",
)  # fmt: skip


def _record(document: Document) -> UploadRecord:
    fields: dict[str, Any] = {name: document[name] for name in _FIELDS}
    return UploadRecord(
        id=document["_id"],
        conditions=Conditions.model_validate(document["conditions"]),
        object_key=source_key(document["project_id"], document["media_id"]),
        reason=Reason.model_validate(document["reason"]) if document["reason"] else None,
        **fields,
    )
