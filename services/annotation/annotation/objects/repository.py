"""Objects in MongoDB: edits go in, objects come out."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import TypeVar, cast

import orjson

from annotation.domain.batch import Batch, involved
from annotation.domain.operations import Now
from annotation.domain.tracks import EVERYWHERE, Span, span_of
from annotation.media.repository import MediaStore
from annotation.metrics import EDIT_SECONDS, EDITS
from annotation.objects.batch_outcome import Verdicts
from annotation.objects.documents import unpack_state, within
from annotation.objects.group_commit import Together
from annotation.objects.service import Also, Applying, Ontologies, Turn
from annotation.objects.threads import computed
from common.contract.edits import EditResult
from common.contract.labels import ObjectState
from common.contract.questions import ObjectOwner, Selection, TimePoint, TimePoints
from common.service.errors import not_found
from common.storage.mongo import Database, Document

T = TypeVar("T")
# Larger batches, which take their time, keep nobody else waiting.
_EDITS_OF_A_SHARED_BATCH = 10
# Keyframes that a person set or brought along; the others are computed from these.
_SOLID = ("manual", "import")


class LabelStore:
    """The objects of all media. `changed` is set whenever changes wait to be told."""

    def __init__(
        self,
        database: Database,
        media: MediaStore,
        ontologies: Ontologies | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._objects = database.objects
        self._applying = Applying(database, media, ontologies, clock)
        self._together = Together(self._applying.settle)
        self.changed = self._applying.changed

    async def apply(self, batch: Batch, also: Also | None = None) -> list[EditResult]:
        """Apply a batch in one transaction, and whatever `also` writes in it; what became of each edit.

        Raises:
            Problem: there is no such medium, or not one frame of it is known yet.
        """
        return await self._answered(batch, Verdicts.results, also)

    async def apply_json(self, batch: Batch) -> bytes:
        """The same as the JSON of `EditResults`.

        Raises:
            Problem: as `apply`.
        """
        return await self._answered(batch, Verdicts.results_json)

    async def _answered(self, batch: Batch, answer: Callable[[Verdicts], T], also: Also | None = None) -> T:
        turn = Turn(await self._applying.named(batch), answer, also)
        with EDIT_SECONDS.time():
            if len(batch.edits) <= _EDITS_OF_A_SHARED_BATCH:
                verdicts, said = await self._together.done(turn, frozenset(involved(turn.batch)))
            else:
                ((verdicts, said),) = await self._applying.settle([turn])
        for status, count in Counter(result.status for result in verdicts.results()).items():
            EDITS.labels(status).inc(count)
        return cast("T", said)

    async def read(self, project_id: str, media_id: str, frames: Span = EVERYWHERE) -> list[ObjectState]:
        """The objects of a medium that are there, or those of them that are visible or have a keyframe on `frames`."""
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

    async def selected(self, project_id: str, media_id: str, selection: Selection) -> dict[str, int]:
        """The objects of a medium that a selection means, each with its revision; first those that come first."""
        query = within(media_id, span_of(selection.first, selection.last)) | {"project_id": project_id}
        if selection.objects is not None:
            query["_id"] = {"$in": selection.objects}
        wanted = selection.model_dump(include={"category", "annotation_type", "source"}, exclude_none=True)
        found = await self._objects.find(query | wanted, {"revision": 1}).sort("first", 1).to_list(None)
        return {one["_id"]: one["revision"] for one in found}

    async def time_points(self, project_id: str, media_id: str) -> TimePoints:
        """The frames of a medium on which somebody set shapes, in order."""
        query = within(media_id, EVERYWHERE) | {"project_id": project_id, "annotation_type": {"$ne": "label"}}
        found = await self._objects.find(query, {"state": 1}).sort("first", 1).to_list(None)
        return await computed(sum(len(one["state"]) for one in found), _time_points, found)

    async def now(self, media_id: str, object_ids: Iterable[str] | None = None) -> dict[str, Now]:
        """How the objects of a medium are, deleted ones too; all, or those that are named."""
        query: Document = {"media_id": media_id}
        if object_ids is not None:
            query["_id"] = {"$in": list(object_ids)}
        found = await self._objects.find(query, {"revision": 1, "deleted": 1}).to_list(None)
        return {one["_id"]: Now(one["revision"], one["deleted"]) for one in found}

    async def owner(self, object_id: str) -> ObjectOwner:
        """Which project and medium an object belongs to, deleted or not."""
        found = await self._objects.find_one({"_id": object_id}, ("project_id", "media_id", "revision"))
        if found is None:
            raise not_found("object")
        return ObjectOwner(object_id=found.pop("_id"), **found)


def _states(documents: list[Document]) -> list[ObjectState]:
    return [unpack_state(document) for document in documents]


def _time_points(documents: list[Document]) -> TimePoints:
    objects: dict[int, list[str]] = defaultdict(list)
    for document in documents:
        # Validating whole states would take ten times as long, and only two fields of keyframes matter.
        for keyframe in orjson.loads(document["state"])["keyframes"]:
            if keyframe["source"] in _SOLID and not keyframe["outside"]:
                objects[keyframe["frame"]].append(document["_id"])
    return TimePoints(items=[TimePoint(frame=frame, objects=objects[frame]) for frame in sorted(objects)])
