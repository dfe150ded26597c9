"""Uploads and names: what is kept in MongoDB and S3 of files on their way."""

import asyncio
from datetime import UTC, datetime

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from common.contract.errors import Reason
from common.contract.media import Upload
from common.contract.questions import StartUpload
from common.service.ids import new_id, same_id
from common.storage.mongo import Database, Document
from common.storage.objects import NoSuchObject, Objects, media_prefix, source_key
from ingest.domain.names import numbered
from ingest.domain.parts import missing


class UploadStore:
    """Open uploads; which parts there are, S3 alone knows."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self.database = database
        self.objects = objects

    async def begin(self, question: StartUpload, name: str, part_size_bytes: int) -> Document:
        """A new upload, or the one that the same key began."""
        key = question.idempotency_key
        upload_id = same_id("upload", question.project_id, question.author, key) if key else new_id()
        fields = question.model_dump(exclude={"idempotency_key", "name"})
        fields |= {"asked_name": name, "name": None, "part_size_bytes": part_size_bytes, "media_id": new_id()}
        fields |= {"state": "open", "reason": None, "s3_upload": None, "created_at": datetime.now(UTC)}
        await self.database.uploads.update_one({"_id": upload_id}, {"$setOnInsert": fields}, upsert=True)
        upload = await self.find(upload_id)
        assert upload is not None
        if upload["state"] in _UNDECIDED:
            upload = await self._named(upload)
            await self.s3_upload(upload)
        return upload

    async def find(self, upload_id: str) -> Document | None:
        """An upload's record."""
        found: Document | None = await self.database.uploads.find_one({"_id": upload_id})
        return found

    async def _named(self, upload: Document) -> Document:
        if upload["name"] is not None:
            return upload
        name = await self._reserve(upload["project_id"], upload["media_id"], upload["asked_name"])
        await self.database.uploads.update_one({"_id": upload["_id"], "name": None}, {"$set": {"name": name}})
        return await self.find(upload["_id"]) or upload

    async def _reserve(self, project_id: str, media_id: str, name: str) -> str:
        """`name`, or `name (2)` and so on: the first that no other medium of the project has."""
        taken = self.database.names
        first = f"{project_id}/{name.lower()}"
        wanted, number = name, 1
        while True:
            try:
                await taken.insert_one({"_id": f"{project_id}/{wanted.lower()}", "media_id": media_id, "number": 1})
            except DuplicateKeyError:
                counted = await taken.find_one_and_update(
                    {"_id": first}, {"$inc": {"number": 1}}, return_document=ReturnDocument.AFTER
                )
                number = counted["number"] if counted else 1
                wanted = numbered(name, number) if number > 1 else name
            else:
                return wanted

    async def free_name(self, media_id: str) -> None:
        """Let others have the name."""
        await self.database.names.delete_many({"media_id": media_id})

    async def s3_upload(self, upload: Document) -> str:
        """The S3 id that the parts belong to; begun on first need."""
        if upload["s3_upload"]:
            return str(upload["s3_upload"])
        key = source_of(upload)
        begun = await asyncio.to_thread(self.objects.begin_multipart, key, "application/octet-stream")
        found = await self.database.uploads.find_one_and_update(
            {"_id": upload["_id"], "s3_upload": None},
            {"$set": {"s3_upload": begun}},
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            await asyncio.to_thread(self.objects.abort_multipart, key, begun)
            found = await self.find(upload["_id"])
        return str(found["s3_upload"]) if found else begun

    async def parts(self, upload: Document) -> dict[int, int] | None:
        """Sizes of the parts that are stored; None if S3 has no such upload (any more)."""
        if not upload["s3_upload"]:
            return {}
        key = source_of(upload)
        try:
            parts = await asyncio.to_thread(self.objects.list_parts, key, upload["s3_upload"])
        except NoSuchObject:
            return None
        return {part.part_number: part.size or 0 for part in parts}

    async def as_told(self, upload: Document) -> Upload:
        """The upload as its owner sees it."""
        undecided = upload["state"] in _UNDECIDED
        parts = await self.parts(upload) if undecided else None
        return Upload(
            id=upload["_id"],
            project_id=upload["project_id"],
            media_id=upload["media_id"],
            name=upload["name"] or upload["asked_name"],
            size_bytes=upload["size_bytes"],
            part_size_bytes=upload["part_size_bytes"],
            parts=parts or {},
            state="open" if undecided else upload["state"],
        )

    async def absent(self, upload: Document) -> list[int]:
        """The parts that are missing or not whole; none if they are one object already."""
        stored = await self.parts(upload)
        if stored is None:
            return [] if await self._is_joined(upload) else [1]
        return missing(stored, upload["size_bytes"], upload["part_size_bytes"])

    async def join(self, upload: Document) -> bool:
        """Make one object of the parts; from now on the upload cannot be given up by its owner. False if it ended."""
        claimed = await self.database.uploads.update_one(
            {"_id": upload["_id"], "state": {"$in": list(_UNDECIDED)}}, {"$set": {"state": "joining"}}
        )
        if not claimed.matched_count:
            return False
        try:
            await asyncio.to_thread(self._join, source_of(upload), upload["s3_upload"])
        except NoSuchObject:
            # They were joined already, before a crash or by another request.
            return await self._is_joined(upload)
        return True

    def _join(self, key: str, s3_upload: str) -> None:
        self.objects.finish_multipart(key, s3_upload, self.objects.list_parts(key, s3_upload))

    async def _is_joined(self, upload: Document) -> bool:
        try:
            return (await self.objects.stat(source_of(upload))).size == int(upload["size_bytes"])
        except NoSuchObject:
            return False

    async def complete(self, upload: Document) -> None:
        """The upload has become a medium."""
        await self.database.uploads.update_one(
            {"_id": upload["_id"], "state": "joining"}, {"$set": {"state": "complete"}}
        )

    async def drop(self, upload: Document, reason: Reason | None = None, *, joined: bool = False) -> bool:
        """Give an upload up; nothing of it stays. False if it is a medium already, or just becoming one."""
        states = ["joining"] if joined else ["open"]
        ended = await self.database.uploads.update_one(
            {"_id": upload["_id"], "state": {"$in": states}},
            {"$set": {"state": "aborted", "reason": reason and reason.model_dump(), "untidy": True}},
        )
        if ended.matched_count:
            await self.tidy(upload)
        return bool(ended.matched_count)

    async def tidy(self, upload: Document) -> None:
        """Delete what there is of an upload that was given up."""
        await asyncio.to_thread(self._drop_parts, source_of(upload))
        await self.objects.delete_all(media_prefix(upload["project_id"], upload["media_id"]))
        await self.free_name(upload["media_id"])
        await self.database.uploads.update_one({"_id": upload["_id"]}, {"$unset": {"untidy": ""}})

    def _drop_parts(self, key: str) -> None:
        for begun in self.objects.list_multiparts(key):
            self.objects.abort_multipart(key, begun)

    async def untidy(self) -> list[Document]:
        """Some uploads that were given up by a process that was killed over it."""
        found: list[Document] = await self.database.uploads.find({"untidy": True}).limit(100).to_list()
        return found

    async def abandoned(self, before: datetime) -> list[Document]:
        """Some uploads that were begun before a time and not ended."""
        old = {"state": {"$in": list(_UNDECIDED)}, "created_at": {"$lt": before}}
        found: list[Document] = await self.database.uploads.find(old).limit(100).to_list()
        return found


# "joining": its owner has asked for it to be finished, and it may be a medium at any moment.
_UNDECIDED = ("open", "joining")


def source_of(upload: Document) -> str:
    """Where the bytes of an upload go."""
    return source_key(upload["project_id"], upload["media_id"])
