"""Media in MongoDB: how many frames each has so far, their size, and whether the medium is deleted."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from common.storage.cache import AsyncCache
from common.storage.mongo import Database, Document
from common.storage.objects import Objects, states_prefix

# How long a replica may begin edits of a medium that another one has just deleted; the outbox removes them.
_CACHED_FOR_S = 2.0
_CACHED_MEDIA = 10_000
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class StoredMedium:
    """A medium. `frame_count` is None until all frames are counted; `ready_frames` can be shown already."""

    project_id: str
    frame_count: int | None
    ready_frames: int
    deleted: bool
    width: int | None = None
    height: int | None = None

    @property
    def frames_so_far(self) -> int:
        """The least number of frames that the medium has."""
        return self.frame_count or self.ready_frames

    @property
    def is_final(self) -> bool:
        """Whether only a deletion can change this record."""
        return self.frame_count is not None and self.width is not None and not self.deleted


class MediaRepository:
    """Media. A deleted one leaves a mark, so that late messages do not bring it back."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database = database
        self._objects = objects
        self._cache: AsyncCache[str, StoredMedium] = AsyncCache(_CACHED_MEDIA, ttl_s=_CACHED_FOR_S)

    async def find(self, media_id: str, session: object = None) -> StoredMedium | None:
        """A medium, also a deleted one."""
        document = await self._database.media.find_one({"_id": media_id}, session=session)
        return _unpack(document) if document else None

    async def known(self, media_ids: Iterable[str], session: object) -> dict[str, StoredMedium]:
        """Several media by id; final ones may be two seconds old."""
        cached = {media_id: self._cache.peek(media_id) for media_id in media_ids}
        known = {media_id: medium for media_id, medium in cached.items() if medium is not None}
        if len(known) == len(cached):
            return known
        found = await self.find_all(cached.keys() - known.keys(), session)
        for media_id, medium in found.items():
            if medium.is_final:
                self._cache.put(media_id, medium)
        return known | found

    async def find_all(self, media_ids: Collection[str], session: object = None) -> dict[str, StoredMedium]:
        """Several media by id, also deleted ones."""
        query = {"_id": {"$in": list(media_ids)}}
        # All in one answer: a second one would keep the session busy for another round trip.
        cursor = self._database.media.find(query, session=session, batch_size=len(media_ids) + 1)
        documents = await cursor.to_list(None)
        return {document["_id"]: _unpack(document) for document in documents}

    async def set_length(self, project_id: str, media_id: str, frame_count: int, size: Size | None = None) -> None:
        """Store how many frames a medium has, and their width and height."""
        known = {"project_id": project_id, "frame_count": frame_count, **_sides(size)}
        await self._database.media.update_one({"_id": media_id}, {"$set": known}, upsert=True)

    async def extend(self, project_id: str, media_id: str, frames: int, size: Size | None = None) -> None:
        """Store that a medium has at least this many frames, and their width and height where known."""
        update = {"$set": {"project_id": project_id, **_sides(size)}, "$max": {"ready_frames": frames}}
        await self._database.media.update_one({"_id": media_id}, update, upsert=True)

    async def delete(self, project_id: str, media_id: str) -> None:
        """Mark a medium as deleted, so that no edit begins on it, then remove everything that belongs to it."""
        gone = {"project_id": project_id, "deleted": True}
        await self._database.media.update_one({"_id": media_id}, {"$set": gone}, upsert=True)
        self._cache.forget(media_id)
        await self.purge(project_id, media_id)

    async def purge(self, project_id: str, media_id: str) -> None:
        """Remove objects, history, suggestions and counts of a medium, and its states in S3."""
        for collection in ("objects", "changes", "suggestions", "clips"):
            await self._database[collection].delete_many({"media_id": media_id})
        await self._objects.delete_all(states_prefix(project_id, media_id))


def _unpack(document: Document) -> StoredMedium:
    return StoredMedium(
        project_id=document["project_id"],
        frame_count=document.get("frame_count"),
        ready_frames=document.get("ready_frames", 0),
        deleted=document.get("deleted", False),
        width=document.get("width"),
        height=document.get("height"),
    )


def _sides(size: Size | None) -> dict[str, int]:
    return {"width": size[0], "height": size[1]} if size else {}
