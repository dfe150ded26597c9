"""Export records: what was asked, what became of it, and which process works on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument

from common.contract.errors import Reason
from common.contract.events import ExportChanged, ExportReady, WriteExport
from common.contract.questions import Export, ExportList, Loss, PageRequest, StartExport
from common.service.ids import stable_id
from common.storage.mongo import Database, Document
from common.storage.objects import archive_key
from export.storage.cursors import cursor, older_than
from export.storage.external_bucket import place_key

# A process that writes says so every second or two; one that did not for so long is gone.
HELD_S = 15.0


@dataclass(frozen=True, slots=True)
class Record:
    """An export at one revision. `failures` counts how often it was begun again after it was given up; `sealed` are
    the keys to its target, until it has ended."""

    export: Export
    revision: int
    failures: int
    sealed: bytes | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """Where the archive lies or will lie, in our bucket or in the target's."""
        if self.export.target is not None:
            return place_key(self.export.target, self.export.name)
        return archive_key(self.export.project_id, self.export.id)

    @property
    def snapshot_id(self) -> str:
        """The snapshot it is written from: every attempt has the same, until it is given up."""
        return stable_id("export", self.export.id, self.failures)

    def job(self) -> WriteExport:
        """The job that writes it."""
        return WriteExport(project_id=self.export.project_id, export_id=self.export.id)

    def changed(self) -> ExportChanged:
        """The fact that it became what it is."""
        export = self.export
        return ExportChanged(
            project_id=export.project_id,
            export_id=export.id,
            revision=self.revision,
            name=export.name,
            format=export.format,
            state=export.state,
            progress=export.progress,
            size_bytes=export.size_bytes,
            reason=export.reason,
        )

    def ready(self) -> ExportReady:
        """The fact that its archive can be downloaded."""
        export = self.export
        return ExportReady(
            project_id=export.project_id,
            export_id=export.id,
            name=export.name,
            format=export.format,
            object_key=self.key,
            size_bytes=export.size_bytes or 0,
            sha256=export.sha256 or "",
            dropped=[dropped.model_dump() for dropped in export.dropped],
        )


async def create_indexes(database: Database) -> None:
    """A project's exports by age, and those whose job was perhaps never told."""
    by_age = [("project_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]
    await database.exports.create_index(by_age)
    await database.exports.create_index(
        [("created_at", ASCENDING)], name="untold", partialFilterExpression={"told": False}
    )


MIGRATIONS = (create_indexes,)


class ExportStore:
    """The `exports` collection. Every change is one conditional write that raises the revision."""

    def __init__(self, database: Database) -> None:
        self._exports = database.exports

    async def start(self, asked: StartExport, sealed: bytes | None, now: float) -> Record:
        """The export that was asked for, queued; the one with the same id if there is one already. The keys to its
        target are stored as they were `sealed` only."""
        keys = {"access_key", "secret_key"}
        export = Export(
            **asked.model_dump(exclude={"export_id": True, "target": keys}),
            id=asked.export_id,
            state="queued",
            progress=0.0,
            created_at=now,
        )
        fresh = export.model_dump(exclude={"id"}) | {"revision": 1, "failures": 0, "held_until": 0.0, "told": False}
        if export.version is None:
            del fresh["version"]
        if sealed is not None:
            fresh["sealed"] = sealed
        found = await self._exports.find_one_and_update(
            {"_id": asked.export_id},
            {"$setOnInsert": fresh},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return _record(found)

    async def note_told(self, export_id: str) -> None:
        """Note that the job of a new export is on its way."""
        await self._exports.update_one({"_id": export_id}, {"$set": {"told": True}})

    async def untold(self, before: float) -> list[Record]:
        """Exports asked for earlier than `before` whose job may have been lost with the process that took
        them."""
        found = self._exports.find({"told": False, "created_at": {"$lt": before}}).limit(100)
        return [_record(document) async for document in found]

    async def find(self, export_id: str) -> Record | None:
        """One export."""
        document = await self._exports.find_one({"_id": export_id})
        return _record(document) if document else None

    async def page(self, project_id: str, page: PageRequest) -> ExportList:
        """A project's exports, newest first."""
        wanted: Document = {"project_id": project_id}
        if page.cursor:
            wanted |= older_than(page.cursor)
        newest = [("created_at", DESCENDING), ("_id", DESCENDING)]
        found = await self._exports.find(wanted).sort(newest).limit(page.limit + 1).to_list(None)
        items = [_record(document).export for document in found[: page.limit]]
        last = items[-1] if len(found) > page.limit else None
        return ExportList(items=items, next_cursor=cursor(last.created_at, last.id) if last else None)

    async def begin(self, export_id: str, holder: str, now: float) -> Record | None:
        """Let `holder` write it: None while another process does, and once it is done or cancelled."""
        taken = {"state": "running", "progress": 0.0, "reason": None, "holder": holder, "held_until": now + HELD_S}
        where: Document = {"_id": export_id, "held_until": {"$lt": now}}
        going_on = await self._change(where | {"state": {"$in": ("queued", "running")}}, taken)
        return going_on or await self._change(where | {"state": "failed"}, taken, failures=1)

    async def hold(self, export_id: str, holder: str, now: float) -> bool:
        """Go on holding it; False if it was cancelled or taken over."""
        written = await self._exports.update_one(
            {"_id": export_id, "state": "running", "holder": holder}, {"$set": {"held_until": now + HELD_S}}
        )
        return bool(written.matched_count)

    async def progress(self, export_id: str, holder: str, share: float) -> Record | None:
        """Note how much is written."""
        return await self._change(_held(export_id, holder), {"progress": share})

    async def finish(
        self, export_id: str, holder: str, archive: Mapping[str, Any], dropped: list[Loss]
    ) -> Record | None:
        """Note that the archive is complete; `archive` is its object_key, size_bytes and sha256."""
        done = {"state": "done", "progress": 1.0, "dropped": [d.model_dump() for d in dropped], "held_until": 0.0}
        return await self._change(_held(export_id, holder), done | dict(archive))

    async def fail(self, export_id: str, reason: Reason) -> Record | None:
        """Give it up, for a reason in words for the person who asked for it."""
        return await self._change(
            {"_id": export_id, "state": {"$in": ("queued", "running")}},
            {"state": "failed", "reason": reason.model_dump(), "held_until": 0.0},
        )

    async def cancel(self, export_id: str) -> Record | None:
        """Mark it cancelled, whatever it was; None if it was cancelled or had failed already."""
        nothing: Document = {"size_bytes": None, "sha256": None, "object_key": None, "dropped": []}
        return await self._change(
            {"_id": export_id, "state": {"$in": ("queued", "running", "done")}},
            {"state": "cancelled", "held_until": 0.0} | nothing,
        )

    async def forget_keys(self, export_id: str) -> None:
        """Forget the keys to the target of an export that has ended; it is no change that anybody is told."""
        await self._exports.update_one(
            {"_id": export_id, "state": {"$in": ("done", "failed", "cancelled")}}, {"$unset": {"sealed": True}}
        )

    async def _change(self, where: Document, change: Document, failures: int = 0) -> Record | None:
        found = await self._exports.find_one_and_update(
            where,
            {"$set": change, "$inc": {"revision": 1, "failures": failures}},
            return_document=ReturnDocument.AFTER,
        )
        return _record(found) if found else None


def _held(export_id: str, holder: str) -> Document:
    return {"_id": export_id, "state": "running", "holder": holder}


def _record(document: Document) -> Record:
    export = Export(id=document["_id"], **document)
    return Record(export, document["revision"], document["failures"], document.get("sealed"))
