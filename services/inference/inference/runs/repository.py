"""Runs and their parts in MongoDB: clips, or the gaps of a quick run. Every change of a run is one conditional write
that also raises its revision; progress is always counted anew from the parts, so that it heals whatever was killed in
between."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError, OperationFailure

from common.contract.errors import Reason
from common.contract.questions import PageRequest, Run, RunList
from common.storage.mongo import Database, Document
from inference.domain.gap_task import GapOfRun
from inference.domain.run import OPEN, PartState, RunRecord, Tally, progress
from inference.runs.documents import Job, Part, new_part, part_id, part_of

IS_OPEN = {"$in": list(OPEN)}
CHECKED_AT_ONCE = 100


async def create_indexes(database: Database) -> None:
    """For lists of a project, the relay, progress of a run, and runs of a deleted medium."""
    await database.runs.create_index([("project_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)])
    await database.runs.create_index("changed_at", partialFilterExpression={"untold": True})
    await database.clips.create_index([(name, ASCENDING) for name in ("run_id", "state", "frames", "done")])
    await database.clips.create_index("media_id")


async def index_gaps(database: Database) -> None:
    """Progress of a run is counted from an index alone, also where its parts are gaps."""
    counted = ("run_id", "state", "frames", "done", "object_id", "stopped_at")
    await database.clips.create_index([(name, ASCENDING) for name in counted])
    # Another replica may have dropped it before.
    with suppress(OperationFailure):
        await database.clips.drop_index("run_id_1_state_1_frames_1_done_1")


MIGRATIONS = (create_indexes, index_gaps)


class RunStore:
    """Runs by id; their parts by run, medium, and clip or gap."""

    def __init__(self, database: Database) -> None:
        self._runs = database.runs
        self._parts = database.clips

    async def create(self, run: Run, parts: Sequence[Part]) -> RunRecord:
        """Store a run with its parts, or find the one that has this id already."""
        # Parts first: a run that exists always has all of them.
        upserts = [UpdateOne({"_id": part.id}, {"$setOnInsert": new_part(part)}, upsert=True) for part in parts]
        await self._parts.bulk_write(upserts, ordered=False)
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

    async def page(self, project_id: str, page: PageRequest) -> RunList:
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

    async def open_part(self, job: Job) -> Part | None:
        """The part that a job is about, if it is still to be done."""
        found = await self._parts.find_one({"_id": part_id(job), "state": "open"})
        return None if found is None else part_of(found)

    async def open_parts(self, run_id: str) -> list[Part]:
        """The parts of a run that are still to be done."""
        return [part_of(document) async for document in self._parts.find({"run_id": run_id, "state": "open"})]

    async def parts_of_medium(self, media_id: str) -> list[Part]:
        """Every part of every run of a medium."""
        return [part_of(document) async for document in self._parts.find({"media_id": media_id})]

    async def advance(self, part: Part, frames_done: int) -> RunRecord | None:
        """Note how far a part is; None if the part or its run is over. A part never goes back."""
        query = {"_id": part.id, "state": "open"}
        noted = await self._parts.update_one(query, {"$max": {"done": frames_done}})
        return await self._count(part.run_id) if noted.matched_count else None

    async def stop(self, gap: GapOfRun) -> None:
        """Note where the object was lost in a gap, or that it was not."""
        await self._parts.update_one({"_id": gap.id}, {"$set": {"stopped_at": gap.stopped_at}})

    async def end_part(self, job: Job, state: PartState, reason: Reason | None = None) -> bool:
        """Note how a part ended; False if it had ended before, which stays."""
        change: list[Document] = [
            {"$set": {"state": state, "reason": {"$literal": reason.model_dump() if reason else None}}}
        ]
        if state == "done":
            change.append({"$set": {"done": "$frames"}})
        ended = await self._parts.update_one({"_id": part_id(job), "state": "open"}, change)
        return bool(ended.modified_count)

    async def settle(self, run_id: str) -> RunRecord | None:
        """Bring a run to what its parts say; None if it was over already."""
        return await self._count(run_id)

    async def cancel(self, run_id: str) -> RunRecord:
        """Stop a run if it is not over; its open parts end with it. Raises LookupError."""
        await self._change(run_id, {"$set": {"state": "cancelled", "untold": True, "unqueued": False}})
        # Also for a run that was cancelled before: the process may have been killed between the two.
        record = await self.get(run_id)
        if record.run.state == "cancelled":
            await self._parts.update_many({"run_id": run_id, "state": "open"}, {"$set": {"state": "cancelled"}})
        return record

    async def cancel_medium(self, media_id: str) -> list[str]:
        """End the parts of runs in a medium, also those that were done; the runs that have some."""
        query = {"media_id": media_id, "state": {"$ne": "cancelled"}}
        await self._parts.update_many(query, {"$set": {"state": "cancelled"}})
        return list(await self._parts.distinct("run_id", {"media_id": media_id}))

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
        failure = await self._parts.find_one({"run_id": run_id, "state": "failed"}) if tally.failed else None
        state = tally.state()
        first_error = failure and failure["reason"]
        reason = tally.reason(Reason.model_validate(first_error) if first_error else None)
        change: Document = {
            "$set": {
                "state": state,
                "frames_total": tally.frames_total,
                "reason": reason.model_dump() if reason else None,
                "stopped_at": tally.stopped_at,
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
        async for found in self._parts.aggregate([{"$match": {"run_id": run_id}}, {"$group": _TALLY}]):
            return Tally(**{name: count for name, count in found.items() if name != "_id"})
        return Tally()


def _counted(state: PartState) -> Document:
    return {"$sum": {"$cond": [{"$eq": ["$state", state]}, 1, 0]}}


_TALLY: Document = {
    "_id": None,
    "frames_total": {"$sum": {"$cond": [{"$eq": ["$state", "cancelled"]}, "$done", "$frames"]}},
    "frames_done": {"$sum": "$done"},
    "parts": {"$sum": 1},
    "gaps": {"$sum": {"$cond": [{"$gt": ["$object_id", None]}, 1, 0]}},
    "open": _counted("open"),
    "failed": _counted("failed"),
    "cancelled": _counted("cancelled"),
    "lost": {"$sum": {"$cond": [{"$gt": ["$stopped_at", None]}, 1, 0]}},
    "stopped_at": {"$min": "$stopped_at"},
}


def _record(document: Document) -> RunRecord:
    fields: dict[str, Any] = {name: document[name] for name in Run.model_fields if name in document}
    share = progress(document["frames_done"], document["frames_total"], document["state"])
    run = Run.model_validate(fields | {"id": document["_id"], "progress": share})
    return RunRecord(run, document["revision"], untold=document["untold"], unqueued=document["unqueued"])
