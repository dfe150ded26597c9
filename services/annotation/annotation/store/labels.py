"""Objects in MongoDB: edits go in, objects come out."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar, TypeVarTuple, Unpack

import orjson

from annotation.domain.acts import Now
from annotation.domain.batch import Batch, Medium
from annotation.domain.ontology import Ontology
from annotation.domain.tracks import EVERYWHERE, Span, span_of
from annotation.metrics import EDIT_SECONDS, EDITS
from annotation.store.documents import unpack_state, within
from annotation.store.evidence import Evidence, gather
from annotation.store.media import KnownMedium, MediaStore
from annotation.store.recent import Recent
from annotation.store.transaction import Overtaken, in_transaction
from annotation.store.verdicts import Verdicts, judge
from common.edits import EditResult
from common.errors import Problem, not_found
from common.labels import ObjectState
from common.mongo import Database, Document
from common.questions import ObjectOwner, Selection, TimePoint, TimePoints

T = TypeVar("T")
A = TypeVarTuple("A")
# What else a transaction writes, given its session and what became of the edits.
Also = Callable[[Any, Sequence[EditResult]], Awaitable[None]]
# What takes less than some milliseconds is computed at once; giving it to a thread and back would take as long.
_COMPUTED_AT_ONCE_BYTES = 100_000
# Keyframes that a person set or brought along; the others are computed from these.
_SOLID = ("manual", "import")


class Ontologies(Protocol):
    """Where the names come from that a project may use."""

    async def ontology(self, project_id: str, *, fresh: bool = False) -> Ontology:
        """What a project labels; `fresh` as it is now, else as it was moments ago."""


@dataclass(slots=True)
class _Course:
    """What the attempts at a batch have met so far."""

    repeated: bool = False
    fresh: bool = False


class LabelStore:
    """The objects of all media. `changed` is set whenever changes wait to be told."""

    def __init__(
        self,
        database: Database,
        media: MediaStore,
        ontologies: Ontologies | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.changed = asyncio.Event()
        self._client = database.client
        self._objects = database.objects
        self._changes = database.changes
        self._media = media
        self._ontologies = ontologies
        self._clock = clock
        self._recent = Recent()
        self._threads = ThreadPoolExecutor(2, "edits")

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
        course = _Course()

        async def work(session: Any) -> tuple[Verdicts, T]:
            evidence, verdicts = await self._judged(batch, session, course)
            # The answer is made while the server writes.
            _, said = await asyncio.gather(
                self._write(verdicts, evidence, session), self._compute(evidence.size_bytes, answer, verdicts)
            )
            if also is not None:
                await also(session, verdicts.results())
            return verdicts, said

        with EDIT_SECONDS.time():
            verdicts, said = await in_transaction(self._client, work)
        self._recent.keep(verdicts.seen)
        for status, count in Counter(result.status for result in verdicts.results()).items():
            EDITS.labels(status).inc(count)
        if verdicts.writes:
            self.changed.set()
        return said

    async def _judged(self, batch: Batch, session: Any, course: _Course) -> tuple[Evidence, Verdicts]:
        if self._ontologies is not None:
            names = await self._ontologies.ontology(batch.project_id, fresh=course.fresh)
            batch = replace(batch, ontology=names)
        medium = _medium(await self._media.known(batch.media_id, session), batch)
        evidence = await gather(batch, self._objects, self._changes, self._recent, session, thorough=course.repeated)
        course.repeated = True
        verdicts = await self._compute(evidence.size_bytes, judge, batch, evidence, medium, self._clock())
        if verdicts.decision.unknown_name and self._ontologies is not None and not course.fresh:
            course.fresh = True
            raise Overtaken
        return evidence, verdicts

    async def _write(self, verdicts: Verdicts, evidence: Evidence, session: Any) -> None:
        if not verdicts.writes:
            return
        # Changes are packed while the server writes objects.
        result, changes = await asyncio.gather(
            self._objects.bulk_write(verdicts.writes, ordered=False, session=session),
            self._compute(evidence.size_bytes, verdicts.changes),
        )
        if result.inserted_count + result.matched_count != len(verdicts.writes):
            raise Overtaken
        await self._changes.insert_many(changes, ordered=False, session=session)

    async def _compute(self, size_bytes: int, work: Callable[[Unpack[A]], T], *arguments: *A) -> T:
        """Work that a large batch or a long track makes heavy, off the event loop. It has threads of its own: those
        of `to_thread` may all wait for S3."""
        if size_bytes < _COMPUTED_AT_ONCE_BYTES:
            return work(*arguments)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def read(self, project_id: str, media_id: str, frames: Span = EVERYWHERE) -> list[ObjectState]:
        """The objects of a medium that are there, or those of them that are visible or have a keyframe on `frames`."""
        documents = await self._read(project_id, media_id, frames)
        size_bytes = sum(len(document["state"]) for document in documents)
        return await self._compute(size_bytes, _states, documents)

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
        return await self._compute(sum(len(one["state"]) for one in found), _time_points, found)

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


def _medium(medium: KnownMedium | None, batch: Batch) -> Medium:
    """What edits may rely on.

    Raises:
        Problem: there is no such medium, or not one frame of it is known yet.
    """
    if medium is None:
        medium = KnownMedium(batch.project_id, frame_count=None, ready_frames=0, deleted=False)
    if medium.deleted or medium.project_id != batch.project_id:
        raise not_found("medium")
    frames = medium.frame_count or max(batch.frame_count or 0, medium.ready_frames)
    if not frames:
        raise Problem(409, "Medium not ready", "No frame of this medium can be labeled yet; try again shortly.")
    return Medium(frames, medium.width, medium.height)


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
