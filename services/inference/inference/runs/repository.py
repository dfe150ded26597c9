"""Runs and their tasks. Every change of a run is one conditional write that raises its revision; progress is always
counted from the tasks, so that it is right after any interruption."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pymongo import ASCENDING, DESCENDING, ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from common.contract.errors import Reason
from common.contract.questions import PageRequest, Run, RunList
from common.messaging.outbox import Unpublished
from common.storage.cursor import newest_first
from common.storage.mongo import Database, Document
from inference.domain.gap_task import GapTask
from inference.domain.run import OPEN, RunRecord, TaskCounts, TaskState
from inference.domain.task import Job, Task, task_id
from inference.runs.documents import TASK_COUNTS, new_task, run_of, task_of

IS_OPEN = {"$in": list(OPEN)}
BATCH = 100


async def create_indexes(database: Database) -> None:
    """For lists of a project, the outbox, progress of a run (from the index alone), and runs of a deleted medium."""
    await database.runs.create_index([("project_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)])
    await database.runs.create_index("changed_at", partialFilterExpression={"unpublished": True})
    counted = ("run_id", "state", "frames", "done", "object_id", "stopped_at")
    await database.tasks.create_index([(name, ASCENDING) for name in counted])
    await database.tasks.create_index("media_id")


MIGRATIONS = (create_indexes,)


@dataclass(frozen=True, slots=True)
class UnpublishedRun(Unpublished):
    """A change of a run; `unqueued`: its jobs may not be queued either."""

    unqueued: bool


def unpublished_of(record: RunRecord) -> UnpublishedRun:
    """The outbox entry of a run."""
    unqueued = record.unqueued and record.is_open
    return UnpublishedRun(record.run.id, record.revision, [record.changed()], unqueued)


class RunRepository:
    """The `runs` and `tasks` collections."""

    def __init__(self, database: Database) -> None:
        self._runs = database.runs
        self._tasks = database.tasks

    # ---- runs ----

    async def create(self, run: Run, tasks: Sequence[Task]) -> RunRecord:
        """Store a run with its tasks, or return the one that has this id already."""
        # Tasks first: a run that exists always has all of them.
        upserts = [UpdateOne({"_id": task.id}, {"$setOnInsert": new_task(task)}, upsert=True) for task in tasks]
        await self._tasks.bulk_write(upserts, ordered=False)
        fields = run.model_dump(exclude={"id", "progress"})
        marks = {"revision": 1, "unpublished": True, "unqueued": True, "changed_at": datetime.now(UTC)}
        try:
            await self._runs.insert_one({"_id": run.id} | fields | marks)
        except DuplicateKeyError:
            return await self.get(run.id)
        return RunRecord(run, 1, unpublished=True, unqueued=True)

    async def find(self, run_id: str) -> RunRecord | None:
        """A run."""
        found = await self._runs.find_one({"_id": run_id})
        return None if found is None else run_of(found)

    async def get(self, run_id: str) -> RunRecord:
        """A run. Raises LookupError."""
        record = await self.find(run_id)
        if record is None:
            raise LookupError(run_id)
        return record

    async def page(self, project_id: str, page: PageRequest) -> RunList:
        """The runs of a project, newest first. Raises Problem if the cursor is invalid."""
        found, more = await newest_first(self._runs, {"project_id": project_id}, page)
        return RunList(items=[run_of(document).run for document in found], next_cursor=more)

    async def settle(self, run_id: str) -> RunRecord | None:
        """Derive the state of a run from its tasks; None if it has ended already."""
        counts = await self._count_tasks(run_id)
        failed = await self._tasks.find_one({"run_id": run_id, "state": "failed"}) if counts.failed else None
        first_error = Reason.model_validate(failed["reason"]) if failed and failed["reason"] else None
        reason = counts.reason(first_error)
        state = counts.state()
        fields: Document = {
            "state": state,
            "frames_total": counts.frames_total,
            "reason": reason.model_dump() if reason else None,
            "stopped_at": counts.stopped_at,
        }
        if state not in OPEN:
            fields["unpublished"] = True
        return await self._change(run_id, fields, counts.frames_done)

    async def cancel(self, run_id: str) -> RunRecord:
        """Cancel a run that has not ended, and its open tasks. Raises LookupError."""
        await self._change(run_id, {"state": "cancelled", "unpublished": True, "unqueued": False})
        # Also for a run that was cancelled before: the process may have been killed between the two writes.
        record = await self.get(run_id)
        if record.run.state == "cancelled":
            await self._tasks.update_many({"run_id": run_id, "state": "open"}, {"$set": {"state": "cancelled"}})
        return record

    async def cancel_medium(self, media_id: str) -> list[str]:
        """Cancel all tasks on a medium, also those that are done; returns the runs that have some."""
        query = {"media_id": media_id, "state": {"$ne": "cancelled"}}
        await self._tasks.update_many(query, {"$set": {"state": "cancelled"}})
        return list(await self._tasks.distinct("run_id", {"media_id": media_id}))

    # ---- outbox ----

    async def unpublished(self, before: float) -> AsyncIterator[UnpublishedRun]:
        """Runs whose last change of state may not be published."""
        query = {"unpublished": True, "changed_at": {"$lt": datetime.fromtimestamp(before, UTC)}}
        async for document in self._runs.find(query).sort("changed_at", ASCENDING).limit(BATCH):
            yield unpublished_of(run_of(document))

    async def mark_published(self, entries: Sequence[UnpublishedRun]) -> None:
        """Record that revisions of runs are published, and jobs queued."""
        for entry in entries:
            if entry.unqueued:
                await self._runs.update_one({"_id": entry.key}, {"$set": {"unqueued": False}})
            await self._runs.update_one({"_id": entry.key, "revision": entry.token}, {"$set": {"unpublished": False}})

    # ---- tasks ----

    async def open_task(self, job: Job) -> Task | None:
        """The task of a job, if it is open."""
        found = await self._tasks.find_one({"_id": task_id(job), "state": "open"})
        return None if found is None else task_of(found)

    async def open_tasks(self, run_id: str) -> list[Task]:
        """The open tasks of a run."""
        return [task_of(document) async for document in self._tasks.find({"run_id": run_id, "state": "open"})]

    async def tasks_of_medium(self, media_id: str) -> list[Task]:
        """Every task of every run of a medium."""
        return [task_of(document) async for document in self._tasks.find({"media_id": media_id})]

    async def advance(self, task: Task, frames_done: int) -> RunRecord | None:
        """Store the progress of a task; None if the task or its run has ended. Progress never goes back."""
        query = {"_id": task.id, "state": "open"}
        stored = await self._tasks.update_one(query, {"$max": {"done": frames_done}})
        return await self.settle(task.run_id) if stored.matched_count else None

    async def set_stopped_at(self, gap: GapTask) -> None:
        """Store where the object was lost in a gap, or that it was not."""
        await self._tasks.update_one({"_id": gap.id}, {"$set": {"stopped_at": gap.stopped_at}})

    async def end_task(self, job: Job, state: TaskState, reason: Reason | None = None) -> bool:
        """End a task; False if it had ended before, which stays."""
        stored = {"$literal": reason.model_dump() if reason else None}
        change: list[Document] = [{"$set": {"state": state, "reason": stored}}]
        if state == "done":
            change.append({"$set": {"done": "$frames"}})
        ended = await self._tasks.update_one({"_id": task_id(job), "state": "open"}, change)
        return bool(ended.modified_count)

    async def _count_tasks(self, run_id: str) -> TaskCounts:
        async for found in self._tasks.aggregate([{"$match": {"run_id": run_id}}, {"$group": TASK_COUNTS}]):
            return TaskCounts(**{name: count for name, count in found.items() if name != "_id"})
        return TaskCounts()

    async def _change(self, run_id: str, fields: Document, frames_done: int = 0) -> RunRecord | None:
        change = {
            "$set": fields | {"changed_at": datetime.now(UTC)},
            "$max": {"frames_done": frames_done},
            "$inc": {"revision": 1},
        }
        found = await self._runs.find_one_and_update(
            {"_id": run_id, "state": IS_OPEN}, change, return_document=ReturnDocument.AFTER
        )
        return None if found is None else run_of(found)
