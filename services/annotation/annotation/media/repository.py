"""Media in MongoDB: their current number of frames, their size, and whether they are deleted."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from common.storage.cache import AsyncCache
from common.storage.mongo import Database, Document
from common.storage.objects import Objects, states_prefix

# For this long, a replica may edit a medium that was deleted by another one; the outbox removes such edits.
_CACHED_FOR_S = 2.0
_CACHED_MEDIA = 10_000
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class StoredMedium:
    """A medium. `frame_count` is None until all frames are counted; `ready_frames` are already playable."""

    project_id: str
    frame_count: int | None
    ready_frames: int
    deleted: bool
    width: int | None = None
    height: int | None = None

    @property
    def frames_so_far(self) -> int:
        """The number of frames known so far."""
        return self.frame_count or self.ready_frames

    @property
    def is_final(self) -> bool:
        """Whether only a deletion can change this record."""
        return self.frame_count is not None and self.width is not None and not self.deleted


class MediaRepository:
    """Media. A deleted medium leaves a tombstone, so that late messages do not create it again."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database = database
        self._objects = objects
        self._cache: AsyncCache[str, StoredMedium] = AsyncCache(_CACHED_MEDIA, ttl_s=_CACHED_FOR_S)

    async def find(self, media_id: str, session: object = None) -> StoredMedium | None:
        """A medium, deleted or not."""
        document = await self._database.media.find_one({"_id": media_id}, session=session)
        return _unpack(document) if document else None

    async def known(self, media_ids: Iterable[str], session: object) -> dict[str, StoredMedium]:
        """Several media by id; final ones may be two seconds old."""
        cached = {media_id: self._cache.peek(media_id) for media_id in media_ids}
        known = {media_id: medium for media_id, medium in cached.items() if medium is not None}
        if len(known) == len(cached):
            return known
        loaded = await self.find_all(cached.keys() - known.keys(), session)
        for media_id, medium in loaded.items():
            if medium.is_final:
                self._cache.put(media_id, medium)
        return known | loaded

    async def find_all(self, media_ids: Collection[str], session: object = None) -> dict[str, StoredMedium]:
        """Several media by id, including deleted ones."""
        query = {"_id": {"$in": list(media_ids)}}
        # All in one batch: a second one would take another round trip.
        cursor = self._database.media.find(query, session=session, batch_size=len(media_ids) + 1)
        documents = await cursor.to_list(None)
        return {document["_id"]: _unpack(document) for document in documents}

    async def set_length(self, project_id: str, media_id: str, frame_count: int, size: Size | None = None) -> None:
        """Store the number of frames of a medium, and their width and height."""
        known = {"project_id": project_id, "frame_count": frame_count, **_sides(size)}
        await self._database.media.update_one({"_id": media_id}, {"$set": known}, upsert=True)

    async def extend(self, project_id: str, media_id: str, frames: int, size: Size | None = None) -> None:
        """Store a lower bound of the number of frames of a medium, and their width and height if known."""
        update = {"$set": {"project_id": project_id, **_sides(size)}, "$max": {"ready_frames": frames}}
        await self._database.media.update_one({"_id": media_id}, update, upsert=True)

    async def delete(self, project_id: str, media_id: str) -> None:
        """Mark a medium as deleted, so that new edits are refused, then remove all its data."""
        tombstone = {"project_id": project_id, "deleted": True}
        await self._database.media.update_one({"_id": media_id}, {"$set": tombstone}, upsert=True)
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
