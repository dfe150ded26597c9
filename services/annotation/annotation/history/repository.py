"""What was changed and what was before: an object's history, a medium's or a project's, and labels as of a moment."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from annotation.domain.tracks import EVERYWHERE, Span, is_within, visible_spans
from annotation.indexes import BY_KIND, OF_MEDIUM, OF_PERSON, OF_PROJECT, Index
from annotation.objects.documents import OBJECT_OF_CHANGE, changes_of, day_of, json_list, json_object
from common.contract.labels import ObjectState
from common.contract.questions import PageRequest, ReadChanges
from common.service.errors import invalid, not_found
from common.storage.mongo import Database, Document

# A page ends sooner than asked for where its entries are large.
_PAGE_BYTES = 8 * 1024 * 1024
_AT_ONCE = 200
_HEAD = ("revision", "author", "session", "at")


@dataclass(frozen=True, slots=True)
class Then:
    """An object at a moment: the revision it had, and its state as JSON."""

    object_id: str
    revision: int
    deleted: bool
    state: bytes

    def is_on(self, frames: Span) -> bool:
        """Whether it was visible or had a keyframe on `frames`."""
        if frames == EVERYWHERE:
            return True
        keyframes = ObjectState.model_validate_json(self.state).keyframes
        return is_within(visible_spans(keyframes), keyframes, *frames)


@dataclass(frozen=True, slots=True)
class Done:
    """A change that somebody made, the act that it was a part of, and the change that it took back, if it did."""

    id: str
    object_id: str
    revision: int
    operation: str
    reverts: str | None


class HistoryStore:
    """The changes of all media."""

    def __init__(self, database: Database) -> None:
        self._objects = database.objects
        self._changes = database.changes

    async def of_object(self, object_id: str, page: PageRequest) -> bytes:
        """The changes of an object, newest first, as the JSON of `History`."""
        before = int(page.cursor) if page.cursor and page.cursor.isdecimal() else None
        cursor = self._changes.find({"_id": changes_of(object_id, before)}).sort("_id", -1).limit(page.limit + 1)
        shown, more = await _page_of(cursor, page.limit)
        if not shown and before is None:
            raise not_found("object")
        entries = [
            json_object(
                **{name: orjson.dumps(one[name]) for name in (*_HEAD, "operation")},
                edit=one["edit"],
                object=one["state"],
            )
            for one in shown
        ]
        return _page(entries, str(shown[-1]["revision"]) if more else None)

    async def changes(self, asked: ReadChanges) -> bytes:
        """Changes of a medium, a project or a person, newest first, as the JSON of `Changes`."""
        query, index = _about(asked)
        if asked.page.cursor:
            query |= _before(asked.page.cursor, by_day=index is OF_PERSON)
        order = [(name, -1) for name in (("day", "at", "_id") if index is OF_PERSON else ("at", "_id"))]
        cursor = self._changes.find(query, {"state": 0}).sort(order).hint(index).limit(asked.page.limit + 1)
        shown, more = await _page_of(cursor, asked.page.limit)
        fields = ("object_id", "media_id", *_HEAD, "operation")
        entries = [json_object(**{name: orjson.dumps(one[name]) for name in fields}, edit=one["edit"]) for one in shown]
        return _page(entries, f"{shown[-1]['at']!r}|{shown[-1]['_id']}" if more else None)

    async def at(
        self, project_id: str, media_id: str, at: float, frames: Span = EVERYWHERE, session: Any = None
    ) -> AsyncIterator[Then]:
        """The objects of a medium that were there at a moment, by their ids; those that were visible or had a keyframe
        on `frames`."""
        keys = await self.keys_at(media_id, at, session)
        async for then in self.states(project_id, keys, session):
            if not then.deleted and then.is_on(frames):
                yield then

    async def keys_at(self, media_id: str, at: float, session: Any = None) -> list[str]:
        """The last change of each object of a medium up to a moment, by its key."""
        query = {"media_id": media_id, "at": {"$lte": at}}
        newest = {"$group": {"_id": OBJECT_OF_CHANGE, "change": {"$max": "$_id"}}}
        cursor = self._changes.aggregate([{"$match": query}, newest], hint=dict(OF_MEDIUM), session=session)
        return sorted([group["change"] async for group in cursor])

    async def states(self, project_id: str, keys: Sequence[str], session: Any = None) -> AsyncIterator[Then]:
        """What changes made of their objects, in the order of their keys."""
        for begin in range(0, len(keys), _AT_ONCE):
            query = {"_id": {"$in": keys[begin : begin + _AT_ONCE]}, "project_id": project_id}
            async for found in self._changes.find(query, _THEN, session=session).sort("_id", 1):
                yield Then(found["object_id"], found["revision"], found["deleted"], found["state"])

    async def media_of(self, project_id: str, session: Any = None) -> list[str]:
        """The media of a project on which an object ever was, in order."""
        stages = [{"$match": {"project_id": project_id}}, {"$group": {"_id": "$media_id"}}]
        cursor = self._objects.aggregate(stages, hint=dict(BY_KIND), session=session)
        return sorted([group["_id"] async for group in cursor])

    async def by(self, media_id: str, author: str, session_id: str | None) -> AsyncIterator[Done]:
        """What a person did on a medium, the latest first; what only took back something else is left out."""
        query: Document = {"media_id": media_id, "author": author, "verb": {"$ne": "revert"}}
        if session_id is not None:
            query["session"] = session_id
        order = [("at", -1), ("_id", -1)]
        async for found in self._changes.find(query, _DONE).sort(order).hint(OF_MEDIUM):
            yield _done(found)

    async def of_operation(self, media_id: str, author: str, operation: str) -> list[Done]:
        """All changes that one act of a person made, the latest first."""
        of_itself: Document = {"media_id": media_id, "edit_id": operation}
        of_others: Document = {"media_id": media_id, "joint": True, "operation": operation}
        found = {
            one["_id"]: one
            for query in (of_itself, of_others)
            async for one in self._changes.find(query, _DONE)
            if one["author"] == author and one["operation"] == operation
        }
        latest = sorted(found.values(), key=lambda one: (one["at"], one["_id"]), reverse=True)
        return [_done(one) for one in latest]

    async def acts_reverted_by(self, reverts: Sequence[Done]) -> set[str]:
        """The acts whose changes some reverts took back."""
        keys = [revert.reverts for revert in reverts if revert.reverts]
        return {one["operation"] async for one in self._changes.find({"_id": {"$in": keys}}, {"operation": 1})}

    async def taken_back(self, changes: Collection[str]) -> set[str]:
        """Those of some changes (by key) that were reverted, by a revert that was not itself reverted since."""
        if not changes:
            return set()
        reverts: dict[str, list[str]] = defaultdict(list)
        async for one in self._changes.find({"reverts": {"$in": list(changes)}}, {"reverts": 1}):
            reverts[one["reverts"]].append(one["_id"])
        void = await self.taken_back([one for each in reverts.values() for one in each])
        return {change for change, by in reverts.items() if not void.issuperset(by)}


_THEN = {"object_id": 1, "revision": 1, "deleted": 1, "state": 1}
_DONE = {"object_id": 1, "revision": 1, "operation": 1, "author": 1, "at": 1, "reverts": 1}


def _done(found: Mapping[str, Any]) -> Done:
    return Done(found["_id"], found["object_id"], found["revision"], found["operation"], found.get("reverts"))


def _about(asked: ReadChanges) -> tuple[Document, Index]:
    """The query for what is asked, and the index that serves it."""
    query: Document = {"project_id": asked.project_id}
    if asked.author is not None:
        query["author"] = asked.author
    if asked.media_id is None:
        return query, OF_PERSON if asked.author is not None else OF_PROJECT
    query["media_id"] = asked.media_id
    if asked.first is not None:
        query["last"] = {"$gte": asked.first}
    if asked.last is not None:
        query["first"] = {"$lte": asked.last}
    return query, OF_MEDIUM


def _before(cursor: str, *, by_day: bool) -> Document:
    moment, _, change = cursor.partition("|")
    try:
        at = float(moment)
    except ValueError as error:
        raise invalid("cursor", "This is not a cursor that an answer gave.") from error
    bounds: Document = {"at": {"$lte": at}, "$or": [{"at": {"$lt": at}}, {"_id": {"$lt": change}}]}
    return bounds | {"day": {"$lte": day_of(at)}} if by_day else bounds


async def _page_of(cursor: Any, limit: int) -> tuple[list[Document], bool]:
    """The documents of a page, and whether there are more."""
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
