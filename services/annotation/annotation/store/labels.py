"""Objects and their changes in MongoDB: edits go in, objects, boxes and history come out."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from pymongo import InsertOne, ReplaceOne

from annotation.domain.batch import Answered, Batch, Change, Decision, Earlier, Known, decide
from annotation.domain.rebase import FARTHEST_BEHIND
from annotation.domain.tracks import FOREVER, Span, is_within
from annotation.metrics import EDIT_SECONDS, EDITS
from annotation.store.documents import (
    change_id,
    changes_of,
    pack_change,
    pack_current,
    pack_state,
    unpack_current,
    unpack_edit,
    unpack_state,
)
from annotation.store.media import KnownMedium, MediaStore
from annotation.store.transaction import Overtaken, in_transaction
from common.errors import Problem, not_found
from common.labels import Create, Edit, EditResult, ObjectState, Restore
from common.mongo import Database, Document
from common.questions import History, HistoryEntry, ObjectOwner, Page


class LabelStore:
    """The objects of all media. `changed` is set whenever changes wait to be told."""

    def __init__(self, database: Database, media: MediaStore, clock: Callable[[], float] = time.time) -> None:
        self.changed = asyncio.Event()
        self._client = database.client
        self._objects = database.objects
        self._changes = database.changes
        self._media = media
        self._clock = clock

    async def apply(self, batch: Batch) -> list[EditResult]:
        """Apply a batch in one transaction; what became of each edit.

        Raises:
            Problem: there is no such medium, or not one frame of it is known yet.
        """
        with EDIT_SECONDS.time():
            decision = await in_transaction(self._client, lambda session: self._apply(batch, session))
        for result in decision.results:
            EDITS.labels(result.status).inc()
        if decision.changes:
            self.changed.set()
        return decision.results

    async def _apply(self, batch: Batch, session: Any) -> Decision:
        frame_count = _frame_count(await self._media.find(batch.media_id, session), batch)
        known = await self._known(batch, session)
        decision = decide(batch, known, frame_count, self._clock())
        if decision.changes:
            await self._write(decision.changes, batch, session)
        return decision

    async def _known(self, batch: Batch, session: Any) -> Known:
        """Everything that decides about a batch, in two round trips, or up to four where edits are stale or restore."""
        edit_ids = {"media_id": batch.media_id, "edit_id": {"$in": [edit.id for edit in batch.edits]}}
        answered = await self._find(self._changes, edit_ids, session, ("edit_id", "verb", "object"))
        object_ids = {"_id": {"$in": list({edit.object for edit in batch.edits})}}
        objects = await self._find(self._objects, object_ids, session)
        known = Known(
            objects={one["_id"]: unpack_current(one) for one in objects if one["media_id"] == batch.media_id},
            taken=frozenset(one["_id"] for one in objects if one["media_id"] != batch.media_id),
            answered={one["edit_id"]: Answered(one["verb"], unpack_state(one["object"])) for one in answered},
        )
        if stale := _changes_since(batch.edits, known):
            found = await self._by_id(stale, session, ("object_id", "revision", "edit_id", "touches"))
            known.changes.update((_key(one), Earlier(one["edit_id"], frozenset(one["touches"]))) for one in found)
        if restored := {change_id(edit.object, edit.revision) for edit in batch.edits if isinstance(edit, Restore)}:
            found = await self._by_id(restored, session, ("object_id", "revision", "object"))
            known.states.update((_key(one), unpack_state(one["object"])) for one in found)
        return known

    async def _by_id(self, ids: set[str], session: Any, fields: Sequence[str]) -> list[Document]:
        return await self._find(self._changes, {"_id": {"$in": list(ids)}}, session, fields)

    async def _find(
        self, collection: Any, query: Document, session: Any, fields: Sequence[str] | None = None
    ) -> list[Document]:
        found: list[Document] = await collection.find(query, fields, session=session).to_list(None)
        return found

    async def _write(self, changes: Sequence[Change], batch: Batch, session: Any) -> None:
        packed = [pack_state(change.after.state) for change in changes]
        newest = {change.edit.object: index for index, change in enumerate(changes)}
        oldest = {change.edit.object: change for change in reversed(changes)}
        writes: list[Any] = []
        for object_id, index in newest.items():
            before = oldest[object_id].before
            document = pack_current(changes[index].after, packed[index])
            if before is None:
                writes.append(InsertOne(document))
            else:
                writes.append(ReplaceOne({"_id": object_id, "revision": before.state.revision}, document))
        result = await self._objects.bulk_write(writes, ordered=False, session=session)
        if result.inserted_count + result.matched_count != len(writes):
            raise Overtaken
        documents = [
            pack_change(change, state, batch.session, batch.author)
            for change, state in zip(changes, packed, strict=True)
        ]
        await self._changes.insert_many(documents, ordered=False, session=session)

    async def read(self, project_id: str, media_id: str, frames: Span | None = None) -> list[ObjectState]:
        """The objects of a medium that are there, or those of them that are visible or have a keyframe on `frames`."""
        first, last = frames or (0, FOREVER)
        query = {"media_id": media_id, "deleted": False, "first": {"$lte": last}, "last": {"$gte": first}}
        documents = await self._objects.find(query).sort("first", 1).to_list(None)
        mine = [document for document in documents if document["project_id"] == project_id]
        return await asyncio.to_thread(_states_within, mine, first, last)

    async def history(self, object_id: str, page: Page) -> History:
        """The changes of an object, newest first."""
        before = int(page.cursor) if page.cursor and page.cursor.isdecimal() else None
        query = {"_id": changes_of(object_id, before)}
        documents = await self._changes.find(query).sort("_id", -1).limit(page.limit + 1).to_list(None)
        if not documents and before is None:
            raise not_found("object")
        shown = documents[: page.limit]
        more = len(documents) > page.limit
        return History(
            items=[_history_entry(document) for document in shown],
            next_cursor=str(shown[-1]["revision"]) if more else None,
        )

    async def owner(self, object_id: str) -> ObjectOwner:
        """Which project and medium an object belongs to, deleted or not."""
        found = await self._objects.find_one({"_id": object_id}, ("project_id", "media_id", "revision"))
        if found is None:
            raise not_found("object")
        return ObjectOwner(object_id=found.pop("_id"), **found)


def _frame_count(medium: KnownMedium | None, batch: Batch) -> int:
    if medium is not None and (medium.deleted or medium.project_id != batch.project_id):
        raise not_found("medium")
    if medium is not None and medium.frame_count is not None:
        return medium.frame_count
    frames = max(batch.frame_count or 0, medium.ready_frames if medium else 0)
    if not frames:
        raise Problem(409, "Medium not ready", "No frame of this medium can be labeled yet; try again shortly.")
    return frames


def _changes_since(edits: Sequence[Edit], known: Known) -> set[str]:
    """The keys of the changes between the base revisions of edits and their objects as they are now."""
    keys: set[str] = set()
    for edit in edits:
        current = known.objects.get(edit.object)
        if current is None or isinstance(edit, Create) or edit.id in known.answered:
            continue
        revision = current.state.revision
        if revision - edit.base_revision <= FARTHEST_BEHIND:
            keys.update(change_id(edit.object, since) for since in range(edit.base_revision + 1, revision + 1))
    return keys


def _key(document: Document) -> tuple[str, int]:
    return document["object_id"], document["revision"]


def _states_within(documents: list[Document], first: int, last: int) -> list[ObjectState]:
    states = []
    for document in documents:
        state = unpack_state(document)
        spans = [Span(**span) for span in document["spans"]]
        if is_within(spans, state.keyframes, first, last):
            states.append(state)
    return states


def _history_entry(document: Document) -> HistoryEntry:
    return HistoryEntry(
        revision=document["revision"],
        author=document["author"],
        session=document["session"],
        at=document["at"],
        edit=unpack_edit(document).model_dump(),
        object=unpack_state(document["object"]),
    )
