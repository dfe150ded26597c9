"""Snapshots in MongoDB: their records, and the labels at one point in time."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from typing import Any

from annotation.history.repository import HistoryRepository
from common.contract.missions import Mission
from common.contract.questions import Snapshot, TakeSnapshot
from common.storage.mongo import Database, Document


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """The record of a snapshot, and the upload that completes its object in S3."""

    id: str
    project_id: str
    object_key: str
    upload: str
    objects: int
    media: list[str]
    missions: list[str]

    def as_snapshot(self) -> Snapshot:
        """The snapshot in the form of the contract."""
        missions = [Mission.model_validate_json(mission) for mission in self.missions]
        return Snapshot(object_key=self.object_key, objects=self.objects, media=self.media, missions=missions)


class SnapshotRepository:
    """Records of snapshots, and the states to write into them."""

    def __init__(self, database: Database, history: HistoryRepository) -> None:
        self._client = database.client
        self._objects = database.objects
        self._snapshots = database.snapshots
        self._history = history

    async def find(self, snapshot_id: str) -> StoredSnapshot | None:
        """The record of a snapshot."""
        document = await self._snapshots.find_one({"_id": snapshot_id})
        return StoredSnapshot(id=document.pop("_id"), **document) if document else None

    async def insert(self, record: StoredSnapshot) -> None:
        """Store a record; fails if one with its id exists."""
        fields = asdict(record)
        await self._snapshots.insert_one({"_id": fields.pop("id"), **fields})

    async def remove(self, record: StoredSnapshot) -> None:
        """Remove a record, unless another attempt replaced it."""
        await self._snapshots.delete_one({"_id": record.id, "upload": record.upload})

    async def point_in_time(self) -> AbstractAsyncContextManager[Any]:
        """A session in which all reads see the same point in time."""
        session: AbstractAsyncContextManager[Any] = await self._client.start_session(snapshot=True)
        return session

    def states(self, question: TakeSnapshot, session: Any) -> AsyncIterator[tuple[str, bytes]]:
        """Every object now or as of a time, ordered by medium: its medium, and its state as JSON."""
        return self._now(question, session) if question.at is None else self._then(question, question.at, session)

    async def _now(self, question: TakeSnapshot, session: Any) -> AsyncIterator[tuple[str, bytes]]:
        query: Document = {"project_id": question.project_id, "deleted": False}
        if question.media is not None:
            query["media_id"] = {"$in": question.media}
        order = [("media_id", 1), ("_id", 1)]
        async for document in self._objects.find(query, {"media_id": 1, "state": 1}, session=session).sort(order):
            yield document["media_id"], document["state"]

    async def _then(self, question: TakeSnapshot, at: float, session: Any) -> AsyncIterator[tuple[str, bytes]]:
        media = (
            question.media if question.media is not None else await self._history.media_of(question.project_id, session)
        )
        for media_id in sorted(set(media)):
            async for past in self._history.at(question.project_id, media_id, at, session=session):
                yield media_id, past.state
