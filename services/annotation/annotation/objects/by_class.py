"""Counts and lookup of objects by class."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from annotation.domain.object_class import ObjectClass
from annotation.indexes import BY_CLASS
from common.contract.questions import CategoryUse
from common.storage.mongo import Database, Document


class ClassifiedObject(NamedTuple):
    """An object with its class and medium, and whether a person ever changed it."""

    id: str
    media_id: str
    object_class: ObjectClass
    revision: int
    annotation_type: str
    by_person: bool


_FIELDS = ("media_id", "revision", "annotation_type", "by_person", *ObjectClass._fields)


class ObjectsByClass:
    """The objects of projects by mission, category and type."""

    def __init__(self, database: Database) -> None:
        self._objects = database.objects

    async def uses(self, project_id: str, mission_id: str | None = None, session: Any = None) -> list[CategoryUse]:
        """The number of objects of each category and type, the most used first."""
        match: Document = {"project_id": project_id, "deleted": False}
        if mission_id is not None:
            match["mission"] = mission_id
        object_class = {"mission": "$mission", "category": "$category", "type": "$type"}
        stages = [{"$match": match}, {"$group": {"_id": object_class, "objects": {"$sum": 1}}}]
        groups = await self._objects.aggregate(stages, session=session, hint=dict(BY_CLASS)).to_list(None)
        uses = [CategoryUse(**group["_id"], objects=group["objects"]) for group in groups]
        return sorted(uses, key=lambda use: (-use.objects, use.mission, use.category, use.type or ""))

    async def find(self, project_id: str, classes: Iterable[ObjectClass], limit: int) -> list[ClassifiedObject]:
        """At most `limit` objects of some classes."""
        either = [object_class._asdict() for object_class in classes]
        if not either:
            return []
        query = {"project_id": project_id, "deleted": False, "$or": either}
        return [_unpack(document) async for document in self._objects.find(query, _FIELDS).limit(limit)]

    async def classes_on(self, project_id: str, media_ids: Sequence[str]) -> dict[str, set[ObjectClass]]:
        """The categories of the objects on each of some media, without labels of whole media."""
        match: Document = {"media_id": {"$in": list(media_ids)}, "deleted": False}
        match |= {"project_id": project_id, "annotation_type": {"$ne": "label"}}
        grouping = {"_id": {"medium": "$media_id", "mission": "$mission", "category": "$category"}}
        by_medium: dict[str, set[ObjectClass]] = {}
        async for group in self._objects.aggregate([{"$match": match}, {"$group": grouping}]):
            key = group["_id"]
            by_medium.setdefault(key["medium"], set()).add(ObjectClass(key["mission"], key["category"]))
        return by_medium


def _unpack(document: Document) -> ClassifiedObject:
    return ClassifiedObject(
        id=document["_id"],
        media_id=document["media_id"],
        object_class=ObjectClass(document["mission"], document["category"], document["type"]),
        revision=document["revision"],
        annotation_type=document["annotation_type"],
        by_person=document["by_person"],
    )
