"""Projects with their members, and the facts about them that are still to be told.

A change and the fact that tells it are one write to one document. Whoever changed something tells at once; if that
process dies in between, `ProjectRepository.pending` finds the rest, and telling twice is the same event.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import datetime

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from common.contract.events import Event, MemberAdded, ProjectCreated
from common.service.ids import new_id
from common.storage.mongo import Database, Document
from gateway.domain.people import Membership, Project, ProjectRole, TaskKind
from gateway.domain.project_settings import ProjectSettings
from gateway.domain.roles import Role

_TELLABLE: dict[str, type[Event]] = {event.type: event for event in (ProjectCreated, MemberAdded)}


class ProjectRepository:
    """Who works on what."""

    def __init__(self, database: Database) -> None:
        self._projects = database.projects

    async def create(self, project_id: str, name: str, task_kind: TaskKind, owner: str, now: datetime) -> Project:
        """A project with its owner; the same id again is the same project."""
        facts = (
            ProjectCreated(project_id=project_id, name=name, task_kind=task_kind, owner=owner),
            MemberAdded(project_id=project_id, user_id=owner, role="owner", revision=1),
        )
        document: Document = {
            "_id": project_id,
            "name": name,
            "task_kind": task_kind,
            "created_at": now,
            "revision": 1,
            # Ids may come from a client's key; this one says who is newer.
            "place": new_id(),
            "members": [{"user_id": owner, "role": "owner", "revision": 1, "joined_at": now}],
            "untold": [_record(fact) for fact in facts],
            "waiting": True,
        }
        try:
            await self._projects.insert_one(document)
        except DuplicateKeyError:
            document = await self._projects.find_one({"_id": project_id})
        return _project(document)

    async def find(self, project_id: str) -> Project | None:
        """The project with all its members."""
        found = await self._projects.find_one({"_id": project_id})
        return _project(found) if found else None

    async def place(self, project_id: str, user_id: str) -> ProjectRole | None:
        """The user's place in a project, None if the user is no member or there is no such project."""
        wanted = {"members.$": 1, "settings": 1}
        found = await self._projects.find_one({"_id": project_id, "members.user_id": user_id}, wanted)
        return ProjectRole(found["members"][0]["role"], _settings(found).rules) if found else None

    async def page(self, user_id: str, limit: int, cursor: str | None) -> list[Project]:
        """The projects a user belongs to, newest first, from below `cursor` on."""
        query: Document = {"members.user_id": user_id} | ({"place": {"$lt": cursor}} if cursor else {})
        found = self._projects.find(query).sort("place", -1).limit(limit)
        return [_project(document) async for document in found]

    async def put_member(self, project: Project, user_id: str, role: Role, now: datetime) -> Project | None:
        """The project after a user joined it or got another role; None if someone changed the members meanwhile."""
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
        fact = MemberAdded(project_id=project.id, user_id=user_id, role=role, revision=revision)
        changed = await self._projects.find_one_and_update(
            {"_id": project.id, "revision": project.revision},
            {
                "$set": {"members": [*others, member], "revision": revision, "waiting": True},
                "$push": {"untold": _record(fact)},
            },
            return_document=ReturnDocument.AFTER,
        )
        return _project(changed) if changed else None

    async def remove_member(self, project_id: str, user_id: str) -> bool:
        """Take a user, but not an owner, out of a project; False if there was none."""
        removed = await self._projects.update_one(
            {"_id": project_id, "members": {"$elemMatch": {"user_id": user_id, "role": {"$ne": "owner"}}}},
            {"$pull": {"members": {"user_id": user_id}}, "$inc": {"revision": 1}},
        )
        return bool(removed.modified_count)

    async def put_settings(self, project: Project, settings: ProjectSettings) -> Project | None:
        """The project with other settings; None if someone changed them meanwhile."""
        changed = await self._projects.find_one_and_update(
            # A project whose settings nobody ever changed has none: null finds it.
            {"_id": project.id, "settings.revision": project.settings_revision or None},
            {"$set": {"settings": settings.model_dump() | {"revision": project.settings_revision + 1}}},
            return_document=ReturnDocument.AFTER,
        )
        return _project(changed) if changed else None

    async def pending_of(self, project_id: str) -> list[Event]:
        """The facts about a project that are still to be told."""
        found = await self._projects.find_one({"_id": project_id}, {"untold": 1})
        return [_fact(note) for note in found["untold"]] if found else []

    async def pending(self) -> AsyncIterator[tuple[str, list[Event]]]:
        """Every project with facts that are still to be told."""
        async for document in self._projects.find({"waiting": True}, {"untold": 1}):
            yield document["_id"], [_fact(note) for note in document["untold"]]

    async def mark_published(self, project_id: str, facts: Sequence[Event]) -> None:
        """These facts are told: forget them here."""
        rest = {"$filter": {"input": "$untold", "cond": {"$not": {"$in": ["$$this.id", [fact.id for fact in facts]]}}}}
        waits = {"$cond": [{"$gt": [{"$size": "$untold"}, 0]}, True, "$$REMOVE"]}
        await self._projects.update_one({"_id": project_id}, [{"$set": {"untold": rest}}, {"$set": {"waiting": waits}}])


def _record(fact: Event) -> Document:
    return {"id": fact.id, "type": fact.type, "fact": fact.model_dump(mode="json")}


def _fact(note: Document) -> Event:
    return _TELLABLE[note["type"]].model_validate(note["fact"])


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
        place=document["place"],
        revision=document["revision"],
        settings=_settings(document),
        settings_revision=(document.get("settings") or {}).get("revision", 0),
    )
