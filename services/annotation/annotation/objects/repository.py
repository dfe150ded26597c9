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

# The sources of keyframes that are not generated.
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
        """The objects of `read` as JSON."""
        return [document["state"] for document in await self._read(project_id, media_id, frames)]

    async def _read(self, project_id: str, media_id: str, frames: Span) -> list[Document]:
        query = within(media_id, frames) | {"project_id": project_id}
        documents: list[Document] = await self._objects.find(query, {"state": 1}).sort("first", 1).to_list(None)
        return documents

    async def find(self, object_ids: Collection[str]) -> dict[str, ObjectState]:
        """Objects by id, including deleted ones."""
        if not object_ids:
            return {}
        cursor = self._objects.find({"_id": {"$in": list(object_ids)}}, {"state": 1})
        return {document["_id"]: unpack_state(document) async for document in cursor}

    async def selected(self, project_id: str, media_id: str, selection: Selection) -> dict[str, int]:
        """The revisions of the objects of a selection, by id, in the order of their first frames."""
        query = within(media_id, span_of(selection.first, selection.last)) | {"project_id": project_id}
        if selection.objects is not None:
            query["_id"] = {"$in": selection.objects}
        filters = selection.model_dump(include={"category", "annotation_type", "source"}, exclude_none=True)
        documents = await self._objects.find(query | filters, {"revision": 1}).sort("first", 1).to_list(None)
        return {document["_id"]: document["revision"] for document in documents}

    async def time_points(self, project_id: str, media_id: str) -> TimePoints:
        """The frames of a medium with manual keyframes, in order."""
        query = within(media_id, EVERYWHERE) | {"project_id": project_id, "annotation_type": {"$ne": "label"}}
        documents = await self._objects.find(query, {"state": 1}).sort("first", 1).to_list(None)
        return await computed(sum(len(document["state"]) for document in documents), _time_points, documents)

    async def versions(self, media_id: str, object_ids: Iterable[str] | None = None) -> dict[str, ObjectVersion]:
        """The versions of a medium's objects, including deleted ones; all, or those with the given ids."""
        query: Document = {"media_id": media_id}
        if object_ids is not None:
            query["_id"] = {"$in": list(object_ids)}
        documents = await self._objects.find(query, {"revision": 1, "deleted": 1}).to_list(None)
        return {document["_id"]: ObjectVersion(document["revision"], document["deleted"]) for document in documents}

    async def owner(self, object_id: str) -> ObjectOwner:
        """The project and medium of an object, deleted or not.

        Raises:
            Problem: The object does not exist.
        """
        document = await self._objects.find_one({"_id": object_id}, ("project_id", "media_id", "revision"))
        if document is None:
            raise Problem("object_not_found")
        return ObjectOwner(object_id=document.pop("_id"), **document)


def _states(documents: list[Document]) -> list[ObjectState]:
    return [unpack_state(document) for document in documents]


def _time_points(documents: list[Document]) -> TimePoints:
    objects: dict[int, list[str]] = defaultdict(list)
    for document in documents:
        # Validating whole states would take ten times as long, and only two fields of keyframes are needed.
        for keyframe in orjson.loads(document["state"])["keyframes"]:
            if keyframe["source"] in _SET_SOURCES and not keyframe["outside"]:
                objects[keyframe["frame"]].append(document["_id"])
    return TimePoints(items=[TimePoint(frame=frame, objects=objects[frame]) for frame in sorted(objects)])
