"""Edits a second through the annotation service's store, beside bare MongoDB transactions that read and write
the same documents.

`python -m bench.edits` starts its own MongoDB and prints one line for each size of batch: the ratio is the share of
the raw speed that is left once edits are checked, rebased, applied, answered and kept from being applied twice.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import ReplaceOne

from annotation.app import collect_garbage_rarely
from annotation.domain.batch import Batch
from annotation.store.labels import LabelStore
from annotation.store.media import MediaStore
from annotation.store.migrations import MIGRATIONS
from annotation.store.transaction import in_transaction
from common.ids import new_id
from common.labels import Box, Create, Edit, Keyframe, PutKeyframe
from common.mongo import Document, database, migrate
from common.objects import Objects
from common.settings import Settings
from deploy.local.servers import embedded_servers

GOAL = 0.6
KEYFRAMES = 10
# Batches of one size, and how many of them are measured: a gesture, a burst, the largest.
SIZES = ((1, 150), (20, 60), (500, 8))


def keyframe(frame: int, shift: float = 0.0) -> Keyframe:
    """A box on a frame."""
    return Keyframe(frame=frame, geometry=Box(x1=10 + shift, y1=20, x2=110 + shift, y2=80))


async def create_objects(labels: LabelStore, media_id: str, count: int) -> list[str]:
    """Objects of ten keyframes, by the store itself."""
    ids = [new_id("o") for _ in range(count)]
    edits: list[Edit] = [
        Create(
            id=new_id("e"),
            object=one,
            base_revision=0,
            mission="Object Detection",
            category="Vehicle",
            keyframes=[keyframe(10 * number) for number in range(KEYFRAMES)],
        )
        for one in ids
    ]
    results = await labels.apply(batch_of(media_id, edits))
    assert all(result.status == "applied" for result in results)
    return ids


def batch_of(media_id: str, edits: list[Edit]) -> Batch:
    """A person's batch."""
    return Batch("bench", media_id, edits, author="someone", session="tab")


def moves(ids: list[str], revision: int) -> list[Edit]:
    """One moved box for each object."""
    return [
        PutKeyframe(id=new_id("e"), object=one, base_revision=revision, keyframe=keyframe(30, float(revision)))
        for one in ids
    ]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds a batch, measured in turns: ours, a bare transaction with the same reads and writes, and one with the
    same writes alone."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)


async def measure(mongo: Any, labels: LabelStore, size: int, times: int) -> Times:
    """Move a box of each of `size` objects in one batch, many times."""
    media_id = new_id("m")
    await mongo.media.insert_one({"_id": media_id, "project_id": "bench", "frame_count": 1800})
    ids = await create_objects(labels, media_id, size)
    measured = Times()
    for revision in range(1, times + 1):
        batch = batch_of(media_id, moves(ids, revision))
        measured.ours.append(await seconds(labels.apply(batch)))
        written = await written_by(mongo, batch)
        measured.bare.append(await seconds(written.transaction(mongo, f"bare{revision}", reading=True)))
        measured.writes.append(await seconds(written.transaction(mongo, f"writes{revision}", reading=False)))
        await mongo.changes.delete_many({"media_id": media_id, "edit_id": {"$regex": "^(bare|writes)"}})
    return measured


async def seconds(work: Awaitable[Any]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    await work
    return time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class Written:
    """The documents that a batch wrote."""

    media_id: str
    objects: list[Document]
    changes: list[Document]

    async def transaction(self, mongo: Any, name: str, *, reading: bool) -> None:
        """Write them once more, each a little different, for a write that changes nothing is not written."""
        objects = [{**one, "at": one["at"] + 1e-6} for one in self.objects]
        changes = [
            {**one, "_id": f"{name}-{one['_id']}", "edit_id": f"{name}-{one['edit_id']}"} for one in self.changes
        ]

        async def work(session: Any) -> None:
            if reading:
                await self.read(mongo, [one["edit_id"] for one in changes], session)
            replaced = [ReplaceOne({"_id": one["_id"], "revision": one["revision"]}, one) for one in objects]
            await mongo.objects.bulk_write(replaced, ordered=False, session=session)
            await mongo.changes.insert_many(changes, ordered=False, session=session)

        await in_transaction(mongo.client, work)

    async def read(self, mongo: Any, edit_ids: list[str], session: Any) -> None:
        """What a batch reads before it writes."""
        await mongo.media.find_one({"_id": self.media_id}, session=session)
        answered = {"media_id": self.media_id, "edit_id": {"$in": edit_ids}}
        await mongo.changes.find(answered, session=session).to_list(None)
        await mongo.objects.find({"_id": {"$in": [one["_id"] for one in self.objects]}}, session=session).to_list(None)


async def written_by(mongo: Any, batch: Batch) -> Written:
    """What a batch wrote."""
    ids = [edit.object for edit in batch.edits]
    edit_ids = [edit.id for edit in batch.edits]
    objects = await mongo.objects.find({"_id": {"$in": ids}}).to_list(None)
    changes = await mongo.changes.find({"media_id": batch.media_id, "edit_id": {"$in": edit_ids}}).to_list(None)
    return Written(batch.media_id, objects, changes)


async def main() -> None:
    """Measure and print."""
    collect_garbage_rarely()
    with tempfile.TemporaryDirectory() as home:
        async with embedded_servers(Path(home)) as servers:
            settings = Settings.model_validate(servers.settings("annotation"))
            mongo = database(settings)
            await migrate(mongo, MIGRATIONS)
            labels = LabelStore(mongo, MediaStore(mongo, Objects(settings.s3_url)))
            await measure(mongo, labels, 20, 5)
            for size, times in SIZES:
                print(line(size, await measure(mongo, labels, size, times)))


def line(size: int, times: Times) -> str:
    """One result in words."""
    ours, bare, writes = (statistics.median(taken) for taken in (times.ours, times.bare, times.writes))
    p95_ms = sorted(times.ours)[int(0.95 * (len(times.ours) - 1))] * 1000
    return (
        f"batches of {size:>3}: {size / ours:>5.0f} edits/s, raw transactions {size / bare:>5.0f}, "
        f"ratio {bare / ours:.2f} (goal {GOAL}; of the writes alone {writes / ours:.2f}), p95 {p95_ms:.1f} ms a batch"
    )


if __name__ == "__main__":
    asyncio.run(main())
