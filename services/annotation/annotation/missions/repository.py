"""Missions in MongoDB."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from annotation.outbox.events import EventRepository
from annotation.transaction import in_transaction
from common.contract.events import MissionChanged
from common.contract.missions import Mission
from common.storage.mongo import Database, Document

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StoredMission:
    """The stored form of a mission. `mission` is None if it is deleted. `request` identifies the request that saved it;
    `partial`: that request is incomplete."""

    id: str
    position: int
    revision: int
    mission: Mission | None
    request: str | None = None
    partial: bool = False


class MissionRepository:
    """Missions by project, in the order of their positions and ids. A deleted mission leaves a tombstone, so that it
    cannot be created again."""

    def __init__(self, database: Database, events: EventRepository) -> None:
        self._client = database.client
        self._missions = database.missions
        self._events = events

    async def transaction(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """The result of `work(session)` in a transaction."""
        return await in_transaction(self._client, work)

    async def of_project(self, project_id: str, session: object = None) -> list[StoredMission]:
        """The missions of a project, including deleted ones."""
        cursor = self._missions.find({"project_id": project_id}, session=session).sort([("position", 1), ("_id", 1)])
        return [_unpack(document) for document in await cursor.to_list(None)]

    async def exists(self, mission_id: str, session: object) -> bool:
        """Whether any project has a mission with this id, deleted or not."""
        return await self._missions.find_one({"_id": mission_id}, {"_id": 1}, session=session) is not None

    async def write(self, session: Any, project_id: str, stored: StoredMission) -> None:
        """Store a mission and the event of its change, in the transaction of `session`."""
        document = _pack(project_id, stored)
        await self._missions.replace_one({"_id": stored.id}, document, upsert=True, session=session)
        event = MissionChanged(
            project_id=project_id, mission_id=stored.id, revision=stored.revision, mission=stored.mission
        )
        await self._events.keep(session, event)


def digest_of(mission: Mission) -> str:
    """The digest of a request to save a mission: equal requests have equal digests."""
    return hashlib.sha256(mission.model_dump_json().encode()).hexdigest()


def _pack(project_id: str, stored: StoredMission) -> Document:
    head = {"_id": stored.id, "project_id": project_id, "position": stored.position}
    if stored.mission is None:
        return head | {"deleted": True, "revision": stored.revision}
    state = {"deleted": False, "request": stored.request, "partial": stored.partial}
    return head | state | stored.mission.model_dump(exclude={"id"}) | {"revision": stored.revision}


def _unpack(document: Document) -> StoredMission:
    mission = None if document["deleted"] else Mission.model_validate(document | {"id": document["_id"]})
    return StoredMission(
        id=document["_id"],
        position=document["position"],
        revision=document["revision"],
        mission=mission,
        request=document.get("request"),
        partial=document.get("partial", False),
    )
