"""Runs and their clips in MongoDB. Every change of a run is one conditional write that also raises its revision;
progress is always counted anew from the clips, so that it heals whatever was killed in between."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from common.events import LabelClip
from common.mongo import Database, Document
from common.questions import Page, Run, RunList
from inference.domain.clip import ClipOfRun
from inference.domain.run import OPEN, ClipState, RunRecord, Tally, progress

IS_OPEN = {"$in": list(OPEN)}
CHECKED_AT_ONCE = 100


async def create_indexes(database: Database) -> None:
    """For lists of a project, the relay, progress of a run, and runs of a deleted medium."""
    await database.runs.create_index([("project_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)])
    await database.runs.create_index("changed_at", partialFilterExpression={"untold": True})
    await database.clips.create_index([(name, ASCENDING) for name in ("run_id", "state", "frames", "done")])
    await database.clips.create_index("media_id")


MIGRATIONS = (create_indexes,)


class RunStore:
    """Runs by id, clips by run, medium and number."""

    def __init__(self, database: Database) -> None:
        self._runs = database.runs
        self._clips = database.clips

    async def create(self, run: Run, clips: Sequence[ClipOfRun]) -> RunRecord:
        """Store a run with its clips, or find the one that has this id already."""
        # Clips first: a run that exists always has all of them.
        upserts = [UpdateOne({"_id": _clip_id(clip)}, {"$setOnInsert": _new_clip(clip)}, upsert=True) for clip in clips]
        await self._clips.bulk_write(upserts, ordered=False)
        document = run.model_dump(exclude={"id", "progress"})
        more = {"revision": 1, "untold": True, "unqueued": True, "changed_at": datetime.now(UTC)}
        try:
            await self._runs.insert_one({"_id": run.id} | document | more)
        except DuplicateKeyError:
            return await self.get(run.id)
        return RunRecord(run, 1, untold=True, unqueued=True)

    async def get(self, run_id: str) -> RunRecord:
        """A run. Raises LookupError."""
        found = await self._runs.find_one({"_id": run_id})
        if found is None:
            raise LookupError(run_id)
        return _record(found)

    async def page(self, project_id: str, page: Page) -> RunList:
        """The runs of a project, newest first."""
        query: Document = {"project_id": project_id}
        if page.cursor:
            created_at, _, run_id = page.cursor.partition("_")
            at = float(created_at)
            query["$or"] = [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": run_id}}]
        order = [("created_at", DESCENDING), ("_id", DESCENDING)]
        found = [_record(document).run async for document in self._runs.find(query).sort(order).limit(page.limit + 1)]
        items = found[: page.limit]
        more = len(found) > page.limit
        return RunList(items=items, next_cursor=f"{items[-1].created_at!r}_{items[-1].id}" if more else None)

    async def open_clip(self, job: LabelClip) -> ClipOfRun | None:
        """The clip of a job, if it is still to be done."""
        found = await self._clips.find_one({"_id": _clip_id(job), "state": "open"})
        return None if found is None else _clip(found)

    async def open_clips(self, run_id: str) -> list[ClipOfRun]:
        """The clips of a run that are still to be done."""
        return [_clip(document) async for document in self._clips.find({"run_id": run_id, "state": "open"})]

    async def clips_of_medium(self, media_id: str) -> list[ClipOfRun]:
        """Every clip of every run of a medium."""
        return [_clip(document) async for document in self._clips.find({"media_id": media_id})]

    async def advance(self, clip: ClipOfRun, frames_done: int) -> RunRecord | None:
        """Note how far a clip is; None if the clip or its run is over. A clip never goes back."""
        query = {"_id": _clip_id(clip), "state": "open"}
        noted = await self._clips.update_one(query, {"$max": {"done": frames_done}})
        return await self._count(clip.run_id) if noted.matched_count else None

    async def end_clip(self, job: LabelClip | ClipOfRun, state: ClipState, reason: str | None = None) -> bool:
        """Note how a clip ended; False if it had ended before, which stays."""
        change: list[Document] = [{"$set": {"state": state, "reason": reason}}]
        if state == "done":
            change.append({"$set": {"done": "$frames"}})
        ended = await self._clips.update_one({"_id": _clip_id(job), "state": "open"}, change)
        return bool(ended.modified_count)

    async def settle(self, run_id: str) -> RunRecord | None:
        """Bring a run to what its clips say; None if it was over already."""
        return await self._count(run_id)

    async def cancel(self, run_id: str) -> RunRecord:
        """Stop a run if it is not over; its open clips end with it. Raises LookupError."""
        await self._change(run_id, {"$set": {"state": "cancelled", "untold": True, "unqueued": False}})
        # Also for a run that was cancelled before: the process may have been killed between the two.
        record = await self.get(run_id)
        if record.run.state == "cancelled":
            await self._clips.update_many({"run_id": run_id, "state": "open"}, {"$set": {"state": "cancelled"}})
        return record

    async def cancel_medium(self, media_id: str) -> list[str]:
        """End the clips of a medium, also those that were done; the runs that have clips of it."""
        query = {"media_id": media_id, "state": {"$ne": "cancelled"}}
        await self._clips.update_many(query, {"$set": {"state": "cancelled"}})
        return list(await self._clips.distinct("run_id", {"media_id": media_id}))

    async def untold(self, for_s: float) -> AsyncIterator[RunRecord]:
        """Runs whose last change of state may not have been told, although that is so long ago."""
        before = datetime.now(UTC) - timedelta(seconds=for_s)
        async for document in self._runs.find({"untold": True, "changed_at": {"$lt": before}}).limit(CHECKED_AT_ONCE):
            yield _record(document)

    async def queued(self, record: RunRecord) -> None:
        """Note that the jobs of a run are in the queue."""
        await self._runs.update_one({"_id": record.run.id}, {"$set": {"unqueued": False}})

    async def told(self, record: RunRecord) -> None:
        """Note that this revision of a run was told."""
        query = {"_id": record.run.id, "revision": record.revision}
        await self._runs.update_one(query, {"$set": {"untold": False}})

    async def _count(self, run_id: str) -> RunRecord | None:
        tally = await self._tally(run_id)
        failure = await self._clips.find_one({"run_id": run_id, "state": "failed"}) if tally.failed else None
        state = tally.state()
        change: Document = {
            "$set": {
                "state": state,
                "frames_total": tally.frames_total,
                "reason": tally.reason(failure["reason"] if failure else None),
            },
            "$max": {"frames_done": tally.frames_done},
        }
        if state not in OPEN:
            change["$set"] |= {"untold": True}
        return await self._change(run_id, change)

    async def _change(self, run_id: str, change: Document) -> RunRecord | None:
        change = change | {"$inc": {"revision": 1}, "$set": change["$set"] | {"changed_at": datetime.now(UTC)}}
        found = await self._runs.find_one_and_update(
            {"_id": run_id, "state": IS_OPEN}, change, return_document=ReturnDocument.AFTER
        )
        return None if found is None else _record(found)

    async def _tally(self, run_id: str) -> Tally:
        async for found in self._clips.aggregate([{"$match": {"run_id": run_id}}, {"$group": _TALLY}]):
            return Tally(**{name: count for name, count in found.items() if name != "_id"})
        return Tally()


def _counted(state: ClipState) -> Document:
    return {"$sum": {"$cond": [{"$eq": ["$state", state]}, 1, 0]}}


_TALLY: Document = {
    "_id": None,
    "frames_total": {"$sum": {"$cond": [{"$eq": ["$state", "cancelled"]}, "$done", "$frames"]}},
    "frames_done": {"$sum": "$done"},
    "clips": {"$sum": 1},
    "open": _counted("open"),
    "failed": _counted("failed"),
    "cancelled": _counted("cancelled"),
}


def _clip_id(clip: LabelClip | ClipOfRun) -> str:
    return f"{clip.run_id}.{clip.media_id}.{clip.clip}"


_CLIP_FIELDS = ("project_id", "run_id", "media_id", "clip", "first", "last", "ends_medium", "size_wh")


def _new_clip(clip: ClipOfRun) -> Document:
    fields: Document = {name: getattr(clip, name) for name in _CLIP_FIELDS}
    return fields | {"frames": clip.frame_count, "done": 0, "state": "open", "reason": None}


def _clip(document: Document) -> ClipOfRun:
    size_wh = tuple(document["size_wh"]) if document["size_wh"] else None
    return ClipOfRun(**{name: document[name] for name in _CLIP_FIELDS} | {"size_wh": size_wh})


def _record(document: Document) -> RunRecord:
    fields: dict[str, Any] = {name: document[name] for name in Run.model_fields if name in document}
    share = progress(document["frames_done"], document["frames_total"], document["state"])
    run = Run.model_validate(fields | {"id": document["_id"], "progress": share})
    return RunRecord(run, document["revision"], untold=document["untold"], unqueued=document["unqueued"])
