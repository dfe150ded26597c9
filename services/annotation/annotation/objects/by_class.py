"""What objects are, counted and found by an index."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from annotation.domain.object_class import Kind
from annotation.indexes import BY_KIND
from common.contract.questions import CategoryUse
from common.storage.mongo import Database, Document


class Found(NamedTuple):
    """An object that is there: what it is, on which medium, and whether a person ever changed it."""

    id: str
    media_id: str
    kind: Kind
    revision: int
    annotation_type: str
    by_person: bool


class Uses:
    """The objects of projects by mission, category and type."""

    def __init__(self, database: Database) -> None:
        self._objects = database.objects

    async def of(self, project_id: str, mission_id: str | None = None, session: Any = None) -> list[CategoryUse]:
        """How many objects each category and type has that are not deleted, the most used first."""
        match: Document = {"project_id": project_id, "deleted": False}
        if mission_id is not None:
            match["mission"] = mission_id
        kind = {"mission": "$mission", "category": "$category", "type": "$type"}
        stages = [{"$match": match}, {"$group": {"_id": kind, "objects": {"$sum": 1}}}]
        groups = await self._objects.aggregate(stages, session=session, hint=dict(BY_KIND)).to_list(None)
        uses = [CategoryUse(**group["_id"], objects=group["objects"]) for group in groups]
        return sorted(uses, key=lambda use: (-use.objects, use.mission, use.category, use.type or ""))

    async def find(self, project_id: str, kinds: Iterable[Kind], limit: int) -> list[Found]:
        """At most `limit` objects that are one of `kinds`."""
        either = [kind._asdict() for kind in kinds]
        query = {"project_id": project_id, "deleted": False, "$or": either}
        fields = (*Found._fields, *Kind._fields)
        return [_found(one) async for one in self._objects.find(query, fields).limit(limit)] if either else []

    async def kinds_on(self, project_id: str, media_ids: Sequence[str]) -> dict[str, set[Kind]]:
        """The categories of the objects on each of some media; labels of whole media are not counted."""
        match: Document = {"media_id": {"$in": list(media_ids)}, "deleted": False}
        match |= {"project_id": project_id, "annotation_type": {"$ne": "label"}}
        group = {"_id": {"medium": "$media_id", "mission": "$mission", "category": "$category"}}
        found: dict[str, set[Kind]] = {}
        async for one in self._objects.aggregate([{"$match": match}, {"$group": group}]):
            kind = one["_id"]
            found.setdefault(kind["medium"], set()).add(Kind(kind["mission"], kind["category"]))
        return found


def _found(document: Document) -> Found:
    return Found(
        id=document["_id"],
        media_id=document["media_id"],
        kind=Kind(document["mission"], document["category"], document["type"]),
        revision=document["revision"],
        annotation_type=document["annotation_type"],
        by_person=document["by_person"],
    )
