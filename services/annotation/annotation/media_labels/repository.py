"""Labels of whole media in MongoDB, read for many media at once."""

from collections.abc import AsyncIterator, Sequence

from annotation.domain.object_class import ObjectClass
from annotation.objects.documents import unpack_state
from common.contract.labels import ObjectState
from common.storage.mongo import Database, Document

MEDIA_PER_PAGE = 500


class MediaLabelRepository:
    """Labels are objects of the annotation type `label`."""

    def __init__(self, database: Database) -> None:
        self._objects = database.objects
        self._changes = database.changes
        self._media = database.media

    async def read(self, media_ids: Sequence[str]) -> dict[str, list[ObjectState]]:
        """The labels of some media, including deleted ones."""
        by_medium: dict[str, list[ObjectState]] = {}
        query = {"media_id": {"$in": list(media_ids)}, "annotation_type": "label"}
        async for document in self._objects.find(query, ("media_id", "state")):
            by_medium.setdefault(document["media_id"], []).append(unpack_state(document))
        return by_medium

    async def changes_by(self, operation: str, media_ids: Sequence[str]) -> dict[str, int]:
        """The number of changes that an earlier run of an operation made on each medium."""
        match = {"media_id": {"$in": list(media_ids)}, "operation": operation, "joint": True}
        stages = [{"$match": match}, {"$group": {"_id": "$media_id", "changes": {"$sum": 1}}}]
        return {group["_id"]: group["changes"] async for group in self._changes.aggregate(stages)}

    async def media_with(self, project_id: str, label: ObjectClass) -> AsyncIterator[list[str]]:
        """The media of a project that have a label, page by page."""
        query: Document = {
            "project_id": project_id,
            "annotation_type": "label",
            "deleted": False,
            "mission": label.mission,
            "category": label.category,
        }
        async for page in _pages(self._objects, query, "media_id"):
            yield page

    async def media_of(self, project_id: str) -> AsyncIterator[list[str]]:
        """All media of a project, page by page."""
        async for page in _pages(self._media, {"project_id": project_id}, "_id"):
            yield page


async def _pages(collection: Database, query: Document, name: str) -> AsyncIterator[list[str]]:
    """The values of a field in order. No cursor stays open while a page is processed."""
    after = ""
    while True:
        cursor = collection.find({**query, name: {"$gt": after}}, {name: 1}).sort(name, 1).limit(MEDIA_PER_PAGE)
        page = [document[name] async for document in cursor]
        if not page:
            return
        yield page
        after = page[-1]
