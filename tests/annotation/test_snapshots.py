"""Snapshots on a real MongoDB and S3: consistent, taken once, current or as of an earlier time."""

import asyncio
import gzip
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from annotation.snapshots.service import compressed
from common.contract.edits import Delete
from common.contract.questions import TakeSnapshot
from common.service.ids import new_id
from common.storage.objects import snapshot_key

pytestmark = pytest.mark.servers


async def lines(stores: Any, key: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(await stores.s3.get(key)).splitlines()]


async def test_a_snapshot_is_taken_once(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made(attributes={"$ref": "x", "$id": 1.0})
    gone = await medium.made()
    await medium.apply(Delete(id=new_id("e"), object=gone, base_revision=1))
    request = TakeSnapshot(snapshot_id=new_id("s"), project_id=medium.project_id)

    answers = await asyncio.gather(*(stores.snapshots.take(request) for _ in range(3)))
    await medium.made()
    again = await stores.snapshots.take(request)

    assert all(answer == again for answer in answers)
    (state, _) = await stores.objects.read(medium.project_id, medium.media_id)
    assert (again.objects, again.media, len(again.missions)) == (1, [medium.media_id], 4)
    assert await lines(stores, again.object_key) == [json.loads(state.model_dump_json())]
    assert state.id == one


async def test_chunks_are_compressed_into_one_stream() -> None:
    chunks = [random.Random(seed).randbytes(1_000_000) for seed in range(3)]

    async def given() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    assert gzip.decompress(b"".join([chunk async for chunk in compressed(given())])) == b"".join(chunks)


async def test_a_snapshot_may_be_empty(stores: Any) -> None:
    snapshot = await stores.snapshots.take(TakeSnapshot(snapshot_id=new_id("s"), project_id=new_id("p")))

    assert (snapshot.objects, await lines(stores, snapshot.object_key)) == (0, [])


async def test_an_incomplete_snapshot_is_completed_from_its_record(medium: Any, stores: Any) -> None:
    await medium.made()
    request = TakeSnapshot(snapshot_id=new_id("s"), project_id=medium.project_id, media=[medium.media_id])
    await stores.ontologies.missions(medium.project_id)
    await stores.snapshots.store(request)  # killed after the record, before the parts were joined

    await medium.made()
    snapshot = await stores.snapshots.take(request)

    assert (snapshot.objects, len(await lines(stores, snapshot.object_key))) == (1, 1)


async def test_uploads_of_killed_attempts_are_aborted(medium: Any, stores: Any) -> None:
    await medium.made()
    request = TakeSnapshot(snapshot_id=new_id("s"), project_id=medium.project_id)
    key = snapshot_key(medium.project_id, request.snapshot_id)
    stores.s3.begin_multipart(key, "application/gzip")  # killed before the record

    await stores.snapshots.take(request)

    assert stores.s3.list_multiparts(key) == []


async def test_a_snapshot_with_lost_parts_is_taken_again(medium: Any, stores: Any) -> None:
    await medium.made()
    request = TakeSnapshot(snapshot_id=new_id("s"), project_id=medium.project_id)
    await stores.ontologies.missions(medium.project_id)
    record = await stores.snapshots.store(request)
    stores.s3.abort_multipart(record.object_key, record.upload)

    snapshot = await stores.snapshots.take(request)

    assert (snapshot.objects, snapshot.object_key) == (1, snapshot_key(medium.project_id, request.snapshot_id))


async def test_a_snapshot_sees_one_point_in_time(medium: Any, edits: Any, stores: Any) -> None:
    """Two objects always move in one batch, so that a snapshot always has both at the same position."""
    pair = [await medium.made(), await medium.made()]
    moving = True

    async def keep_moving() -> None:
        revision = 1
        while moving:
            await medium.apply(*(edits.move(one, revision, 5, revision) for one in pair))
            revision += 1

    mover = asyncio.create_task(keep_moving())
    for _ in range(10):
        snapshot = await stores.snapshots.take(TakeSnapshot(snapshot_id=new_id("s"), project_id=medium.project_id))
        left, right = await lines(stores, snapshot.object_key)
        assert left["revision"] == right["revision"]
    moving = False
    await mover


async def test_a_snapshot_as_of_an_earlier_time(medium: Any, edits: Any, stores: Any) -> None:
    one, gone = await medium.made(), await medium.made()
    before = {state.id: state for state in await stores.objects.read(medium.project_id, medium.media_id)}
    newest = await stores.mongo.changes.find_one({"media_id": medium.media_id}, sort=[("at", -1)])
    await asyncio.sleep(0.002)
    await medium.apply(edits.move(one, 1, 5), Delete(id=new_id("e"), object=gone, base_revision=1))
    await medium.made()
    request = {"project_id": medium.project_id, "at": newest["at"]}

    whole = await stores.snapshots.take(TakeSnapshot(snapshot_id=new_id("s"), **request))
    part = await stores.snapshots.take(TakeSnapshot(snapshot_id=new_id("s"), media=[new_id("m")], **request))

    assert {line["id"]: line for line in await lines(stores, whole.object_key)} == {
        name: json.loads(state.model_dump_json()) for name, state in before.items()
    }
    assert (whole.media, whole.objects, part.objects) == ([medium.media_id], 2, 0)
