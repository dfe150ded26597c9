"""Changes that are stored and not yet published."""

from dataclasses import dataclass
from typing import Any

import orjson

from annotation.domain.tracks import Span
from annotation.objects.documents import json_object
from common.contract.events import AnnotationChanged
from common.messaging.bus import SerializedEvent
from common.service.ids import same_id
from common.storage.mongo import Database, Document
from common.storage.objects import Objects, state_key

# An event is read by many; one with a larger state names an object in S3 instead.
INLINE_BYTES = 256 * 1024
CHANGES_AT_ONCE = 500
_BYTES_AT_ONCE = 8 * 1024 * 1024
_COUNTED_UP_TO = 10_000


@dataclass(frozen=True, slots=True)
class Untold:
    """A change that waits to be told: the event without its edit and state, these as JSON, and the frames whose clips
    it may have changed."""

    id: str
    event: AnnotationChanged
    edit: bytes
    state: bytes
    touched: Span | None


class Outbox:
    """The unpublished part of the history, oldest first."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._client = database.client
        self._changes = database.changes
        self._objects = objects

    async def untold(self) -> list[Untold]:
        """The oldest changes to tell, those of one object in the order of its revisions and without a gap.

        They are read from one snapshot: a plain cursor may pass the place of a revision before it is committed, and
        then find the revision after it.
        """
        found: list[Untold] = []
        size_bytes = 0
        async with await self._client.start_session(snapshot=True) as session:
            cursor = self._changes.find({"untold": True}, session=session).sort([("at", 1), ("_id", 1)])
            async for document in cursor.limit(CHANGES_AT_ONCE):
                found.append(_untold(document))
                size_bytes += len(document["state"])
                if size_bytes > _BYTES_AT_ONCE:
                    break
        return found

    async def carried(self, change: Untold) -> SerializedEvent:
        """The event as it is published: a large state goes to S3 under a key that follows from the revision."""
        event, edit, state = change.event, change.edit, change.state
        if len(state) <= INLINE_BYTES:
            return _written(event, edit, state)
        key = state_key(event.project_id, event.media_id, event.object_id, event.revision)
        await self._objects.put(key, state, "application/json")
        event = event.model_copy(update={"object_key": key})
        return _written(event, edit if len(edit) <= INLINE_BYTES else b"null", b"null")

    async def mark_told(self, ids: list[str]) -> None:
        """Take changes off the list."""
        await self._changes.update_many({"_id": {"$in": ids}}, {"$unset": {"untold": ""}})

    async def backlog(self, now: float) -> tuple[int, float]:
        """How many changes wait (counted up to 10,000), and since how many seconds the oldest of them."""
        untold: dict[str, Any] = {"untold": True}
        oldest = await self._changes.find_one(untold, {"at": 1}, sort=[("at", 1), ("_id", 1)])
        if oldest is None:
            return 0, 0.0
        count = await self._changes.count_documents(untold, limit=_COUNTED_UP_TO, hint=[("at", 1), ("_id", 1)])
        return count, max(0.0, now - oldest["at"])


def _written(event: AnnotationChanged, edit: bytes, state: bytes) -> SerializedEvent:
    head = {name: orjson.dumps(getattr(event, name)) for name in _HEAD}
    return SerializedEvent(event, json_object(**head, edit=edit, object=state))


_HEAD = tuple(name for name in AnnotationChanged.model_fields if name not in ("edit", "object"))


def _untold(document: Document) -> Untold:
    event = AnnotationChanged(
        project_id=document["project_id"],
        media_id=document["media_id"],
        change_id=same_id(document["object_id"], document["revision"]),
        object_id=document["object_id"],
        revision=document["revision"],
        author=document["author"],
        session=document["session"],
        at=document["at"],
    )
    touched = document.get("touched")
    return Untold(document["_id"], event, document["edit"], document["state"], Span(*touched) if touched else None)
