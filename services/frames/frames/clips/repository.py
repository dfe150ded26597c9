"""Media, clip plans and renditions in MongoDB and S3."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bson import Binary

from common.contract.clips import ClipIndex, Rendition
from common.contract.errors import Reason
from common.contract.events import MediaStored
from common.contract.media import Footage
from common.messaging.topology import RETENTION
from common.storage.mongo import Database, Document
from common.storage.multipart import MultipartWriter
from common.storage.objects import NoSuchObject, Objects, index_key, media_prefix, samples_key, thumbnail_key
from frames.domain.byte_ranges import adjacent_samples
from frames.domain.gops import ClipPlan, unpack_plan
from frames.domain.media import ClipRecord, MediaRecord, PlannedClip


async def create_indexes(database: Database) -> None:
    """Clips are found by medium, in order. A tombstone outlives every fact that could bring its medium back."""
    await database.clips.create_index([("media_id", 1), ("clip", 1)], unique=True)
    await database.media.create_index("deleted_at", expireAfterSeconds=2 * RETENTION.total_seconds())


MIGRATIONS = (create_indexes,)
_PLAN = {"_id": 0, "clip": 1, "first": 1, "count": 1, "gops": 1, "frames": 1, "arrays": 1}
_CLIP = {"_id": 0, "clip": 1, "first": 1, "count": 1, "can_copy": 1, "is_seekable": 1, "renditions": 1}
_MEDIUM = ("project_id", "kind", "object_key", "content_type", "size_bytes", "state", "video")
_DERIVED = ("clips/", "frames/", "strips/", "thumbnail")


class ClipRepository:
    """The `media` and `clips` collections, and everything that is derived from media in S3."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._media = database.media
        self._clips = database.clips
        self._objects = objects

    # ---- media ----

    async def add(self, stored: MediaStored) -> MediaRecord:
        """The medium; a new one if it is unknown."""
        fields = stored.model_dump(include={"project_id", "kind", "object_key", "content_type", "size_bytes"})
        await self._media.update_one(
            {"_id": stored.media_id}, {"$setOnInsert": fields | {"state": "planning"}}, upsert=True
        )
        record = await self.find(stored.media_id)
        assert record is not None
        return record

    async def find(self, media_id: str) -> MediaRecord | None:
        """A medium; None if it was never stored."""
        found = await self._media.find_one({"_id": media_id})
        if found is None:
            return None
        footage = Footage.model_validate(found["footage"]) if found.get("footage") else None
        reason = Reason.model_validate(found["reason"]) if found.get("reason") else None
        fields = {name: found[name] for name in _MEDIUM if name in found}
        return MediaRecord(media_id=found["_id"], footage=footage, reason=reason, **fields)

    async def describe(self, media_id: str, video: dict[str, Any]) -> None:
        """Store the properties of the video."""
        await self._media.update_one({"_id": media_id}, {"$set": {"video": video}})

    async def finish_planning(self, media_id: str, footage: Footage) -> None:
        """planning → planned: all frames are counted."""
        await self._media.update_one(
            {"_id": media_id, "state": "planning"},
            {"$set": {"state": "planned", "footage": footage.model_dump()}},
        )

    async def fail(self, media_id: str, reason: Reason) -> Reason:
        """planning or planned → failed; returns the first reason that was stored."""
        await self._media.update_one(
            {"_id": media_id, "state": {"$in": ["planning", "planned"]}},
            {"$set": {"state": "failed", "reason": reason.model_dump()}},
        )
        record = await self.find(media_id)
        return (record.reason if record else None) or reason

    async def delete(self, project_id: str, media_id: str) -> None:
        """Delete everything of a medium; its tombstone keeps work in progress from bringing it back."""
        unknown = {"project_id": project_id, "kind": "video", "object_key": "", "content_type": "", "size_bytes": 0}
        tombstone = {"$set": {"state": "deleted", "deleted_at": datetime.now(UTC)}, "$setOnInsert": unknown}
        await self._media.update_one({"_id": media_id}, tombstone, upsert=True)
        await self._delete_derived(project_id, media_id)

    async def delete_if_deleted(self, media_id: str) -> bool:
        """Whether the medium is deleted; then what was derived since is deleted too."""
        found = await self._media.find_one({"_id": media_id}, {"state": 1, "project_id": 1})
        if found is None or found["state"] != "deleted":
            return False
        await self._delete_derived(found["project_id"], media_id)
        return True

    async def _delete_derived(self, project_id: str, media_id: str) -> None:
        await self._clips.delete_many({"media_id": media_id})
        for name in _DERIVED:
            await self._objects.delete_all(media_prefix(project_id, media_id) + name)

    async def put_thumbnail(self, record: MediaRecord, image: bytes) -> None:
        """Store the thumbnail of a medium."""
        await self._objects.put(thumbnail_key(record.project_id, record.media_id), image, "image/jpeg")

    # ---- plans ----

    async def put_plan(self, media_id: str, head: Document, arrays: bytes) -> None:
        """Store a clip's plan; the same again changes nothing."""
        fields = {name: head[name] for name in (*_CLIP, *_PLAN) if name in head}
        fields |= {"media_id": media_id, "arrays": Binary(arrays)}
        await self._clips.update_one(
            {"_id": f"{media_id}/{head['clip']}"}, {"$set": fields, "$setOnInsert": {"renditions": []}}, upsert=True
        )

    async def plans_of_frames(self, media_id: str, frames: Iterable[int]) -> list[ClipPlan]:
        """The plans of the clips that hold these frames, in order."""
        first = await self._clip(media_id, 0)
        if first is None:
            return []
        # All clips but the last are as long as the first.
        clips = {frame // (first.last + 1) for frame in frames}
        query = {"media_id": media_id, "clip": {"$in": sorted(clips)}}
        cursor = self._clips.find(query, _PLAN).sort("clip", 1)
        return [unpack_plan(found, found["arrays"]) async for found in cursor]

    async def clips(self, media_id: str) -> list[ClipRecord]:
        """The planned clips, in order."""
        cursor = self._clips.find({"media_id": media_id}, _CLIP).sort("clip", 1)
        return [_clip_of(found) async for found in cursor]

    async def open_clip(self, media_id: str, clip: int) -> PlannedClip | None:
        """A clip with its medium and plan; None if the medium failed or was deleted."""
        record = await self.find(media_id)
        found = await self._clips.find_one({"_id": f"{media_id}/{clip}"}, _PLAN | _CLIP)
        if record is None or found is None or not record.is_open:
            return None
        return PlannedClip(record, unpack_plan(found, found["arrays"]), _clip_of(found))

    async def _clip(self, media_id: str, clip: int) -> ClipRecord | None:
        found = await self._clips.find_one({"_id": f"{media_id}/{clip}"}, _CLIP)
        return _clip_of(found) if found else None

    # ---- renditions ----

    async def put_rendition(self, record: MediaRecord, index: ClipIndex) -> None:
        """Store the index of samples that are stored; from now on the rendition exists."""
        key = index_key(record.project_id, record.media_id, index.clip, index.rendition)
        await self._objects.put(key, index.model_dump_json().encode(), "application/json")
        await self._clips.update_one(
            {"_id": f"{record.media_id}/{index.clip}"}, {"$addToSet": {"renditions": index.rendition}}
        )

    def samples_writer(self, record: MediaRecord, clip: int, rendition: Rendition) -> MultipartWriter:
        """A writer for a rendition's samples."""
        key = samples_key(record.project_id, record.media_id, clip, rendition)
        return MultipartWriter(self._objects, key, abort_stale=True)

    async def copy_samples(self, record: MediaRecord, plan: ClipPlan) -> None:
        """Copy a clip's samples from the source, in order."""
        samples = [sample for gop in plan.gops for sample in gop.samples]
        async with self.samples_writer(record, plan.clip, "copy") as writer:
            for group in adjacent_samples(samples):
                start = group[0].position
                length = group[-1].position + group[-1].size - start
                content = await asyncio.to_thread(self._objects.read_range, record.object_key, start, length)
                for sample in group:
                    await writer.send(content[sample.position - start :][: sample.size])

    # ---- images ----

    def image_writer(self, key: str, content_type: str) -> MultipartWriter:
        """A writer for a sequence of images."""
        return MultipartWriter(self._objects, key, content_type)

    async def put_image(self, key: str, image: bytes, content_type: str) -> None:
        """Store a rendered frame."""
        await self._objects.put(key, image, content_type)

    async def exists(self, key: str) -> bool:
        """Whether there is such an object."""
        try:
            await self._objects.stat(key)
        except NoSuchObject:
            return False
        return True


def _clip_of(document: Document) -> ClipRecord:
    return ClipRecord(
        clip=document["clip"],
        first=document["first"],
        last=document["first"] + document["count"] - 1,
        can_copy=document["can_copy"],
        is_seekable=document["is_seekable"],
        renditions=frozenset(document["renditions"]),
    )
