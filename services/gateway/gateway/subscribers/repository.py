"""Subscribers: programs that follow a project's events over NATS."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from common.contract.questions import PageRequest
from common.service.ids import new_id
from common.storage.mongo import Database, Document
from gateway.domain.credentials import fingerprint, new_secret
from gateway.paging import ListPage, find_page


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A program that follows the events of one project; `position` is the last sequence that it has processed."""

    id: str
    project_id: str
    name: str
    created_at: datetime
    created_by: str
    position: int = 0


class Subscribers:
    """Subscribers with their positions and the fingerprints of their passwords."""

    def __init__(self, database: Database) -> None:
        self._subscribers = database.subscribers

    async def add(self, project_id: str, name: str, created_by: str, now: datetime) -> tuple[Subscriber, str]:
        """A new subscriber and its password."""
        password = new_secret()
        document: Document = {
            "_id": new_id("sub-"),
            "project_id": project_id,
            "name": name,
            "hash": fingerprint(password),
            "position": 0,
            "created_at": now,
            "created_by": created_by,
        }
        await self._subscribers.insert_one(document)
        return _subscriber(document), password

    async def page(self, project_id: str, page: PageRequest) -> ListPage[Subscriber]:
        """A project's subscribers, newest first."""
        return await find_page(self._subscribers, {"project_id": project_id}, page, _subscriber, order="_id")

    async def remove(self, project_id: str, subscriber_id: str) -> bool:
        """Delete a subscriber; False without one."""
        deleted = await self._subscribers.delete_one({"_id": subscriber_id, "project_id": project_id})
        return bool(deleted.deleted_count)

    async def find(self, subscriber_id: str) -> Subscriber | None:
        """The subscriber, None without one."""
        document = await self._subscribers.find_one({"_id": subscriber_id})
        return _subscriber(document) if document else None

    async def commit(self, subscriber_id: str, sequence: int) -> None:
        """Store the last sequence that a subscriber has processed; a lower one replays events."""
        await self._subscribers.update_one({"_id": subscriber_id}, {"$set": {"position": sequence}})

    async def authenticate(self, user: str, password: str) -> Subscriber | None:
        """The subscriber with this user name and password, None without one."""
        document = await self._subscribers.find_one({"_id": user})
        if document is None or not hmac.compare_digest(document["hash"], fingerprint(password)):
            return None
        return _subscriber(document)


def _subscriber(document: Document) -> Subscriber:
    return Subscriber(
        id=document["_id"],
        project_id=document["project_id"],
        name=document["name"],
        created_at=document["created_at"],
        created_by=document["created_by"],
        position=document["position"],
    )
