"""Changes that are stored and not yet published."""

from dataclasses import dataclass
from typing import Any

from annotation.domain.tracks import Span
from annotation.store.documents import unpack_edit, unpack_state
from common.events import AnnotationChanged
from common.ids import same_id
from common.mongo import Database, Document
from common.objects import Objects, state_key

# An event is read by many; one with a larger state names an object in S3 instead.
INLINE_BYTES = 256 * 1024
CHANGES_AT_ONCE = 500
_KEYFRAMES_AT_ONCE = 50_000
_COUNTED_UP_TO = 10_000


@dataclass(frozen=True, slots=True)
class Untold:
    """A change that waits to be told, and the frames whose clips it may have changed."""

    id: str
    event: AnnotationChanged
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
        keyframes = 0
        async with await self._client.start_session(snapshot=True) as session:
            cursor = self._changes.find({"untold": True}, session=session).sort([("at", 1), ("_id", 1)])
            async for document in cursor.limit(CHANGES_AT_ONCE):
                found.append(_untold(document))
                keyframes += len(document["object"]["keyframes"])
                if keyframes > _KEYFRAMES_AT_ONCE:
                    break
        return found

    async def carried(self, event: AnnotationChanged) -> AnnotationChanged:
        """The event as it is published: a large state goes to S3 under a key that follows from the revision."""
        # A keyframe is about 150 bytes of JSON; most events are far from the limit and need no measuring.
        if event.object is None or len(event.object.keyframes) < 1000:
            return event
        state = event.object.model_dump_json().encode()
        if len(state) <= INLINE_BYTES:
            return event
        key = state_key(event.project_id, event.media_id, event.object_id, event.revision)
        await self._objects.put(key, state, "application/json")
        edit = event.edit
        if edit is not None and len(edit.model_dump_json()) > INLINE_BYTES:
            edit = None
        return event.model_copy(update={"edit": edit, "object": None, "object_key": key})

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
        edit=unpack_edit(document),
        object=unpack_state(document["object"]),
    )
    touched = document.get("touched")
    return Untold(document["_id"], event, Span(*touched) if touched else None)
