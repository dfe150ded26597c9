"""Stored changes that are not published yet."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotation.clips.repository import ClipKey, ClipRepository
from annotation.domain.tracks import Span, clips_of
from annotation.media.repository import MediaRepository, StoredMedium
from common.contract.events import AnnotationChanged
from common.messaging.outbox import Unpublished
from common.service.ids import stable_id
from common.storage.mongo import Database, Document

CHANGES_PER_BATCH = 500
_BYTES_PER_BATCH = 8 * 1024 * 1024
_COUNT_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class UnpublishedChange(Unpublished):
    """A change to publish: its event without edit and state, both of these as JSON, and the clips to count again. Its
    key is the object, its token the change."""

    event: AnnotationChanged
    edit: bytes
    state: bytes
    clips: frozenset[ClipKey]


class ChangeRepository:
    """The unpublished part of the history, oldest first."""

    def __init__(self, database: Database, media: MediaRepository, clips: ClipRepository) -> None:
        self._client = database.client
        self._changes = database.changes
        self._media = media
        self._clips = clips

    async def unpublished(self, _before: float) -> AsyncIterator[UnpublishedChange]:
        """The oldest changes, those of one object in the order of their revisions and without a gap."""
        documents = await self._oldest()
        media = await self._media.find_all({document["media_id"] for document in documents})
        for media_id, stored in media.items():
            if stored.deleted:
                # The batch began before the deletion and was committed after it.
                await self._media.purge(stored.project_id, media_id)
        for document in documents:
            medium = media.get(document["media_id"])
            if medium is None or not medium.deleted:
                yield _unpack(document, medium)

    async def _oldest(self) -> list[Document]:
        """One batch, read from a snapshot: a plain cursor may pass the position of a revision before it is committed,
        and then return the next revision."""
        documents: list[Document] = []
        size_bytes = 0
        async with await self._client.start_session(snapshot=True) as session:
            cursor = self._changes.find({"unpublished": True}, session=session).sort([("at", 1), ("_id", 1)])
            async for document in cursor.limit(CHANGES_PER_BATCH):
                documents.append(document)
                size_bytes += len(document["state"])
                if size_bytes > _BYTES_PER_BATCH:
                    break
        return documents

    async def mark_published(self, entries: Sequence[UnpublishedChange]) -> None:
        """Mark the clips of published changes to be counted again, then clear the marks of the changes."""
        await self._clips.mark(clip for entry in entries for clip in entry.clips)
        await self._changes.update_many(
            {"_id": {"$in": [entry.token for entry in entries]}}, {"$unset": {"unpublished": ""}}
        )

    async def backlog(self, now: float) -> tuple[int, float]:
        """The number of unpublished changes (at most 10,000) and the age of the oldest in seconds."""
        unpublished: dict[str, Any] = {"unpublished": True}
        oldest = await self._changes.find_one(unpublished, {"at": 1}, sort=[("at", 1), ("_id", 1)])
        if oldest is None:
            return 0, 0.0
        count = await self._changes.count_documents(unpublished, limit=_COUNT_LIMIT, hint=[("at", 1), ("_id", 1)])
        return count, max(0.0, now - oldest["at"])


def _unpack(document: Document, medium: StoredMedium | None) -> UnpublishedChange:
    event = AnnotationChanged(
        project_id=document["project_id"],
        media_id=document["media_id"],
        change_id=stable_id(document["object_id"], document["revision"]),
        object_id=document["object_id"],
        revision=document["revision"],
        author=document["author"],
        session=document["session"],
        at=document["at"],
    )
    return UnpublishedChange(
        key=event.object_id,
        token=document["_id"],
        events=(),
        event=event,
        edit=document["edit"],
        state=document["state"],
        clips=touched_clips(document, medium),
    )


def touched_clips(document: Mapping[str, Any], medium: StoredMedium | None) -> frozenset[ClipKey]:
    """The clips to count again after a change."""
    touched = document.get("touched")
    if touched is None or medium is None:
        return frozenset()
    numbers = clips_of(Span(*touched), medium.frames_so_far)
    return frozenset((document["project_id"], document["media_id"], number) for number in numbers)
