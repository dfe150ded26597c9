"""Objects in MongoDB, for reading."""

from collections import defaultdict
from collections.abc import Collection, Iterable

import orjson

from annotation.domain.operations import ObjectVersion
from annotation.domain.tracks import EVERYWHERE, Span, span_of
from annotation.objects.documents import unpack_state, within
from annotation.threads import computed
from common.contract.errors import Problem
from common.contract.labels import ObjectState
from common.contract.questions import ObjectOwner, Selection, TimePoint, TimePoints
from common.storage.mongo import Database, Document

# Keyframes set by a person or imported; the others are computed from these.
_SET_SOURCES = ("manual", "import")


class ObjectRepository:
    """The objects of all media."""

    def __init__(self, database: Database) -> None:
        self._objects = database.objects

    async def read(self, project_id: str, media_id: str, frames: Span = EVERYWHERE) -> list[ObjectState]:
        """The objects of a medium that are visible or have a keyframe on `frames`."""
        documents = await self._read(project_id, media_id, frames)
        size_bytes = sum(len(document["state"]) for document in documents)
        return await computed(size_bytes, _states, documents)

    async def read_json(self, project_id: str, media_id: str, frames: Span = EVERYWHERE) -> list[bytes]:
        """The same, each as JSON."""
        return [document["state"] for document in await self._read(project_id, media_id, frames)]

    async def _read(self, project_id: str, media_id: str, frames: Span) -> list[Document]:
        query = within(media_id, frames) | {"project_id": project_id}
        found: list[Document] = await self._objects.find(query, {"state": 1}).sort("first", 1).to_list(None)
        return found

    async def find(self, object_ids: Collection[str]) -> dict[str, ObjectState]:
        """Objects by id, also deleted ones."""
        if not object_ids:
            return {}
        cursor = self._objects.find({"_id": {"$in": list(object_ids)}}, {"state": 1})
        return {document["_id"]: unpack_state(document) async for document in cursor}

    async def selected(self, project_id: str, media_id: str, selection: Selection) -> dict[str, int]:
        """The revisions of the objects of a selection, by id, in the order of their first frames."""
        query = within(media_id, span_of(selection.first, selection.last)) | {"project_id": project_id}
        if selection.objects is not None:
            query["_id"] = {"$in": selection.objects}
        wanted = selection.model_dump(include={"category", "annotation_type", "source"}, exclude_none=True)
        found = await self._objects.find(query | wanted, {"revision": 1}).sort("first", 1).to_list(None)
        return {one["_id"]: one["revision"] for one in found}

    async def time_points(self, project_id: str, media_id: str) -> TimePoints:
        """The frames of a medium on which a shape was set, in order."""
        query = within(media_id, EVERYWHERE) | {"project_id": project_id, "annotation_type": {"$ne": "label"}}
        found = await self._objects.find(query, {"state": 1}).sort("first", 1).to_list(None)
        return await computed(sum(len(one["state"]) for one in found), _time_points, found)

    async def versions(self, media_id: str, object_ids: Iterable[str] | None = None) -> dict[str, ObjectVersion]:
        """The versions of a medium's objects, also deleted ones; all, or those with the given ids."""
        query: Document = {"media_id": media_id}
        if object_ids is not None:
            query["_id"] = {"$in": list(object_ids)}
        found = await self._objects.find(query, {"revision": 1, "deleted": 1}).to_list(None)
        return {one["_id"]: ObjectVersion(one["revision"], one["deleted"]) for one in found}

    async def owner(self, object_id: str) -> ObjectOwner:
        """The project and medium of an object, deleted or not.

        Raises:
            Problem: the object does not exist.
        """
        found = await self._objects.find_one({"_id": object_id}, ("project_id", "media_id", "revision"))
        if found is None:
            raise Problem("object_not_found")
        return ObjectOwner(object_id=found.pop("_id"), **found)


def _states(documents: list[Document]) -> list[ObjectState]:
    return [unpack_state(document) for document in documents]


def _time_points(documents: list[Document]) -> TimePoints:
    objects: dict[int, list[str]] = defaultdict(list)
    for document in documents:
        # Validating whole states would take ten times as long, and only two fields of keyframes matter.
        for keyframe in orjson.loads(document["state"])["keyframes"]:
            if keyframe["source"] in _SET_SOURCES and not keyframe["outside"]:
                objects[keyframe["frame"]].append(document["_id"])
    return TimePoints(items=[TimePoint(frame=frame, objects=objects[frame]) for frame in sorted(objects)])
