"""Projects with their members, and the events about them that are not published yet.

A change and its event are one write to one document; the outbox publishes the event after the commit.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from common.contract.events import Event, MemberAdded, ProjectCreated
from common.contract.questions import PageRequest
from common.messaging.outbox import Unpublished
from common.service.ids import new_id
from common.storage.mongo import Database, Document
from gateway.domain.project_settings import ProjectSettings
from gateway.domain.projects import Membership, Project, ProjectRole, TaskKind
from gateway.domain.roles import Role
from gateway.paging import ListPage, find_page

_EVENTS: dict[str, type[Event]] = {event.type: event for event in (ProjectCreated, MemberAdded)}
BATCH = 500


class ProjectRepository:
    """Projects by id and by member; the repository of the projects' outbox."""

    def __init__(self, database: Database) -> None:
        self._projects = database.projects

    async def create(self, project_id: str, name: str, task_kind: TaskKind, owner: str, now: datetime) -> Project:
        """A project with its owner; the same id again is the same project."""
        events = (
            ProjectCreated(project_id=project_id, name=name, task_kind=task_kind, owner=owner),
            MemberAdded(project_id=project_id, user_id=owner, role="owner", revision=1),
        )
        document: Document = {
            "_id": project_id,
            "name": name,
            "task_kind": task_kind,
            "created_at": now,
            "revision": 1,
            # Ids may follow from an Idempotency-Key; this one orders by age.
            "sort_key": new_id(),
            "members": [{"user_id": owner, "role": "owner", "revision": 1, "joined_at": now}],
            "outbox": [_outbox_entry(event) for event in events],
            "outbox_since": now,
        }
        try:
            await self._projects.insert_one(document)
        except DuplicateKeyError:
            document = await self._projects.find_one({"_id": project_id})
        return _project(document)

    async def find(self, project_id: str) -> Project | None:
        """The project with all its members."""
        document = await self._projects.find_one({"_id": project_id})
        return _project(document) if document else None

    async def role_of(self, project_id: str, user_id: str) -> ProjectRole | None:
        """The user's role in a project, None if the user is not a member or the project does not exist."""
        fields = {"members.$": 1, "settings": 1}
        document = await self._projects.find_one({"_id": project_id, "members.user_id": user_id}, fields)
        return ProjectRole(document["members"][0]["role"], _settings(document).rules) if document else None

    async def page(self, user_id: str, page: PageRequest) -> ListPage[Project]:
        """The projects of a user, newest first."""
        return await find_page(self._projects, {"members.user_id": user_id}, page, _project, order="sort_key")

    async def put_member(self, project: Project, user_id: str, role: Role, now: datetime) -> Project | None:
        """The project after a user joined it or changed roles; None if the members changed in the meantime."""
        known = project.member(user_id)
        if known is not None and known.role == role:
            return project
        revision = project.revision + 1
        member = {
            "user_id": user_id,
            "role": role,
            "revision": revision,
            "joined_at": known.joined_at if known else now,
        }
        others = [asdict(other) for other in project.members if other.user_id != user_id]
        event = MemberAdded(project_id=project.id, user_id=user_id, role=role, revision=revision)
        changed = await self._projects.find_one_and_update(
            {"_id": project.id, "revision": project.revision},
            {
                "$set": {"members": [*others, member], "revision": revision, "outbox_since": now},
                "$push": {"outbox": _outbox_entry(event)},
            },
            return_document=ReturnDocument.AFTER,
        )
        return _project(changed) if changed else None

    async def remove_member(self, project_id: str, user_id: str) -> bool:
        """Remove a member other than an owner; False without one."""
        removed = await self._projects.update_one(
            {"_id": project_id, "members": {"$elemMatch": {"user_id": user_id, "role": {"$ne": "owner"}}}},
            {"$pull": {"members": {"user_id": user_id}}, "$inc": {"revision": 1}},
        )
        return bool(removed.modified_count)

    async def put_settings(self, project: Project, settings: ProjectSettings) -> Project | None:
        """The project with these settings; None if they changed in the meantime."""
        revision = project.settings_revision
        changed = await self._projects.find_one_and_update(
            # Settings that were never changed are not stored; null matches these.
            {"_id": project.id, "settings.revision": revision or None},
            {"$set": {"settings": settings.model_dump() | {"revision": revision + 1}}},
            return_document=ReturnDocument.AFTER,
        )
        return _project(changed) if changed else None

    async def unpublished_of(self, project_id: str) -> Sequence[Unpublished]:
        """The unpublished events of one project."""
        document = await self._projects.find_one({"_id": project_id, "outbox_since": {"$ne": None}}, {"outbox": 1})
        return [_unpublished(document)] if document else []

    async def unpublished(self, before: float) -> AsyncIterator[Unpublished]:
        """Projects with events committed before `before` (Unix seconds) that are not published yet."""
        query = {"outbox_since": {"$lt": datetime.fromtimestamp(before, UTC)}}
        async for document in self._projects.find(query, {"outbox": 1}).sort("outbox_since", 1).limit(BATCH):
            yield _unpublished(document)

    async def mark_published(self, entries: Sequence[Unpublished]) -> None:
        """Remove published events; those added in the meantime stay."""
        for entry in entries:
            await self._projects.update_one({"_id": entry.key}, _without(entry.token))


def _without(event_ids: Sequence[str]) -> list[dict[str, Any]]:
    rest = {"$filter": {"input": "$outbox", "cond": {"$not": {"$in": ["$$this.id", list(event_ids)]}}}}
    since = {"$cond": [{"$gt": [{"$size": "$outbox"}, 0]}, "$outbox_since", "$$REMOVE"]}
    return [{"$set": {"outbox": rest}}, {"$set": {"outbox_since": since}}]


def _outbox_entry(event: Event) -> Document:
    return {"id": event.id, "type": event.type, "event": event.model_dump(mode="json")}


def _unpublished(document: Document) -> Unpublished:
    entries = document["outbox"]
    events = [_EVENTS[entry["type"]].model_validate(entry["event"]) for entry in entries]
    return Unpublished(document["_id"], tuple(entry["id"] for entry in entries), events)


def _settings(document: Document) -> ProjectSettings:
    return ProjectSettings.model_validate(document.get("settings") or {})


def _project(document: Document) -> Project:
    members = tuple(Membership(**member) for member in document["members"])
    return Project(
        id=document["_id"],
        name=document["name"],
        task_kind=document["task_kind"],
        members=members,
        created_at=document["created_at"],
        revision=document["revision"],
        settings=_settings(document),
        settings_revision=(document.get("settings") or {}).get("revision", 0),
    )
