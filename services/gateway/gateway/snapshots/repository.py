"""Which snapshots were taken: the lines lie in S3, here is whose they are."""

import contextlib
from dataclasses import dataclass
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from common.storage.mongo import Database, Document


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A consistent picture of a project's labels. `place` orders snapshots by age."""

    id: str
    project_id: str
    objects: int
    media_count: int
    size_bytes: int
    author: str
    created_at: datetime
    place: str


class SnapshotRepository:
    """The snapshots that people and programs asked for."""

    def __init__(self, database: Database) -> None:
        self._snapshots = database.snapshots

    async def add(self, snapshot: Snapshot) -> Snapshot:
        """Note a snapshot; the same id again is the same snapshot, as it was noted first."""
        with contextlib.suppress(DuplicateKeyError):
            await self._snapshots.insert_one(_document(snapshot))
        # Read again also where it is new: the database knows milliseconds only.
        return await self.find(snapshot.id) or snapshot

    async def find(self, snapshot_id: str) -> Snapshot | None:
        """The snapshot, None if there is none."""
        found = await self._snapshots.find_one({"_id": snapshot_id})
        return _snapshot(found) if found else None

    async def page(self, project_id: str, limit: int, cursor: str | None) -> list[Snapshot]:
        """The snapshots of a project, newest first, from below `cursor` on."""
        query: Document = {"project_id": project_id} | ({"place": {"$lt": cursor}} if cursor else {})
        found = self._snapshots.find(query).sort("place", -1).limit(limit)
        return [_snapshot(document) async for document in found]

    async def remove(self, snapshot_id: str) -> None:
        """Forget a snapshot."""
        await self._snapshots.delete_one({"_id": snapshot_id})


def _document(snapshot: Snapshot) -> Document:
    return {
        "_id": snapshot.id,
        "project_id": snapshot.project_id,
        "objects": snapshot.objects,
        "media_count": snapshot.media_count,
        "size_bytes": snapshot.size_bytes,
        "author": snapshot.author,
        "created_at": snapshot.created_at,
        "place": snapshot.place,
    }


def _snapshot(document: Document) -> Snapshot:
    return Snapshot(id=document["_id"], **{name: document[name] for name in document if name != "_id"})
