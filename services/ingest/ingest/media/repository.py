"""Media records: everything this service keeps in MongoDB of media that are stored."""

import base64
import json
import re
from collections.abc import AsyncIterator
from typing import Any

from pydantic import TypeAdapter

from common.contract.errors import Reason
from common.contract.events import MediaStored
from common.contract.media import Footage, LabelState, Medium
from common.contract.questions import ListMedia, MediaList
from common.storage.mongo import Database, Document
from common.storage.objects import Objects, media_prefix, source_key
from ingest.domain.media import medium_of


async def create_indexes(database: Database) -> None:
    """For lists in order, with every filter decided in the index; for what the sweeper looks for."""
    order = [("project_id", 1), ("created_at", -1), ("_id", -1)]
    filters = [("state", 1), ("label_state", 1), ("kind", 1), ("name_lower", 1)]
    await database.media.create_index(order + filters, name="list")
    await database.media.create_index("untold", sparse=True)
    await database.uploads.create_index("untidy", sparse=True)
    await database.uploads.create_index([("state", 1), ("created_at", 1)])
    await database.names.create_index("media_id")


MIGRATIONS = (create_indexes,)


class MediaStore:
    """Media, with what the other services told of them."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self.database = database
        self.objects = objects

    # ---- records ----

    async def record(self, upload: Document, content_type: str, at: float) -> Document:
        """The medium that an upload has become; the same one if it is recorded already."""
        fields = {name: upload[name] for name in ("project_id", "name", "kind", "size_bytes", "conditions", "author")}
        fields |= {"name_lower": upload["name"].lower(), "content_type": content_type, "created_at": at}
        fields |= {"sha256": None, "expected_sha256": upload["sha256"], "untold": True} | _EMPTY
        await self.database.media.update_one({"_id": upload["media_id"]}, {"$setOnInsert": fields}, upsert=True)
        found: Document = await self.database.media.find_one({"_id": upload["media_id"]})
        return found

    async def find(self, media_id: str) -> Document | None:
        """A medium's record."""
        found: Document | None = await self.database.media.find_one({"_id": media_id})
        return found

    async def told(self, media_id: str) -> None:
        """That the medium is stored has been told."""
        await self.database.media.update_one({"_id": media_id}, {"$unset": {"untold": ""}})

    async def untold(self, before: float) -> AsyncIterator[Document]:
        """Media whose service died before it could tell of them."""
        async for found in self.database.media.find({"untold": True}).limit(100):
            if found["created_at"] < before:
                yield found

    async def page(self, question: ListMedia) -> MediaList:
        """A page of a project's media, newest first."""
        wanted: Document = {"project_id": question.project_id}
        for name in ("state", "label_state", "kind"):
            if (value := getattr(question, name)) is not None:
                wanted[name] = value
        if question.q:
            wanted["name_lower"] = {"$regex": re.escape(question.q.lower())}
        conditions: list[Document] = [wanted]
        if question.media is not None:
            conditions.append({"_id": {"$in": question.media}})
        if question.page.cursor:
            conditions.append(_after(question.page.cursor))
        limit = question.page.limit
        cursor = self.database.media.find({"$and": conditions}).sort([("created_at", -1), ("_id", -1)])
        found = await cursor.limit(limit + 1).to_list()
        items = [medium_of(record) for record in found[:limit]]
        return MediaList(items=items, next_cursor=_cursor(items[-1]) if len(found) > limit else None)

    # ---- deletion: noted first, so that it is finished whatever happens ----

    async def note_deletion(self, record: Document, *, delete_source: bool) -> Document:
        """Take a medium off the lists for good."""
        deletion = {"_id": record["_id"], "project_id": record["project_id"], "delete_source": delete_source}
        await self.database.deletions.update_one({"_id": record["_id"]}, {"$setOnInsert": deletion}, upsert=True)
        await self.database.media.delete_one({"_id": record["_id"]})
        return deletion

    async def deletions(self) -> list[Document]:
        """Deletions that are not finished."""
        found: list[Document] = await self.database.deletions.find().limit(100).to_list()
        return found

    async def finish_deletion(self, deletion: Document) -> None:
        """Delete the objects and names of a medium that is off the lists."""
        if deletion["delete_source"]:
            await self.objects.delete_all(media_prefix(deletion["project_id"], deletion["_id"]))
        await self.database.media.delete_one({"_id": deletion["_id"]})
        await self.database.names.delete_many({"media_id": deletion["_id"]})
        await self.database.deletions.delete_one({"_id": deletion["_id"]})

    # ---- what was told of a medium, in whatever order ----

    async def planned(self, media_id: str, footage: Footage) -> None:
        """Its true size and length."""
        await self._change(media_id, {"footage": footage.model_dump()})

    async def clip_ready(self, media_id: str, clip: int, first: int, last: int) -> None:
        """One more clip can be labeled."""
        await self._change(media_id, {f"clips.{clip}": {"first": first, "last": last}})

    async def ready(self, media_id: str, footage: Footage) -> None:
        """All of it can be labeled; from then on it stays so."""
        await self._change(media_id, {"ready": True, "footage": footage.model_dump()})

    async def failed(self, media_id: str, reason: Reason) -> None:
        """It cannot be labeled; the first reason is kept."""
        await self._change(media_id, {"failed": {"$ifNull": ["$failed", {"$literal": reason.model_dump()}]}})

    async def hashed(self, media_id: str, sha256: str, broken: Reason | None) -> None:
        """Its SHA-256, and why it is not what was sent."""
        await self._change(
            media_id, {"sha256": sha256, "broken": {"$literal": broken.model_dump() if broken else None}}
        )

    async def labeled(self, media_id: str, clip: int, revision: int, state: LabelState, objects: int) -> None:
        """How far the labeling of a clip is; an older state never replaces a newer one."""
        newer = {"$or": [{f"labels.{clip}": {"$exists": False}}, {f"labels.{clip}.revision": {"$lt": revision}}]}
        labels = {"revision": revision, "label_state": state, "objects": objects}
        await self._change(media_id, {f"labels.{clip}": labels}, newer)

    async def _change(self, media_id: str, fields: Document, condition: Document | None = None) -> None:
        """Set fields, and what follows from them, in one write. A medium that is deleted meanwhile stays so."""
        await self.database.media.update_one({"_id": media_id} | (condition or {}), [{"$set": fields}, *_DERIVED])


