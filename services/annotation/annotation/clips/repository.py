"""Clips in MongoDB: their numbers of objects, and marks of those to be counted or published."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateOne

from annotation.domain.clips import ClipCount
from common.contract.clips import FRAMES_PER_CLIP
from common.contract.events import ClipState
from common.messaging.outbox import Unpublished
from common.storage.mongo import Database, Document

CLIPS_PER_BATCH = 500
# Project, medium, number.
ClipKey = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class DirtyClip:
    """A clip to count: its previous count, and the number of marks before the count began."""

    id: str
    number: int
    marks: int
    revision: int
    label_state: str
    objects: int


class UnpublishedClip(Unpublished):
    """A clip whose state is not published yet; the token is its revision."""


class ClipRepository:
    """Clips by medium and number. `marks` is the number of times a clip was marked: a count that began before the last
    mark leaves the clip marked. `marked` is set when this process has marked clips."""

    def __init__(self, database: Database) -> None:
        self.marked = asyncio.Event()
        self._clips = database.clips
        self._objects = database.objects

    async def mark(self, clips: Iterable[ClipKey]) -> None:
        """Mark clips to be counted again."""
        writes = [
            UpdateOne(
                {"_id": f"{media_id}:{clip}"},
                {
                    "$set": {"dirty": True},
                    "$inc": {"marks": 1},
                    "$setOnInsert": {"project_id": project_id, "media_id": media_id, "clip": clip},
                },
                upsert=True,
            )
            for project_id, media_id, clip in sorted(set(clips))
        ]
        if writes:
            await self._clips.bulk_write(writes, ordered=False)
            self.marked.set()

    async def is_crossed(self, media_id: str, first: int, last: int) -> bool:
        """Whether any object of a medium overlaps frames first…last."""
        query = {"media_id": media_id, "deleted": False, "first": {"$lte": last}, "last": {"$gte": first}}
        return await self._objects.find_one(query, {"_id": 1}) is not None

    async def dirty(self) -> dict[str, list[DirtyClip]]:
        """Clips to count, by medium."""
        by_medium: dict[str, list[DirtyClip]] = defaultdict(list)
        async for document in self._clips.find({"dirty": True}).limit(CLIPS_PER_BATCH):
            by_medium[document["media_id"]].append(_unpack(document))
        return by_medium

    async def count(self, media_id: str, clips: Sequence[int]) -> Mapping[int, ClipCount]:
        """The number of visible objects on clips of a medium; clips without objects are omitted."""
        first, last = min(clips) * FRAMES_PER_CLIP, (max(clips) + 1) * FRAMES_PER_CLIP - 1
        stages = [
            {"$match": {"media_id": media_id, "deleted": False, "first": {"$lte": last}, "last": {"$gte": first}}},
            {"$project": {"by_person": 1, "clips": _overlapped(clips)}},
            {"$unwind": "$clips"},
            {"$group": {"_id": "$clips", "objects": {"$sum": 1}, "by_person": {"$max": "$by_person"}}},
        ]
        groups = self._objects.aggregate(stages)
        return {group["_id"]: ClipCount(group["objects"], group["by_person"]) async for group in groups}

    async def save(self, counted: Iterable[tuple[DirtyClip, ClipCount]]) -> None:
        """Store counts. A clip whose count or state changed gets a new revision to publish."""
        writes = [_update(clip, count) for clip, count in counted]
        if writes:
            await self._clips.bulk_write(writes, ordered=False)

    async def unpublished(self, _before: float) -> AsyncIterator[UnpublishedClip]:
        """Clip states to publish."""
        async for document in self._clips.find({"unpublished": True}).limit(CLIPS_PER_BATCH):
            state = ClipState.model_validate(document)
            yield UnpublishedClip(document["_id"], state.revision, (state,))

    async def mark_published(self, entries: Sequence[UnpublishedClip]) -> None:
        """Clear the marks of clips that have not changed again since."""
        writes = [
            UpdateOne({"_id": entry.key, "revision": entry.token}, {"$unset": {"unpublished": ""}}) for entry in entries
        ]
        if writes:
            await self._clips.bulk_write(writes, ordered=False)


def _overlapped(clips: Sequence[int]) -> Document:
    """The aggregation expression for those of `clips` that overlap one of the object's spans."""
    span_begins_before_end = {"$lt": ["$$span.first", {"$multiply": [{"$add": ["$$clip", 1]}, FRAMES_PER_CLIP]}]}
    span_ends_after_begin = {"$gte": ["$$span.last", {"$multiply": ["$$clip", FRAMES_PER_CLIP]}]}
    overlaps = {"$and": [span_begins_before_end, span_ends_after_begin]}
    in_any_span = {"$anyElementTrue": [{"$map": {"input": "$spans", "as": "span", "in": overlaps}}]}
    return {"$filter": {"input": list(clips), "as": "clip", "cond": in_any_span}}


def _unpack(document: Document) -> DirtyClip:
    return DirtyClip(
        id=document["_id"],
        number=document["clip"],
        marks=document["marks"],
        revision=document.get("revision", 0),
        label_state=document.get("label_state", "unlabeled"),
        objects=document.get("objects", 0),
    )


def _update(clip: DirtyClip, count: ClipCount) -> UpdateOne:
    values: dict[str, Any] = {"label_state": count.label_state, "objects": count.objects}
    if (clip.label_state, clip.objects) != (count.label_state, count.objects):
        values |= {"revision": clip.revision + 1, "unpublished": True}
    return UpdateOne({"_id": clip.id, "marks": clip.marks}, {"$set": values, "$unset": {"dirty": ""}})
