"""What is known of media: how many frames they have so far and how large these are, and which are gone."""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from common.storage.mongo import Database, Document
from common.storage.objects import Objects, states_prefix

# For so long a replica may begin edits of a medium that another one has just deleted; the relay removes them.
_KNOWN_FOR_S = 2.0
_REMEMBERED = 10_000
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class KnownMedium:
    """A medium. `frame_count` is None until all frames are counted; `ready_frames` can be shown already."""

    project_id: str
    frame_count: int | None
    ready_frames: int
    deleted: bool
    width: int | None = None
    height: int | None = None

    @property
    def frames_so_far(self) -> int:
        """How many frames it has at least."""
        return self.frame_count or self.ready_frames

    @property
    def is_settled(self) -> bool:
        """Whether nothing but its deletion can change what is known of it."""
        return self.frame_count is not None and self.width is not None and not self.deleted


class MediaStore:
    """Media in MongoDB. A deleted one leaves a mark, so that nothing late brings it back."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database = database
        self._objects = objects
        self._settled: dict[str, tuple[float, KnownMedium]] = {}

    async def find(self, media_id: str, session: object = None) -> KnownMedium | None:
        """A medium, also one that is deleted."""
        document = await self._database.media.find_one({"_id": media_id}, session=session)
        return known_medium(document) if document else None

    async def known(self, media_ids: Iterable[str], session: object) -> dict[str, KnownMedium]:
        """Several by id, at most two seconds old where only a deletion could have changed one."""
        now = time.monotonic()
        known: dict[str, KnownMedium] = {}
        unknown: set[str] = set()
        for media_id in media_ids:
            until, medium = self._settled.get(media_id, (0.0, None))
            if medium is not None and now < until:
                known[media_id] = medium
            else:
                unknown.add(media_id)
        found = await self.find_all(unknown, session) if unknown else {}
        if len(self._settled) >= _REMEMBERED:
            self._settled.clear()
        self._settled |= {one: (now + _KNOWN_FOR_S, medium) for one, medium in found.items() if medium.is_settled}
        return known | found

    async def find_all(self, media_ids: Collection[str], session: object = None) -> dict[str, KnownMedium]:
        """Several media by id, also those that are deleted."""
        query = {"_id": {"$in": list(media_ids)}}
        # All in one answer: with a second one, a session would be busy for another round trip.
        cursor = self._database.media.find(query, session=session, batch_size=len(media_ids) + 1)
        documents = await cursor.to_list(None)
        return {document["_id"]: known_medium(document) for document in documents}

    async def plan(self, project_id: str, media_id: str, frame_count: int, size: Size | None = None) -> None:
        """Note how many frames a medium has, and their width and height."""
        known = {"project_id": project_id, "frame_count": frame_count, **_sides(size)}
        await self._database.media.update_one({"_id": media_id}, {"$set": known}, upsert=True)

    async def extend(self, project_id: str, media_id: str, frames: int, size: Size | None = None) -> None:
        """Note that a medium has at least so many frames, and their width and height where they are known."""
        update = {"$set": {"project_id": project_id, **_sides(size)}, "$max": {"ready_frames": frames}}
        await self._database.media.update_one({"_id": media_id}, update, upsert=True)

    async def delete(self, project_id: str, media_id: str) -> None:
        """Mark a medium as gone, then let go of everything made of it; from the mark on, no edit begins on it."""
        gone = {"project_id": project_id, "deleted": True}
        await self._database.media.update_one({"_id": media_id}, {"$set": gone}, upsert=True)
        self._settled.pop(media_id, None)
        await self.purge(project_id, media_id)

    async def purge(self, project_id: str, media_id: str) -> None:
        """Remove objects, history, suggestions and counts of a medium, and what lies in S3."""
        for collection in ("objects", "changes", "suggestions", "clips"):
            await self._database[collection].delete_many({"media_id": media_id})
        await self._objects.delete_all(states_prefix(project_id, media_id))


def known_medium(document: Document) -> KnownMedium:
    """A medium from its document."""
    return KnownMedium(
        project_id=document["project_id"],
        frame_count=document.get("frame_count"),
        ready_frames=document.get("ready_frames", 0),
        deleted=document.get("deleted", False),
        width=document.get("width"),
        height=document.get("height"),
    )


def _sides(size: Size | None) -> dict[str, int]:
    return {"width": size[0], "height": size[1]} if size else {}
