"""The history of objects in MongoDB: changes of an object, a medium or a project, and objects as of a time."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from annotation.domain.tracks import EVERYWHERE, Span, is_within, visible_spans
from annotation.indexes import BY_CLASS, OF_MEDIUM, OF_PERSON, OF_PROJECT, Index
from annotation.objects.documents import OBJECT_OF_CHANGE, changes_of, day_of, revision_of
from annotation.raw_json import json_list, json_object
from common.contract.errors import Problem
from common.contract.labels import ObjectState
from common.contract.questions import PageRequest, ReadChanges
from common.storage.cursor import decode_cursor, encode_cursor
from common.storage.mongo import Database, Document

# A page with large entries ends early.
_PAGE_BYTES = 8 * 1024 * 1024
_STATES_PER_QUERY = 200
_HEAD = ("revision", "author", "session", "at")


@dataclass(frozen=True, slots=True)
class PastObject:
    """An object as of a time: its revision and its state as JSON."""

    object_id: str
    revision: int
    deleted: bool
    state: bytes

    def is_on(self, frames: Span) -> bool:
        """Whether the object was visible or had a keyframe on `frames`."""
        if frames == EVERYWHERE:
            return True
        keyframes = ObjectState.model_validate_json(self.state).keyframes
        return is_within(visible_spans(keyframes), keyframes, *frames)


@dataclass(frozen=True, slots=True)
class PastChange:
    """A change, the operation it belongs to, and the change that it reverted, if any."""

    id: str
    object_id: str
    revision: int
    operation: str
    reverts: str | None


class ChangeKey(NamedTuple):
    """The change that led to a revision of an object."""

    id: str
    object_id: str
    revision: int


class HistoryRepository:
    """The changes of all media."""

    def __init__(self, database: Database) -> None:
        self._objects = database.objects
        self._changes = database.changes

    async def of_object(self, object_id: str, page: PageRequest) -> bytes:
        """The changes of an object, newest first, as the JSON of `History`."""
        before = decode_cursor(page.cursor, tuple[int])[0] if page.cursor else None
        cursor = self._changes.find({"_id": changes_of(object_id, before)}).sort("_id", -1).limit(page.limit + 1)
        documents, has_more = await _page_of(cursor, page.limit)
        if not documents and before is None:
            raise Problem("object_not_found")
        entries = [
            json_object(
                **{name: orjson.dumps(change[name]) for name in (*_HEAD, "operation")},
                edit=change["edit"],
                object=change["state"],
            )
            for change in documents
        ]
        return _page(entries, encode_cursor(documents[-1]["revision"]) if has_more else None)

    async def changes(self, question: ReadChanges) -> bytes:
        """Changes of a medium, a project or a person, newest first, as the JSON of `Changes`."""
        query, index = _query(question)
        if question.page.cursor:
            query |= _before(question.page.cursor, by_day=index is OF_PERSON)
        order = [(name, -1) for name in (("day", "at", "_id") if index is OF_PERSON else ("at", "_id"))]
        cursor = self._changes.find(query, {"state": 0}).sort(order).hint(index).limit(question.page.limit + 1)
        documents, has_more = await _page_of(cursor, question.page.limit)
        fields = ("object_id", "media_id", *_HEAD, "operation")
        entries = [
            json_object(**{name: orjson.dumps(change[name]) for name in fields}, edit=change["edit"])
            for change in documents
        ]
        return _page(entries, encode_cursor(documents[-1]["at"], documents[-1]["_id"]) if has_more else None)

    async def at(
        self, project_id: str, media_id: str, at: float, frames: Span = EVERYWHERE, session: Any = None
    ) -> AsyncIterator[PastObject]:
        """The objects of a medium as of a time, in the order of their ids: those visible or with a keyframe on
        `frames`."""
        keys = [key.id for key in await self.keys_at(media_id, at, session)]
        async for past in self.states(project_id, keys, session):
            if not past.deleted and past.is_on(frames):
                yield past

    async def keys_at(self, media_id: str, at: float, session: Any = None) -> list[ChangeKey]:
        """The last change of each object of a medium up to a time, in the order of their ids."""
        query = {"media_id": media_id, "at": {"$lte": at}}
        newest = {"$group": {"_id": OBJECT_OF_CHANGE, "change": {"$max": "$_id"}}}
        cursor = self._changes.aggregate([{"$match": query}, newest], hint=dict(OF_MEDIUM), session=session)
        keys = sorted([group["change"] async for group in cursor])
        return [ChangeKey(key, *revision_of(key)) for key in keys]

    async def states(self, project_id: str, keys: Sequence[str], session: Any = None) -> AsyncIterator[PastObject]:
        """The states after changes, in the order of their ids."""
        for begin in range(0, len(keys), _STATES_PER_QUERY):
            query = {"_id": {"$in": keys[begin : begin + _STATES_PER_QUERY]}, "project_id": project_id}
            async for change in self._changes.find(query, _PAST_OBJECT, session=session).sort("_id", 1):
                yield PastObject(change["object_id"], change["revision"], change["deleted"], change["state"])

    async def media_of(self, project_id: str, session: Any = None) -> list[str]:
        """The media of a project that ever had an object, in order."""
        stages = [{"$match": {"project_id": project_id}}, {"$group": {"_id": "$media_id"}}]
        cursor = self._objects.aggregate(stages, hint=dict(BY_CLASS), session=session)
        return sorted([group["_id"] async for group in cursor])

    async def by_author(self, media_id: str, author: str, session_id: str | None) -> AsyncIterator[PastChange]:
        """The changes of a person on a medium, latest first, without reverts."""
        query: Document = {"media_id": media_id, "author": author, "verb": {"$ne": "revert"}}
        if session_id is not None:
            query["session"] = session_id
        order = [("at", -1), ("_id", -1)]
        async for change in self._changes.find(query, _PAST_CHANGE).sort(order).hint(OF_MEDIUM):
            yield _past_change(change)

    async def of_operation(self, media_id: str, author: str, operation: str) -> list[PastChange]:
        """All changes of one operation of a person, latest first."""
        of_itself: Document = {"media_id": media_id, "edit_id": operation}
        of_others: Document = {"media_id": media_id, "joint": True, "operation": operation}
        changes = {
            change["_id"]: change
            for query in (of_itself, of_others)
            async for change in self._changes.find(query, _PAST_CHANGE)
            if change["author"] == author and change["operation"] == operation
        }
        latest = sorted(changes.values(), key=lambda change: (change["at"], change["_id"]), reverse=True)
        return [_past_change(change) for change in latest]

    async def operations_reverted_by(self, reverts: Sequence[PastChange]) -> set[str]:
        """The operations whose changes were reverted by `reverts`."""
        keys = [revert.reverts for revert in reverts if revert.reverts]
        return {change["operation"] async for change in self._changes.find({"_id": {"$in": keys}}, {"operation": 1})}

    async def reverted(self, changes: Collection[str]) -> set[str]:
        """The changes (by id) among these that are reverted by a revert that is not reverted itself."""
        if not changes:
            return set()
        reverts: dict[str, list[str]] = defaultdict(list)
        async for revert in self._changes.find({"reverts": {"$in": list(changes)}}, {"reverts": 1}):
            reverts[revert["reverts"]].append(revert["_id"])
        void_reverts = await self.reverted([revert for ids in reverts.values() for revert in ids])
        return {change for change, by in reverts.items() if not void_reverts.issuperset(by)}


_PAST_OBJECT = {"object_id": 1, "revision": 1, "deleted": 1, "state": 1}
_PAST_CHANGE = {"object_id": 1, "revision": 1, "operation": 1, "author": 1, "at": 1, "reverts": 1}


def _past_change(change: Mapping[str, Any]) -> PastChange:
    return PastChange(
        change["_id"], change["object_id"], change["revision"], change["operation"], change.get("reverts")
    )


def _query(question: ReadChanges) -> tuple[Document, Index]:
    """The query for a request, and the index that serves it."""
    query: Document = {"project_id": question.project_id}
    if question.author is not None:
        query["author"] = question.author
    if question.media_id is None:
        return query, OF_PERSON if question.author is not None else OF_PROJECT
    query["media_id"] = question.media_id
    if question.first is not None:
        query["last"] = {"$gte": question.first}
    if question.last is not None:
        query["first"] = {"$lte": question.last}
    return query, OF_MEDIUM


def _before(cursor: str, *, by_day: bool) -> Document:
    at, change = decode_cursor(cursor, tuple[float, str])
    bounds: Document = {"at": {"$lte": at}, "$or": [{"at": {"$lt": at}}, {"_id": {"$lt": change}}]}
    return bounds | {"day": {"$lte": day_of(at)}} if by_day else bounds


async def _page_of(cursor: Any, limit: int) -> tuple[list[Document], bool]:
    """The documents of a page, and whether more follow."""
    shown: list[Document] = []
    size_bytes = 0
    async for document in cursor:
        if len(shown) == limit or size_bytes > _PAGE_BYTES:
            return shown, True
        shown.append(document)
        size_bytes += len(document["edit"]) + len(document.get("state", b""))
    return shown, False


def _page(entries: Sequence[bytes], cursor: str | None) -> bytes:
    return json_object(items=json_list(entries), next_cursor=orjson.dumps(cursor))
