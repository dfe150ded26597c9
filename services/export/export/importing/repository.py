"""Import records: what was asked, how far it is, what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument

from common.contract.errors import Reason
from common.contract.events import ImportChanged, ReadArchive
from common.contract.questions import Import, ImportList, PageRequest, StartImport
from common.storage.mongo import Database, Document
from export.importing.counts import ImportCounts
from export.storage.cursors import cursor, older_than

# A process that reads says so every second or two; one that did not for so long is gone.
HELD_S = 15.0
# So long what a dry run looked at can be carried out.
KEPT_S = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """An import at one revision; `sealed` are the keys to its source, until it is fetched or has ended. It was
    `checked` by a dry run before, or not."""

    imported: Import
    revision: int
    sealed: bytes | None = None
    checked: bool = False

    def job(self) -> ReadArchive:
        """The job that carries it out."""
        return ReadArchive(project_id=self.imported.project_id, import_id=self.imported.id, checked=self.checked)

    def changed(self) -> ImportChanged:
        """The fact that it became what it is."""
        found = self.imported
        return ImportChanged(
            project_id=found.project_id,
            import_id=found.id,
            revision=self.revision,
            name=found.name,
            format=found.found or found.format,
            state=found.state,
            progress=found.progress,
            dry_run=found.dry_run,
            created=found.created,
            unchanged=found.unchanged,
            refused=found.refused,
            skipped=found.skipped_total,
            reason=found.reason,
        )


async def create_import_indexes(database: Database) -> None:
    """A project's imports by age, and those whose job was perhaps never told."""
    by_age = [("project_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]
    await database.imports.create_index(by_age)
    await database.imports.create_index(
        [("created_at", ASCENDING)], name="untold", partialFilterExpression={"told": False}
    )
    kept: Document = {"kept_until": {"$gt": 0.0}}
    await database.imports.create_index([("kept_until", ASCENDING)], name="kept", partialFilterExpression=kept)


class ImportStore:
    """The `imports` collection. Every change is one conditional write that raises the revision."""

    def __init__(self, database: Database) -> None:
        self._imports = database.imports

    async def start(self, asked: StartImport, sealed: bytes | None, now: float) -> ImportRecord:
        """The import that was asked for, queued; the one with the same id if there is one already. The keys to its
        source are stored as they were `sealed` only."""
        given = asked.model_dump(exclude={"import_id": True, "source": {"access_key", "secret_key"}})
        imported = Import(**given, id=asked.import_id, state="queued", progress=0.0, created_at=now)
        fresh = imported.model_dump(exclude={"id"}) | {"revision": 1, "held_until": 0.0, "told": False}
        if sealed is not None:
            fresh["sealed"] = sealed
        found = await self._imports.find_one_and_update(
            {"_id": asked.import_id},
            {"$setOnInsert": fresh},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return _record(found)

    async def note_told(self, import_id: str) -> None:
        """Note that the job of a new import is on its way."""
        await self._imports.update_one({"_id": import_id}, {"$set": {"told": True}})

    async def untold(self, before: float) -> list[ImportRecord]:
        """Imports asked for earlier than `before` whose job may have been lost with the process that took them."""
        found = self._imports.find({"told": False, "created_at": {"$lt": before}}).limit(100)
        return [_record(document) async for document in found]

    async def find(self, import_id: str) -> ImportRecord | None:
        """One import."""
        document = await self._imports.find_one({"_id": import_id})
        return _record(document) if document else None

    async def page(self, project_id: str, page: PageRequest) -> ImportList:
        """A project's imports, newest first."""
        wanted: Document = {"project_id": project_id} | (older_than(page.cursor) if page.cursor else {})
        newest = [("created_at", DESCENDING), ("_id", DESCENDING)]
        found = await self._imports.find(wanted).sort(newest).limit(page.limit + 1).to_list(None)
        items = [_record(document).imported for document in found[: page.limit]]
        last = items[-1] if len(found) > page.limit else None
        return ImportList(items=items, next_cursor=cursor(last.created_at, last.id) if last else None)

    async def begin(self, import_id: str, holder: str, now: float) -> ImportRecord | None:
        """Let `holder` carry it out: None while another process does, and once it has ended."""
        taken = {"state": "running", "progress": 0.0, "holder": holder, "held_until": now + HELD_S}
        where = {"_id": import_id, "held_until": {"$lt": now}, "state": {"$in": ("queued", "running")}}
        return await self._change(where, taken)

    async def hold(self, import_id: str, holder: str, now: float) -> bool:
        """Go on holding it; False if it was cancelled or taken over."""
        written = await self._imports.update_one(_held(import_id, holder), {"$set": {"held_until": now + HELD_S}})
        return bool(written.matched_count)

    async def progress(
        self, import_id: str, holder: str, share: float, so_far: Mapping[str, Any]
    ) -> ImportRecord | None:
        """Note how far it is, and what is known by now."""
        return await self._change(_held(import_id, holder), {"progress": share, **so_far})

    async def finish(
        self, import_id: str, holder: str, outcome: Mapping[str, Any], kept_until: float | None = None
    ) -> ImportRecord | None:
        """Note what came of it, and how long its archive is kept."""
        done = {"state": "done", "progress": 1.0, "held_until": 0.0, "kept_until": kept_until}
        return await self._change(_held(import_id, holder), done | dict(outcome))

    async def carry_out(self, import_id: str, now: float) -> ImportRecord | None:
        """Queue it anew, in earnest; None if it is no dry run that has ended, or its archive is kept no more."""
        where = {"_id": import_id, "state": "done", "dry_run": True, "kept_until": {"$gt": now}}
        anew = {"state": "queued", "progress": 0.0, "dry_run": False, "checked": True, "kept_until": None}
        return await self._change(where, {**anew, **ImportCounts().fields(), "told": False, "created_at": now})

    async def kept_too_long(self, now: float) -> list[ImportRecord]:
        """Dry runs whose archives nobody asked for any more."""
        found = self._imports.find({"kept_until": {"$gt": 0.0, "$lt": now}}).limit(100)
        return [_record(document) async for document in found]

    async def give_away(self, import_id: str) -> None:
        """Note that its archive is kept no more."""
        await self._imports.update_one({"_id": import_id}, {"$set": {"kept_until": None}})

    async def fail(self, import_id: str, reason: Reason) -> ImportRecord | None:
        """Give it up, for a reason that the person who asked for it sees."""
        where = {"_id": import_id, "state": {"$in": ("queued", "running")}}
        return await self._change(where, {"state": "failed", "reason": reason.model_dump(), "held_until": 0.0})

    async def cancel(self, import_id: str) -> ImportRecord | None:
        """Mark it cancelled; None if it has ended already."""
        where = {"_id": import_id, "state": {"$in": ("queued", "running")}}
        return await self._change(where, {"state": "cancelled", "held_until": 0.0})

    async def forget_keys(self, import_id: str) -> None:
        """Forget the keys to the source of an import that does not need them any more; it is no change that anybody is
        told."""
        await self._imports.update_one({"_id": import_id}, {"$unset": {"sealed": True}})

    async def _change(self, where: Document, change: Document) -> ImportRecord | None:
        found = await self._imports.find_one_and_update(
            where, {"$set": change, "$inc": {"revision": 1}}, return_document=ReturnDocument.AFTER
        )
        return _record(found) if found else None


def _held(import_id: str, holder: str) -> Document:
    return {"_id": import_id, "state": "running", "holder": holder}


def _record(document: Document) -> ImportRecord:
    return ImportRecord(
        Import(id=document["_id"], **document),
        document["revision"],
        document.get("sealed"),
        document.get("checked", False),
    )
