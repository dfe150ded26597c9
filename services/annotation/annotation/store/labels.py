"""Objects and their changes in MongoDB: edits go in, objects, boxes and history come out."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple, Unpack

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
    unpack_spans,
    unpack_state,
)
from annotation.store.media import KnownMedium, MediaStore
from annotation.store.transaction import Overtaken, in_transaction
from common.errors import Problem, not_found
from common.labels import Create, Edit, EditResult, ObjectState, Restore
from common.mongo import Database, Document
from common.questions import History, HistoryEntry, ObjectOwner, Page

T = TypeVar("T")
A = TypeVarTuple("A")


@dataclass(frozen=True, slots=True)
class _Found:
    """Documents that decide about a batch: objects, changes by its own edits, changes since its base revisions, and
    changes that it restores."""

    objects: list[Document]
    answered: list[Document]
    since: list[Document]
    restored: list[Document]

    def known(self, media_id: str) -> Known:
        """The same for the domain."""
        return Known(
            objects={one["_id"]: unpack_current(one) for one in self.objects if one["media_id"] == media_id},
            taken=frozenset(one["_id"] for one in self.objects if one["media_id"] != media_id),
            answered={one["edit_id"]: Answered(one["verb"], unpack_state(one["object"])) for one in self.answered},
            changes={_key(one): Earlier(one["edit_id"], frozenset(one["touches"])) for one in self.since},
            states={_key(one): unpack_state(one["object"]) for one in self.restored},
        )


def _key(document: Document) -> tuple[str, int]:
    return document["object_id"], document["revision"]


class LabelStore:
    """The objects of all media. `changed` is set whenever changes wait to be told."""

    def __init__(self, database: Database, media: MediaStore, clock: Callable[[], float] = time.time) -> None:
        self.changed = asyncio.Event()
        self._client = database.client
        self._objects = database.objects
        self._changes = database.changes
        self._media = media
        self._clock = clock
        self._threads = ThreadPoolExecutor(2, "edits")

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
        found = await self._find(batch, session)
        decision, writes, history = await self._compute(_decide, batch, found, frame_count, self._clock())
        if writes:
            result = await self._objects.bulk_write(writes, ordered=False, session=session)
            if result.inserted_count + result.matched_count != len(writes):
                raise Overtaken
            await self._changes.insert_many(history, ordered=False, session=session)
        return decision

    async def _compute(self, work: Callable[[Unpack[A]], T], *arguments: *A) -> T:
        """Work that a large batch or a long track makes heavy, off the event loop. It has threads of its own: those
        of `to_thread` may all wait for S3."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def _find(self, batch: Batch, session: Any) -> _Found:
        """Everything that decides about a batch, in two round trips, or up to four where edits are stale or restore."""
        of_edits = {"media_id": batch.media_id, "edit_id": {"$in": [edit.id for edit in batch.edits]}}
        answered = await self._changes.find(of_edits, ("edit_id", "verb", "object"), session=session).to_list(None)
        object_ids = list({edit.object for edit in batch.edits})
        objects = await self._objects.find({"_id": {"$in": object_ids}}, session=session).to_list(None)
        fields = ("object_id", "revision", "edit_id", "touches")
        since = await self._changes_by_id(_since(batch.edits, objects, answered), fields, session)
        restored = {change_id(edit.object, edit.revision) for edit in batch.edits if isinstance(edit, Restore)}
        states = await self._changes_by_id(restored, ("object_id", "revision", "object"), session)
        return _Found(objects, answered, since, states)

    async def _changes_by_id(self, ids: set[str], fields: Sequence[str], session: Any) -> list[Document]:
        if not ids:
            return []
        found: list[Document] = await self._changes.find({"_id": {"$in": list(ids)}}, fields, session=session).to_list(
            None
        )
        return found

    async def read(self, project_id: str, media_id: str, frames: Span | None = None) -> list[ObjectState]:
        """The objects of a medium that are there, or those of them that are visible or have a keyframe on `frames`."""
        first, last = frames or (0, FOREVER)
        query = {"media_id": media_id, "deleted": False, "first": {"$lte": last}, "last": {"$gte": first}}
        documents = await self._objects.find(query).sort("first", 1).to_list(None)
        mine = [document for document in documents if document["project_id"] == project_id]
        return await self._compute(_states_within, mine, first, last)

    async def history(self, object_id: str, page: Page) -> History:
        """The changes of an object, newest first."""
        before = int(page.cursor) if page.cursor and page.cursor.isdecimal() else None
        query = {"_id": changes_of(object_id, before)}
        documents = await self._changes.find(query).sort("_id", -1).limit(page.limit + 1).to_list(None)
        if not documents and before is None:
            raise not_found("object")
        shown = documents[: page.limit]
        more = len(documents) > page.limit
        items = await self._compute(_history_entries, shown)
        return History(items=items, next_cursor=str(shown[-1]["revision"]) if more else None)

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


def _since(edits: Sequence[Edit], objects: list[Document], answered: list[Document]) -> set[str]:
    """The keys of the changes between the base revisions of edits and their objects as they are now."""
    revisions = {one["_id"]: one["revision"] for one in objects}
    again = {one["edit_id"] for one in answered}
    keys: set[str] = set()
    for edit in edits:
        revision = revisions.get(edit.object, 0)
        if edit.id in again or isinstance(edit, Create) or revision - edit.base_revision > FARTHEST_BEHIND:
            continue
        keys.update(change_id(edit.object, since) for since in range(edit.base_revision + 1, revision + 1))
    return keys


def _decide(
    batch: Batch, found: _Found, frame_count: int, now: float
) -> tuple[Decision, list[InsertOne[Document] | ReplaceOne[Document]], list[Document]]:
    """What becomes of a batch, the writes to objects, and the changes as documents."""
    decision = decide(batch, found.known(batch.media_id), frame_count, now)
    packed = [pack_state(change.after.state) for change in decision.changes]
    history = [
        pack_change(change, state, batch.session, batch.author)
        for change, state in zip(decision.changes, packed, strict=True)
    ]
    return decision, _writes(decision.changes, packed), history


def _writes(changes: Sequence[Change], packed: Sequence[Document]) -> list[InsertOne[Document] | ReplaceOne[Document]]:
    """One write an object: from what it was before the batch to what it is after it."""
    oldest = {change.edit.object: change.before for change in reversed(changes)}
    newest = {change.edit.object: (change.after, state) for change, state in zip(changes, packed, strict=True)}
    writes: list[InsertOne[Document] | ReplaceOne[Document]] = []
    for object_id, (after, state) in newest.items():
        document = pack_current(after, state)
        before = oldest[object_id]
        if before is None:
            writes.append(InsertOne(document))
        else:
            writes.append(ReplaceOne({"_id": object_id, "revision": before.state.revision}, document))
    return writes


def _states_within(documents: list[Document], first: int, last: int) -> list[ObjectState]:
    states = []
    for document in documents:
        state = unpack_state(document)
        if is_within(unpack_spans(document), state.keyframes, first, last):
            states.append(state)
    return states


def _history_entries(documents: list[Document]) -> list[HistoryEntry]:
    return [
        HistoryEntry(
            revision=document["revision"],
            author=document["author"],
            session=document["session"],
            at=document["at"],
            edit=unpack_edit(document).model_dump(),
            object=unpack_state(document["object"]),
        )
        for document in documents
    ]
