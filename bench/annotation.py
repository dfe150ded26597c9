"""The annotation core: edits per second compared with bare MongoDB transactions that write the same documents,
interpolation, and reading a clip.

`python -m bench.annotation` starts its own MongoDB. For each batch size, the ratio is the share of the raw speed that
remains with lookup, checks, rebase, application, answers and idempotency; compared with a transaction that only writes,
and with one that also reads the data needed by a batch.
"""

import statistics
import tempfile
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import UpdateOne

from annotation.domain.batch import Batch
from annotation.domain.tracks import Span
from annotation.indexes import MIGRATIONS
from annotation.media.repository import MediaRepository
from annotation.missions.ontologies import OntologyService
from annotation.missions.repository import MissionRepository
from annotation.objects.batch_repository import BatchRepository
from annotation.objects.repository import ObjectRepository
from annotation.objects.service import EditService
from annotation.outbox.events import EventRepository
from annotation.transaction import in_transaction
from bench.report import Report, run
from common.contract.edits import Create, Edit, PutKeyframe
from common.contract.labels import Keyframe
from common.geometry.tracks import Tracks, visible_boxes
from common.geometry.types import Box
from common.service.app import collect_garbage_rarely
from common.service.ids import new_id
from common.service.settings import Settings
from common.storage.mongo import Document, database, migrate
from common.storage.objects import Objects
from deploy.local.servers import embedded_servers

GOAL = 0.6
KEYFRAMES = 10
FRAMES = 1800
# Batch sizes and numbers of measured batches: one gesture, a burst, the largest batch.
SIZES = ((1, 150), (20, 60), (500, 12))
OBJECTS_READ, READS, READ_GOAL_MS = 200, 60, 50
# Ten clips, and a keyframe every ten frames.
CLIPS, TRACKS = 10, 20


def keyframe(frame: int, shift: float = 0.0) -> Keyframe:
    """A box on a frame."""
    return Keyframe(frame=frame, geometry=Box(x1=10 + shift, y1=20, x2=110 + shift, y2=80))


async def create_objects(editing: EditService, media_id: str, count: int) -> list[str]:
    """Objects of ten keyframes, created by edits."""
    ids = [new_id("o") for _ in range(count)]
    edits: list[Edit] = [
        Create(
            id=new_id("e"),
            object=object_id,
            base_revision=0,
            mission="Object Detection",
            category="Vehicle",
            keyframes=[keyframe(10 * number) for number in range(KEYFRAMES)],
        )
        for object_id in ids
    ]
    results = await editing.apply(batch_of(media_id, edits))
    assert all(result.status == "applied" for result in results), results[0].reason
    return ids


def edit_service(mongo: Any, s3: Objects) -> EditService:
    """The measured service, without publishing."""
    ontologies = OntologyService(MissionRepository(mongo, EventRepository(mongo)), lambda: None)
    return EditService(BatchRepository(mongo), MediaRepository(mongo, s3), ontologies, lambda: None)


def batch_of(media_id: str, edits: list[Edit]) -> Batch:
    """A batch of manual edits."""
    return Batch("bench", media_id, edits, author="ada", session="tab")


