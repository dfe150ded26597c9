"""Snapshots. Their lines are in S3; their metadata is here."""

import contextlib
from dataclasses import asdict, dataclass
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from common.contract.questions import PageRequest
from common.storage.mongo import Database, Document
from gateway.paging import ListPage, find_page


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A consistent state of a project's labels. `sort_key` orders snapshots by age."""

    id: str
    project_id: str
    objects: int
    media_count: int
    size_bytes: int
    author: str
    created_at: datetime
    sort_key: str


class SnapshotRepository:
    """The snapshots of all projects."""

    def __init__(self, database: Database) -> None:
        self._snapshots = database.snapshots

    async def add(self, snapshot: Snapshot) -> Snapshot:
        """Add a snapshot; the same id again is the snapshot added first."""
        with contextlib.suppress(DuplicateKeyError):
            document = asdict(snapshot)
            await self._snapshots.insert_one({"_id": document.pop("id"), **document})
        # Also read a new one: the database rounds times to milliseconds.
        return await self.find(snapshot.id) or snapshot

    async def find(self, snapshot_id: str) -> Snapshot | None:
        """The snapshot with this id."""
        document = await self._snapshots.find_one({"_id": snapshot_id})
        return _snapshot(document) if document else None

    async def page(self, project_id: str, page: PageRequest) -> ListPage[Snapshot]:
        """The snapshots of a project, newest first."""
        return await find_page(self._snapshots, {"project_id": project_id}, page, _snapshot, order="sort_key")

    async def remove(self, snapshot_id: str) -> None:
        """Delete the metadata of a snapshot."""
        await self._snapshots.delete_one({"_id": snapshot_id})


def _snapshot(document: Document) -> Snapshot:
    return Snapshot(id=document["_id"], **{name: document[name] for name in document if name != "_id"})
