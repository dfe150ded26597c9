"""Records, clip plans and renditions: everything this service keeps in MongoDB and S3."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bson import Binary

from common.contract.clips import ClipIndex, Rendition
from common.contract.errors import Reason
from common.contract.events import MediaStored
from common.contract.media import Footage
from common.messaging.topology import KEPT
from common.storage.mongo import Database, Document
from common.storage.objects import (
    NoSuchObject,
    Objects,
    index_key,
    media_prefix,
    samples_key,
    thumbnail_key,
)
from frames.clips.samples import SamplesWriter, runs_of
from frames.domain.gops import ClipPlan, Sample, unpacked
from frames.domain.media import CutState, Record


async def create_indexes(database: Database) -> None:
    """Clips are found by medium, in order. A tombstone outlives every fact that could bring its medium back."""
    await database.clips.create_index([("media_id", 1), ("clip", 1)], unique=True)
    await database.media.create_index("deleted_at", expireAfterSeconds=2 * KEPT.total_seconds())


MIGRATIONS = (create_indexes,)
_PLAN = {"_id": 0, "clip": 1, "first": 1, "count": 1, "gops": 1, "frames": 1, "arrays": 1}
_STATE = {"_id": 0, "clip": 1, "first": 1, "count": 1, "can_copy": 1, "is_settled": 1, "renditions": 1}


class FootageStore:
    """What is known of media, and what was made from them."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self.database = database
        self.objects = objects

    # ---- media ----

    async def begin(self, stored: MediaStored) -> Record:
        """The medium's record; a new one where there is none."""
        fields = stored.model_dump(include={"project_id", "kind", "object_key", "content_type", "size_bytes"})
        await self.database.media.update_one(
            {"_id": stored.media_id}, {"$setOnInsert": fields | {"state": "planning"}}, upsert=True
        )
        record = await self.record(stored.media_id)
        assert record is not None
        return record

    async def record(self, media_id: str) -> Record | None:
        """What is known of a medium; None if it was never stored."""
        found = await self.database.media.find_one({"_id": media_id})
        if found is None:
            return None
        footage = Footage.model_validate(found["footage"]) if found.get("footage") else None
        reason = Reason.model_validate(found["reason"]) if found.get("reason") else None
        plain = {name: found[name] for name in _RECORD if name in found}
        return Record(media_id=found["_id"], footage=footage, reason=reason, **plain)

    async def describe(self, media_id: str, video: dict[str, Any]) -> None:
        """Keep what the file says of itself."""
        await self.database.media.update_one({"_id": media_id}, {"$set": {"video": video}})

    async def finish_plan(self, media_id: str, footage: Footage) -> None:
        """All frames are counted."""
        await self.database.media.update_one(
            {"_id": media_id, "state": "planning"},
            {"$set": {"state": "planned", "footage": footage.model_dump()}},
        )

    async def fail(self, media_id: str, reason: Reason) -> Reason:
        """Give a medium up; returns the first reason that was given."""
        await self.database.media.update_one(
            {"_id": media_id, "state": {"$in": ["planning", "planned"]}},
            {"$set": {"state": "failed", "reason": reason.model_dump()}},
        )
        record = await self.record(media_id)
        return (record.reason if record else None) or reason

    async def delete(self, project_id: str, media_id: str) -> None:
        """Forget a medium; its tombstone keeps work that is under way from bringing it back."""
        unknown = {"project_id": project_id, "kind": "video", "object_key": "", "content_type": "", "size_bytes": 0}
        tombstone = {"$set": {"state": "deleted", "deleted_at": datetime.now(UTC)}, "$setOnInsert": unknown}
        await self.database.media.update_one({"_id": media_id}, tombstone, upsert=True)
        await self.database.clips.delete_many({"media_id": media_id})
        await self._delete_objects(project_id, media_id)

    async def _delete_objects(self, project_id: str, media_id: str) -> None:
        prefix = media_prefix(project_id, media_id)
        for made in ("clips/", "frames/", "strips/", "thumbnail"):
            await self.objects.delete_all(prefix + made)

    async def sweep_if_deleted(self, media_id: str) -> bool:
        """Whether the medium is deleted; then what was made since goes too."""
        found = await self.database.media.find_one({"_id": media_id}, {"state": 1, "project_id": 1})
        if found is None or found["state"] != "deleted":
            return False
        await self.database.clips.delete_many({"media_id": media_id})
        await self._delete_objects(found["project_id"], media_id)
        return True

    async def put_thumbnail(self, record: Record, picture: bytes) -> None:
        """Keep the small picture of a medium."""
        await self.objects.put(thumbnail_key(record.project_id, record.media_id), picture, "image/jpeg")

    # ---- plans ----

    async def put_plan(self, media_id: str, head: Document, arrays: bytes) -> None:
        """Keep a clip's plan; the same again changes nothing."""
        fields = {name: head[name] for name in (*_STATE, *_PLAN) if name in head}
        fields |= {"media_id": media_id, "arrays": Binary(arrays)}
        await self.database.clips.update_one(
            {"_id": f"{media_id}/{head['clip']}"}, {"$set": fields, "$setOnInsert": {"renditions": []}}, upsert=True
        )

    async def plan(self, media_id: str, clip: int) -> ClipPlan | None:
        """A clip's plan; None if it is not known yet, or not any more."""
        found = await self.database.clips.find_one({"_id": f"{media_id}/{clip}"}, _PLAN)
        return unpacked(found, found["arrays"]) if found else None

    async def plans_of_frames(self, media_id: str, frames: Iterable[int]) -> list[ClipPlan]:
        """The plans of the clips that hold these frames, in order."""
        first = await self.cut(media_id, 0)
        if first is None:
            return []
        # All clips but the last are as long as the first.
        clips = {frame // (first.last + 1) for frame in frames}
        chosen = {"media_id": media_id, "clip": {"$in": sorted(clips)}}
        cursor = self.database.clips.find(chosen, _PLAN).sort("clip", 1)
        return [unpacked(found, found["arrays"]) async for found in cursor]

    async def cuts(self, media_id: str) -> list[CutState]:
        """The planned clips, in order."""
        cursor = self.database.clips.find({"media_id": media_id}, _STATE).sort("clip", 1)
        return [_cut(found) async for found in cursor]

    async def cut(self, media_id: str, clip: int) -> CutState | None:
        """One planned clip."""
        found = await self.database.clips.find_one({"_id": f"{media_id}/{clip}"}, _STATE)
        return _cut(found) if found else None

    # ---- renditions ----

    async def put_rendition(self, record: Record, index: ClipIndex) -> None:
        """Keep the index of samples that are stored; from now on the rendition is there."""
        key = index_key(record.project_id, record.media_id, index.clip, index.rendition)
        await self.objects.put(key, index.model_dump_json().encode(), "application/json")
        await self.database.clips.update_one(
            {"_id": f"{record.media_id}/{index.clip}"}, {"$addToSet": {"renditions": index.rendition}}
        )

    def samples(self, record: Record, clip: int, rendition: Rendition) -> SamplesWriter:
        """Where a rendition's samples are written to."""
        return self.writer(samples_key(record.project_id, record.media_id, clip, rendition))

    def writer(self, key: str, content_type: str = "application/octet-stream") -> SamplesWriter:
        """Where one object is written to, piece by piece."""
        return SamplesWriter(self.objects, key, content_type)

    async def copy_samples(self, record: Record, plan: ClipPlan) -> None:
        """Carry a clip's samples from the source, one after the other."""
        samples: list[Sample] = [sample for gop in plan.gops for sample in gop.samples]
        async with self.samples(record, plan.clip, "copy") as writer:
            for run in runs_of(samples):
                start = run[0].position
                length = run[-1].position + run[-1].size - start
                content = await asyncio.to_thread(self.objects.read_range, record.object_key, start, length)
                for sample in run:
                    await writer.add(content[sample.position - start :][: sample.size])

    async def exists(self, key: str) -> bool:
        """Whether there is such an object."""
        try:
            await self.objects.stat(key)
        except NoSuchObject:
            return False
        return True


_RECORD = ("project_id", "kind", "object_key", "content_type", "size_bytes", "state", "video")


def _cut(found: Document) -> CutState:
    return CutState(
        clip=found["clip"],
        first=found["first"],
        last=found["first"] + found["count"] - 1,
        can_copy=found["can_copy"],
        is_settled=found["is_settled"],
        renditions=frozenset(found["renditions"]),
    )
