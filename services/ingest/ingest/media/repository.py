"""Media records and their deletion: everything that is kept in MongoDB of stored media."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from pymongo import ReturnDocument

from common.contract.errors import Reason
from common.contract.media import Footage, LabelState, Medium
from common.contract.questions import ListMedia, MediaList
from common.messaging.outbox import Unpublished
from common.storage.cursor import newest_first
from common.storage.mongo import Database, Document
from common.storage.objects import Objects, media_prefix
from ingest.domain.upload import UploadRecord
from ingest.media.documents import DERIVED_FIELDS, medium_of, new_document, unpublished_of

BATCH = 100


async def create_indexes(database: Database) -> None:
    """For lists in order, with every filter decided in the index; for the outbox and the clean-up."""
    order = [("project_id", 1), ("created_at", -1), ("_id", -1)]
    filters = [("state", 1), ("label_state", 1), ("kind", 1), ("name_lower", 1)]
    await database.media.create_index(order + filters, name="list")
    await database.media.create_index("unpublished", sparse=True)
    await database.uploads.create_index("has_leftovers", sparse=True)
    await database.uploads.create_index([("state", 1), ("created_at", 1)])
    await database.names.create_index("media_id")


MIGRATIONS = (create_indexes,)


@dataclass(frozen=True, slots=True)
class StoredMedium:
    """A medium, and its facts if they may not be published yet."""

    medium: Medium
    unpublished: Unpublished | None


@dataclass(frozen=True, slots=True)
class Deletion:
    """A deletion that has begun; `delete_source`: the uploaded file too."""

    media_id: str
    project_id: str
    delete_source: bool


class MediaRepository:
    """The `media` and `deletions` collections."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._media = database.media
        self._names = database.names
        self._deletions = database.deletions
        self._objects = objects

    # ---- media ----

    async def add(self, upload: UploadRecord, content_type: str, created_at: float) -> StoredMedium:
        """The medium that an upload has become; the same one if it is stored already."""
        found = await self._media.find_one_and_update(
            {"_id": upload.media_id},
            {"$setOnInsert": new_document(upload, content_type, created_at)},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return _stored(found)

    async def find(self, media_id: str) -> StoredMedium | None:
        """A medium."""
        found = await self._media.find_one({"_id": media_id})
        return None if found is None else _stored(found)

    async def page(self, question: ListMedia) -> MediaList:
        """A page of a project's media, newest first. Raises Problem if the cursor is invalid."""
        wanted: Document = {"project_id": question.project_id}
        for name in ("state", "label_state", "kind"):
            if (value := getattr(question, name)) is not None:
                wanted[name] = value
        if question.q:
            wanted["name_lower"] = {"$regex": re.escape(question.q.lower())}
        if question.media is not None:
            wanted["_id"] = {"$in": question.media}
        found, more = await newest_first(self._media, wanted, question.page)
        return MediaList(items=[medium_of(document) for document in found], next_cursor=more)

    # ---- outbox ----

    async def unpublished(self, before: float) -> AsyncIterator[Unpublished]:
        """Media whose facts may not be published."""
        query = {"unpublished": True, "created_at": {"$lt": before}}
        async for found in self._media.find(query).sort("created_at", 1).limit(BATCH):
            yield unpublished_of(found)

    async def mark_published(self, entries: Sequence[Unpublished]) -> None:
        """Record that the facts of media are published."""
        ids = [entry.key for entry in entries]
        await self._media.update_many({"_id": {"$in": ids}}, {"$unset": {"unpublished": ""}})

    # ---- deletion: recorded first, so that it is completed whatever happens ----

    async def begin_deletion(self, medium: Medium, *, delete_source: bool) -> Deletion:
        """Record a deletion, and remove the medium from the lists."""
        fields = {"project_id": medium.project_id, "delete_source": delete_source}
        await self._deletions.update_one({"_id": medium.id}, {"$setOnInsert": fields}, upsert=True)
        await self._media.delete_one({"_id": medium.id})
        return Deletion(medium.id, medium.project_id, delete_source)

    async def deletions(self) -> list[Deletion]:
        """Some deletions that are not complete."""
        return [
            Deletion(found["_id"], found["project_id"], found["delete_source"])
            async for found in self._deletions.find().limit(BATCH)
        ]

    async def complete_deletion(self, deletion: Deletion) -> None:
        """Delete the objects of a medium and release its name."""
        if deletion.delete_source:
            await self._objects.delete_all(media_prefix(deletion.project_id, deletion.media_id))
        await self._media.delete_one({"_id": deletion.media_id})
        await self._names.delete_many({"media_id": deletion.media_id})
        await self._deletions.delete_one({"_id": deletion.media_id})

    # ---- facts of other services, in any order ----

    async def set_footage(self, media_id: str, footage: Footage) -> None:
        """Store the true size and length."""
        await self._update(media_id, {"footage": footage.model_dump()})

    async def add_clip(self, media_id: str, clip: int, first: int, last: int) -> None:
        """Store that a clip can be labeled."""
        await self._update(media_id, {f"clips.{clip}": {"first": first, "last": last}})

    async def set_ready(self, media_id: str, footage: Footage) -> None:
        """Store that all clips can be labeled; it stays so."""
        await self._update(media_id, {"ready": True, "footage": footage.model_dump()})

    async def set_failed(self, media_id: str, reason: Reason) -> None:
        """Store why it cannot be labeled; the first reason is kept."""
        await self._update(media_id, {"failed": {"$ifNull": ["$failed", {"$literal": reason.model_dump()}]}})

    async def set_hash(self, media_id: str, sha256: str, damaged: Reason | None) -> None:
        """Store the SHA-256, and that the file is not the one that was sent."""
        stored = {"$literal": damaged.model_dump() if damaged else None}
        await self._update(media_id, {"sha256": sha256, "damaged": stored})

    async def set_labels(self, media_id: str, clip: int, revision: int, state: LabelState, objects: int) -> None:
        """Store the label state of a clip; an older revision never replaces a newer one."""
        newer = {"$or": [{f"labels.{clip}": {"$exists": False}}, {f"labels.{clip}.revision": {"$lt": revision}}]}
        labels = {"revision": revision, "label_state": state, "objects": objects}
        await self._update(media_id, {f"labels.{clip}": labels}, newer)

    async def _update(self, media_id: str, fields: Document, condition: Document | None = None) -> None:
        """Set fields and those that follow from them in one write. A medium that is being deleted stays deleted."""
        await self._media.update_one({"_id": media_id} | (condition or {}), [{"$set": fields}, DERIVED_FIELDS])


def _stored(document: Document) -> StoredMedium:
    return StoredMedium(medium_of(document), unpublished_of(document) if document.get("unpublished") else None)