def moves(ids: list[str], revision: int) -> list[Edit]:
    """One moved box for each object."""
    return [
        PutKeyframe(id=new_id("e"), object=object_id, base_revision=revision, keyframe=keyframe(30, float(revision)))
        for object_id in ids
    ]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds per batch, measured in turns: the service, a bare transaction with the same reads and writes, and one
    with only the same writes."""

    service: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)


async def measure(mongo: Any, editing: EditService, size: int, times: int) -> Times:
    """Move a box of each of `size` objects in one batch, many times."""
    media_id = await new_medium(mongo)
    ids = await create_objects(editing, media_id, size)
    measured = Times()
    for revision in range(1, times + 1):
        batch = batch_of(media_id, moves(ids, revision))
        before = await objects_of(mongo, batch)
        measured.service.append(await seconds(editing.apply_json(batch)))
        written = await written_by(mongo, batch, before)
        measured.bare.append(await seconds(written.transaction(mongo, "bare", reading=True)))
        measured.writes.append(await seconds(written.transaction(mongo, "writes", reading=False)))
    return measured


async def new_medium(mongo: Any) -> str:
    """A medium of one clip."""
    media_id = new_id("m")
    size = {"width": 1920, "height": 1080}
    await mongo.media.insert_one({"_id": media_id, "project_id": "bench", "frame_count": FRAMES, **size})
    return media_id


async def seconds(work: Awaitable[Any]) -> float:
    """The duration of some work."""
    started = time.perf_counter()
    await work
    return time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class Written:
    """The documents written by a batch: changed fields of objects, and changes."""

    media_id: str
    objects: dict[str, Document]
    changes: list[Document]

    async def transaction(self, mongo: Any, name: str, *, reading: bool) -> None:
        """Write the documents again with small differences, because writes without changes are skipped."""
        fields = {object_id: {**changed, "at": changed["at"] + 1e-6} for object_id, changed in self.objects.items()}
        # For another medium, so that the index entries of both kinds do not interfere.
        changes = [
            {**change, "_id": f"{name}-{change['_id']}", "media_id": f"{name}-{self.media_id}"}
            for change in self.changes
        ]

        async def work(session: Any) -> None:
            if reading:
                query = {"_id": {"$in": list(fields)}}
                await mongo.objects.find(query, ("revision",), session=session).to_list(None)
            writes = [
                UpdateOne({"_id": object_id, "revision": changed["revision"]}, {"$set": changed})
                for object_id, changed in fields.items()
            ]
            await mongo.objects.bulk_write(writes, ordered=False, session=session)
            await mongo.changes.insert_many(changes, ordered=False, session=session)

        await in_transaction(mongo.client, work)


async def objects_of(mongo: Any, batch: Batch) -> dict[str, Document]:
    """The stored objects of a batch."""
    ids = [edit.object for edit in batch.edits]
    return {document["_id"]: document async for document in mongo.objects.find({"_id": {"$in": ids}})}


async def written_by(mongo: Any, batch: Batch, before: dict[str, Document]) -> Written:
    """The documents that a batch wrote."""
    objects = {
        object_id: {name: value for name, value in after.items() if value != before[object_id][name]}
        for object_id, after in (await objects_of(mongo, batch)).items()
    }
    of_edits = {"media_id": batch.media_id, "edit_id": {"$in": [edit.id for edit in batch.edits]}}
    return Written(batch.media_id, objects, await mongo.changes.find(of_edits).to_list(None))


def add(report: Report, size: int, times: Times) -> None:
    """Report the figures of a batch size."""
    service, bare, writes = (statistics.median(durations) for durations in (times.service, times.bare, times.writes))
    name = f"batches of {size}"
    report.add(f"{name}, edits", size / service, "edits/s")
    report.add(f"{name}, of transactions that write the same", writes / service, "ratio", at_least=GOAL)
    report.add(f"{name}, of transactions that read and write the same", bare / service, "ratio")
    report.add(f"{name}, p95", p95(times.service) * 1000, "ms")


def p95(durations: list[float]) -> float:
    """The 95th percentile."""
    return sorted(durations)[int(0.95 * (len(durations) - 1))]


async def read_clip(report: Report, mongo: Any, editing: EditService) -> None:
    """The time to read a clip with many objects as JSON."""
    media_id = await new_medium(mongo)
    await create_objects(editing, media_id, OBJECTS_READ)
    objects = ObjectRepository(mongo)
    durations = [await seconds(objects.read_json("bench", media_id, Span(0, FRAMES - 1))) for _ in range(READS)]
    report.add(f"a clip of {OBJECTS_READ} objects read, p50", statistics.median(durations) * 1000, "ms")
    report.add(f"a clip of {OBJECTS_READ} objects read, p95", p95(durations) * 1000, "ms", at_most=READ_GOAL_MS)


def interpolate(report: Report) -> None:
    """The CPU time per interpolated box."""
    tracks = [[keyframe(frame, frame / 7) for frame in range(0, FRAMES * CLIPS, 10)] for _ in range(TRACKS)]
    started = time.process_time()
    boxes = len(visible_boxes(Tracks.of(tracks), 0, FRAMES * CLIPS - 1).frames)
    cpu_s = time.process_time() - started
    report.add(f"a box of {boxes:,} interpolated", cpu_s / boxes * 1e6, "CPU us")


async def main(report: Report) -> None:
    """Measure everything."""
    collect_garbage_rarely()
    interpolate(report)
    with tempfile.TemporaryDirectory() as home:
        async with embedded_servers(Path(home)) as servers:
            settings = Settings.model_validate(servers.settings("annotation"))
            mongo = database(settings)
            await migrate(mongo, MIGRATIONS)
            editing = edit_service(mongo, Objects(settings.s3_url))
            await measure(mongo, editing, 20, 5)
            for size, times in SIZES:
                add(report, size, await measure(mongo, editing, size, times))
            await read_clip(report, mongo, editing)


if __name__ == "__main__":
    run(main)