def stored_event(record: Document) -> MediaStored:
    """What is told of a medium once its bytes are here."""
    return MediaStored(
        project_id=record["project_id"],
        media_id=record["_id"],
        kind=record["kind"],
        name=record["name"],
        object_key=source_key(record["project_id"], record["_id"]),
        content_type=record["content_type"],
        size_bytes=record["size_bytes"],
        conditions=record["conditions"],
        author=record["author"],
    )


_EMPTY: dict[str, Any] = {
    "state": "processing",
    "ready": False,
    "failed": None,
    "broken": None,
    "label_state": "unlabeled",
    "objects": 0,
    "footage": None,
    "clips": {},
    "labels": {},
}
_LABELS = {"$map": {"input": {"$objectToArray": "$labels"}, "in": "$$this.v"}}
_DERIVED: tuple[Document, ...] = (
    {
        "$set": {
            "state": {
                "$switch": {
                    "branches": [
                        {"case": {"$gt": ["$broken", None]}, "then": "failed"},
                        {"case": "$ready", "then": "ready"},
                        {"case": {"$gt": ["$failed", None]}, "then": "failed"},
                    ],
                    "default": "processing",
                }
            },
            "objects": {"$sum": {"$map": {"input": _LABELS, "in": "$$this.objects"}}},
            "label_state": {
                "$let": {
                    "vars": {"states": {"$map": {"input": _LABELS, "in": "$$this.label_state"}}},
                    "in": {
                        "$switch": {
                            "branches": [
                                {"case": {"$in": ["labeled", "$$states"]}, "then": "labeled"},
                                {"case": {"$in": ["auto", "$$states"]}, "then": "auto"},
                            ],
                            "default": "unlabeled",
                        }
                    },
                }
            },
        }
    },
)


def _cursor(last: Medium) -> str:
    return base64.urlsafe_b64encode(json.dumps([last.created_at, last.id]).encode()).decode()


def _after(cursor: str) -> Document:
    """Raises ValueError if it is not a cursor that was given out."""
    created_at, media_id = _GIVEN.validate_json(base64.urlsafe_b64decode(cursor))
    return {"$or": [{"created_at": {"$lt": created_at}}, {"created_at": created_at, "_id": {"$lt": media_id}}]}


_GIVEN = TypeAdapter(tuple[float, str])
