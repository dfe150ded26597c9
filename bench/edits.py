"""Edits a second through the annotation service's store, beside MongoDB transactions that write the same documents.

`python -m bench.edits` starts its own MongoDB and prints one line for each size of batch: the ratio is the share of
the raw speed that is left once edits are checked, rebased, applied, answered and kept from being applied twice.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from annotation.domain.batch import Batch
from annotation.store.labels import LabelStore
from annotation.store.media import MediaStore
from annotation.store.migrations import MIGRATIONS
from annotation.store.transaction import in_transaction
from common.ids import new_id
from common.labels import Box, Create, Edit, Keyframe, PutKeyframe
from common.mongo import database, migrate
from common.objects import Objects
from common.settings import Settings
from deploy.local.servers import embedded_servers
from pymongo import ReplaceOne

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


async def seconds(times: int, work: Callable[[int], Awaitable[Any]]) -> list[float]:
    """How long each of some calls takes."""
    taken = []
    for number in range(times):
        started = time.perf_counter()
        await work(number)
        taken.append(time.perf_counter() - started)
    return taken


async def measure(mongo: Any, labels: LabelStore, size: int, times: int) -> tuple[list[float], list[float]]:
    """Seconds a batch: ours, and raw transactions that replace and insert the very documents that ours wrote."""
    media_id = new_id("m")
    await mongo.media.insert_one({"_id": media_id, "project_id": "bench", "frame_count": 1800})
    ids = await create_objects(labels, media_id, size)
    batches = [batch_of(media_id, moves(ids, number + 1)) for number in range(times)]
    ours = await seconds(times, lambda number: labels.apply(batches[number]))
    objects = await mongo.objects.find({"_id": {"$in": ids}}).to_list(None)
    changes = await mongo.changes.find({"media_id": media_id, "verb": "put_keyframe"}).to_list(None)

    async def write(number: int) -> None:
        again = [dict(one, _id=f"{one['_id']}:{number}", edit_id=new_id("e")) for one in changes[:size]]

        async def work(session: Any) -> None:
            replaced = [ReplaceOne({"_id": one["_id"], "revision": one["revision"]}, one) for one in objects]
            await mongo.objects.bulk_write(replaced, ordered=False, session=session)
            await mongo.changes.insert_many(again, ordered=False, session=session)

        for one in objects:
            one["at"] += 1  # a write that changes nothing would not be written
        await in_transaction(mongo.client, work)

    return ours, await seconds(times, write)


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as home:
        async with embedded_servers(Path(home)) as servers:
            settings = Settings(**servers.settings("annotation"))
            mongo = database(settings)
            await migrate(mongo, MIGRATIONS)
            labels = LabelStore(mongo, MediaStore(mongo, Objects(settings.s3_url)))
            await measure(mongo, labels, 20, 5)
            for size, times in SIZES:
                ours, raw = await measure(mongo, labels, size, times)
                print(line(size, ours, raw))


def line(size: int, ours: list[float], raw: list[float]) -> str:
    """One result in words."""
    ratio = statistics.median(raw) / statistics.median(ours)
    p95_ms = sorted(ours)[int(0.95 * (len(ours) - 1))] * 1000
    return (
        f"batches of {size:>3}: {size / statistics.median(ours):>7.0f} edits/s, raw {size / statistics.median(raw):>7.0f}, "
        f"ratio {ratio:.2f} (goal {GOAL}), p95 {p95_ms:.1f} ms a batch"
    )


if __name__ == "__main__":
    asyncio.run(main())
