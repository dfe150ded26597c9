"""How many objects are on each clip, counted again when labels change, and told when the count or state changes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from annotation.domain.clips import Count
from common.contract.clips import FRAMES_PER_CLIP
from common.contract.events import ClipState
from common.storage.mongo import Database, Document

CLIPS_AT_ONCE = 500
Clip = tuple[str, str, int]


class ClipStore:
    """Clips by medium and number. A `dirty` one is to be counted, an `untold` one to be published; `marks` says how
    often it was made dirty, so that a count which began before the last mark does not count."""

    def __init__(self, database: Database) -> None:
        self._clips = database.clips
        self._objects = database.objects

    async def mark(self, clips: Iterable[Clip]) -> None:
        """Have clips (project, medium, number) counted again."""
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

    async def is_crossed(self, media_id: str, first: int, last: int) -> bool:
        """Whether any object of a medium reaches into frames first…last."""
        query = {"media_id": media_id, "deleted": False, "first": {"$lte": last}, "last": {"$gte": first}}
        return await self._objects.find_one(query, {"_id": 1}) is not None

    async def dirty(self) -> dict[str, list[Document]]:
        """Clips to count, by medium."""
        found: dict[str, list[Document]] = defaultdict(list)
        async for document in self._clips.find({"dirty": True}).limit(CLIPS_AT_ONCE):
            found[document["media_id"]].append(document)
        return found

    async def count(self, media_id: str, clips: Sequence[int]) -> Mapping[int, Count]:
        """The objects that are visible on clips of a medium; clips without any are not in the answer."""
        first, last = min(clips) * FRAMES_PER_CLIP, (max(clips) + 1) * FRAMES_PER_CLIP - 1
        within = {"media_id": media_id, "deleted": False, "first": {"$lte": last}, "last": {"$gte": first}}
        stages = [
            {"$match": within},
            {"$project": {"by_person": 1, "clips": _touched(clips)}},
            {"$unwind": "$clips"},
            {"$group": {"_id": "$clips", "objects": {"$sum": 1}, "by_person": {"$max": "$by_person"}}},
        ]
        return {
            group["_id"]: Count(group["objects"], group["by_person"]) async for group in self._objects.aggregate(stages)
        }

    async def save(self, counted: Iterable[tuple[Document, Count]]) -> None:
        """Store counts; where one differs from before, the clip has a new revision, which is to be told."""
        writes = [_update(document, count) for document, count in counted]
        if writes:
            await self._clips.bulk_write(writes, ordered=False)

    async def untold(self) -> list[ClipState]:
        """Clip states to publish."""
        documents = await self._clips.find({"untold": True}).limit(CLIPS_AT_ONCE).to_list(None)
        return [ClipState.model_validate(document) for document in documents]

    async def mark_told(self, states: Iterable[ClipState]) -> None:
        """Take clip states off the list, but for those that changed again meanwhile."""
        writes = [
            UpdateOne({"_id": f"{state.media_id}:{state.clip}", "revision": state.revision}, {"$unset": {"untold": ""}})
            for state in states
        ]
        if writes:
            await self._clips.bulk_write(writes, ordered=False)


def _touched(clips: Sequence[int]) -> Document:
    """Those of `clips` that one of the object's spans overlaps, as an expression of an aggregation."""
    span_begins_before_end = {"$lt": ["$$span.first", {"$multiply": [{"$add": ["$$clip", 1]}, FRAMES_PER_CLIP]}]}
    span_ends_after_begin = {"$gte": ["$$span.last", {"$multiply": ["$$clip", FRAMES_PER_CLIP]}]}
    overlaps = {"$and": [span_begins_before_end, span_ends_after_begin]}
    in_any_span = {"$anyElementTrue": [{"$map": {"input": "$spans", "as": "span", "in": overlaps}}]}
    return {"$filter": {"input": list(clips), "as": "clip", "cond": in_any_span}}


def _update(document: Document, count: Count) -> UpdateOne:
    before = (document.get("label_state", "unlabeled"), document.get("objects", 0))
    values: dict[str, Any] = {"label_state": count.label_state, "objects": count.objects}
    if before != (count.label_state, count.objects):
        values |= {"revision": document.get("revision", 0) + 1, "untold": True}
    return UpdateOne({"_id": document["_id"], "marks": document["marks"]}, {"$set": values, "$unset": {"dirty": ""}})
