"""The stores on a real MongoDB and S3: transactions that meet, queries that use indexes, snapshots that are whole."""

import asyncio
import gzip
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from annotation.domain.batch import Batch
from annotation.domain.clips import Count
from annotation.domain.missions import OBJECT_DETECTION
from annotation.domain.tracks import Span
from annotation.store.snapshots import PART_BYTES, packed_parts
from common.errors import Problem
from common.events import LabelsSuggested
from common.ids import new_id
from common.labels import Category, Delete, Mission, RemoveKeyframe, Restore, SetAttributes, SetDone, Suggestion
from common.objects import snapshot_key
from common.questions import Page, TakeSnapshot

pytestmark = pytest.mark.servers


def statuses(results: list[Any]) -> list[str]:
    return [result.status for result in results]


async def test_an_edit_is_stored_with_its_history(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made(edits.keyframe(5))
    await medium.apply(edits.move(one, 1, 20), session="tab", author="ben")

    (state,) = await stores.labels.read(medium.project_id, medium.media_id)
    assert ([keyframe.frame for keyframe in state.keyframes], state.revision, state.author) == ([5, 20], 2, "ada")
    newest = await stores.labels.history(one, Page(limit=1))
    assert [(entry.revision, entry.author, entry.session) for entry in newest.items] == [(2, "ben", "tab")]
    assert newest.items[0].object == state
    oldest = await stores.labels.history(one, Page(limit=1, cursor=newest.next_cursor))
    assert [entry.edit["verb"] for entry in oldest.items] == ["create"]
    assert oldest.next_cursor is None
    assert (await stores.labels.owner(one)).media_id == medium.media_id


async def test_a_range_of_frames_has_what_is_visible_or_has_a_keyframe_on_it(
    medium: Any, edits: Any, stores: Any
) -> None:
    held = await medium.made(edits.keyframe(100))
    short = await medium.made(edits.keyframe(100), edits.keyframe(200, outside=True))
    gap = await medium.made(edits.keyframe(0), edits.keyframe(50, outside=True), edits.keyframe(300))
    gone = await medium.made(edits.keyframe(100))
    await medium.apply(Delete(id=new_id("e"), object=gone, base_revision=1))

    async def on(first: int, last: int) -> set[str]:
        return {one.id for one in await stores.labels.read(medium.project_id, medium.media_id, Span(first, last))}

    assert await on(0, 99) == {gap}
    assert await on(60, 99) == set()
    assert await on(150, 160) == {held, short}
    assert await on(200, 200) == {held, short}
    assert await on(201, 299) == {held}
    assert await on(300, 9999) == {held, gap}
    assert await stores.labels.read("other", medium.media_id) == []


async def test_the_same_batch_many_times_at_once_is_applied_once(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()
    batch = medium.batch(edits.move(one, 1, 7), edits.create(new_id("o")))

    answers = await asyncio.gather(*(stores.labels.apply(batch) for _ in range(8)))

    assert sorted(map(statuses, answers)) == [["applied", "applied"]] + [["duplicate", "duplicate"]] * 7
    assert len({result.model_dump_json(exclude={"status"}) for (result, _) in answers}) == 1
    assert len(await stores.labels.read(medium.project_id, medium.media_id)) == 2
    assert len((await stores.labels.history(one, Page())).items) == 2


async def test_people_on_different_keyframes_of_one_object_lose_nothing(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()

    answers = await asyncio.gather(*(medium.apply(edits.move(one, 1, frame, frame)) for frame in range(1, 17)))

    assert [statuses(answer) for answer in answers] == [["applied"]] * 16
    (state,) = await stores.labels.read(medium.project_id, medium.media_id)
    assert [(keyframe.frame, keyframe.geometry.x1) for keyframe in state.keyframes] == [(n, n) for n in range(17)]
    assert sorted(answer[0].revision for answer in answers) == list(range(2, 18))
    assert state.revision == 17


async def test_people_on_the_same_keyframe_get_one_winner(medium: Any, edits: Any) -> None:
    one = await medium.made()

    answers = await asyncio.gather(*(medium.apply(edits.move(one, 1, 5, x1)) for x1 in range(6)))

    found = sorted(answer[0].status for answer in answers)
    assert found == ["applied"] + ["conflict"] * 5
    winner = next(answer[0] for answer in answers if answer[0].status == "applied")
    assert all(answer[0].object == winner.object for answer in answers)


async def test_two_who_make_the_same_object_get_one(medium: Any, edits: Any) -> None:
    one = new_id("o")

    answers = await asyncio.gather(*(medium.apply(edits.create(one)) for _ in range(4)))

    assert sorted(answer[0].status for answer in answers) == ["applied", "refused", "refused", "refused"]


async def test_atomic_leaves_nothing_behind(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()
    bad = RemoveKeyframe(id=new_id("e"), object=one, base_revision=1, frame=9)

    assert statuses(await medium.apply(edits.create(new_id("o")), bad, atomic=True)) == ["refused", "refused"]

    assert len(await stores.labels.read(medium.project_id, medium.media_id)) == 1


async def test_an_object_comes_back_as_it_was(medium: Any, edits: Any) -> None:
    one = await medium.made(edits.keyframe(3), attributes={"a": 1.5})
    await medium.apply(edits.move(one, 1, 9), Delete(id=new_id("e"), object=one, base_revision=1))

    (result,) = await medium.apply(Restore(id=new_id("e"), object=one, base_revision=3, revision=1))

    assert (result.status, result.revision) == ("applied", 4)
    assert ([keyframe.frame for keyframe in result.object.keyframes], result.object.deleted) == ([3], False)


async def test_names_of_attributes_may_be_anything(medium: Any, edits: Any, stores: Any) -> None:
    wild = {"$ref": "x", "$id": "y", "a.b": True, "$set": 1.5, "ключ\n\0": "значение"}
    one = await medium.made(attributes=wild)
    await medium.apply(SetAttributes(id=new_id("e"), object=one, base_revision=1, attributes={"$db": "z", "a.b": None}))

    (state,) = await stores.labels.read(medium.project_id, medium.media_id)
    wild.pop("a.b")
    assert state.attributes == wild | {"$db": "z"}
    entry = (await stores.labels.history(one, Page())).items[0]
    assert entry.edit["attributes"] == {"$db": "z", "a.b": None}


async def test_an_object_of_another_medium_is_out_of_reach(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()
    await stores.media.plan(medium.project_id, "elsewhere", 10)
    batch = Batch(medium.project_id, "elsewhere", [edits.move(one, 1, 5), edits.create(one)], "eve")

    assert statuses(await stores.labels.apply(batch)) == ["refused", "refused"]


async def test_edits_need_a_medium(medium: Any, edits: Any, stores: Any) -> None:
    edit = edits.create(new_id("o"))

    async def refusal(project_id: str, media_id: str, **more: Any) -> int:
        with pytest.raises(Problem) as refused:
            await stores.labels.apply(Batch(project_id, media_id, [edit], "ada", **more))
        return refused.value.status

    assert await refusal(medium.project_id, new_id("m")) == 409
    assert await refusal("other", medium.media_id) == 404
    await stores.media.delete(medium.project_id, medium.media_id)
    assert await refusal(medium.project_id, medium.media_id) == 404
    # What the asker knows is enough where the news has not arrived yet.
    batch = Batch(medium.project_id, new_id("m"), [edit], "ada", frame_count=1)
    assert statuses(await stores.labels.apply(batch)) == ["applied"]


async def test_a_deleted_medium_stays_deleted_whatever_comes_late(medium: Any, edits: Any, stores: Any) -> None:
    await medium.made()
    for _ in range(2):
        await stores.media.delete(medium.project_id, medium.media_id)
    await stores.media.extend(medium.project_id, medium.media_id, 1800)
    await stores.media.plan(medium.project_id, medium.media_id, 4000)

    assert (await stores.media.find(medium.media_id)).deleted
    for collection in ("objects", "changes", "suggestions", "clips"):
        assert await stores.mongo[collection].find_one({"media_id": medium.media_id}) is None


async def test_frames_are_known_as_far_as_clips_are_ready(edits: Any, stores: Any) -> None:
    project_id, media_id = new_id("p"), new_id("m")
    await stores.media.extend(project_id, media_id, 1800)
    await stores.media.extend(project_id, media_id, 900)
    batch = Batch(
        project_id, media_id, [edits.create(new_id("o"), edits.keyframe(frame)) for frame in (1799, 1800)], "ada"
    )

    assert statuses(await stores.labels.apply(batch)) == ["applied", "refused"]


async def test_clips_count_what_is_visible_on_them(medium: Any, edits: Any, stores: Any) -> None:
    await medium.made(edits.keyframe(0), edits.keyframe(10, outside=True), edits.keyframe(3600))
    machine = edits.create(new_id("o"), edits.keyframe(1700), edits.keyframe(1801, outside=True), source="model")
    await medium.apply(machine, automatic=True)

    assert await stores.clips.count(medium.media_id, [0, 1, 2]) == {
        0: Count(2, by_person=True),
        1: Count(1, by_person=False),
        2: Count(1, by_person=True),
    }
    await medium.apply(SetDone(id=new_id("e"), object=machine.object, base_revision=1, done=True))
    assert (await stores.clips.count(medium.media_id, [1]))[1].label_state == "labeled"


async def test_a_count_that_began_before_the_last_mark_does_not_count(medium: Any, stores: Any) -> None:
    clip = (medium.project_id, medium.media_id, 0)
    await stores.clips.mark([clip])
    (early,) = (await stores.clips.dirty())[medium.media_id]
    await stores.clips.mark([clip])

    await stores.clips.save([(early, Count(5))])

    (late,) = (await stores.clips.dirty())[medium.media_id]
    assert "objects" not in late
    await stores.clips.save([(late, Count(6))])
    assert medium.media_id not in await stores.clips.dirty()
    (state,) = [one for one in await stores.clips.untold() if one.media_id == medium.media_id]
    assert (state.objects, state.revision) == (6, 1)
    await stores.clips.mark_told([state])
    assert medium.media_id not in {one.media_id for one in await stores.clips.untold()}


async def test_missions_are_there_from_the_first_day_and_once(stores: Any) -> None:
    project_id = new_id("p")

    lists = await asyncio.gather(*(stores.missions.of_project(project_id) for _ in range(5)))

    assert all(found == lists[0] for found in lists)
    assert lists[0][0].name == OBJECT_DETECTION
    assert len(lists[0]) == 4


async def test_a_mission_is_added_replaced_and_kept_apart(stores: Any) -> None:
    project_id = new_id("p")
    cows = Mission(
        id=new_id("m"), name="Cows", builtin=True, behaviors={"$graze.": ["fast"]},
        categories=[Category(name="Cow", color="#112233", attributes={"a.b": ["$x"]})],
    )  # fmt: skip

    saved = await stores.missions.save(project_id, cows)

    assert saved == cows.model_copy(update={"builtin": False})
    assert await stores.missions.save(project_id, cows) == saved
    assert (await stores.missions.of_project(project_id))[-1] == saved
    with pytest.raises(Problem) as taken:
        await stores.missions.save(project_id, cows.model_copy(update={"id": new_id("m")}))
    assert taken.value.status == 409
    with pytest.raises(Problem) as foreign:
        await stores.missions.save(new_id("p"), cows.model_copy(update={"name": "Other"}))
    assert foreign.value.status == 404


async def test_detected_labels_become_categories_once(stores: Any) -> None:
    project_id = new_id("p")

    await asyncio.gather(*(stores.missions.detecting(project_id, ["dog", "cat"]) for _ in range(4)))

    names = [category.name for category in (await stores.missions.of_project(project_id))[0].categories]
    assert sorted(names) == ["Bicycle", "Pedestrian", "Scooter", "Vehicle", "cat", "dog"]


async def test_a_suggestion_kept_twice_stays_as_it_was(medium: Any, edits: Any, stores: Any) -> None:
    event = LabelsSuggested(
        project_id=medium.project_id, media_id=medium.media_id, run_id="r", clip=0, first=0, last=9, object_key="k",
        count=1, model="nano", accept="suggest", author="ada",
    )  # fmt: skip
    track = Suggestion(id=new_id("s"), label="dog", score=0.5, keyframes=[edits.keyframe(0)])
    await stores.suggestions.keep(event, [(track, track.keyframes)])
    await stores.mongo.suggestions.update_one({"_id": track.id}, {"$set": {"review": "accepted"}})

    await stores.suggestions.keep(event, [(track, track.keyframes)])

    assert (await stores.mongo.suggestions.find_one({"_id": track.id}))["review"] == "accepted"


async def lines(stores: Any, key: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(await stores.objects.get(key)).splitlines()]


async def test_a_snapshot_is_taken_once(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made(attributes={"$ref": "x", "$id": 1.0})
    gone = await medium.made()
    await medium.apply(Delete(id=new_id("e"), object=gone, base_revision=1))
    asked = TakeSnapshot(snapshot_id=new_id("s"), project_id=medium.project_id)

    answers = await asyncio.gather(*(stores.snapshots.take(asked) for _ in range(3)))
    await medium.made()
    again = await stores.snapshots.take(asked)

    assert all(answer == again for answer in answers)
    (state, _) = await stores.labels.read(medium.project_id, medium.media_id)
    assert (again.objects, again.media, len(again.missions)) == (1, [medium.media_id], 4)
    assert await lines(stores, again.object_key) == [json.loads(state.model_dump_json())]
    assert state.id == one


async def test_parts_are_large_enough_for_s3_and_join_to_one_stream() -> None:
    lines = [random.Random(seed).randbytes(1_000_000) for seed in range(20)]

    async def chunks() -> AsyncIterator[bytes]:
        for line in lines:
            yield line

    parts = [part async for part in packed_parts(chunks())]

    assert len(parts) == 3
    assert all(PART_BYTES <= len(part) < PART_BYTES + 2_000_000 for part in parts[:-1])
    assert gzip.decompress(b"".join(parts)) == b"".join(lines)


async def test_an_empty_snapshot_is_one_too(stores: Any) -> None:
    taken = await stores.snapshots.take(TakeSnapshot(snapshot_id=new_id("s"), project_id=new_id("p")))

    assert (taken.objects, await lines(stores, taken.object_key)) == (0, [])


async def test_a_snapshot_is_finished_by_whoever_finds_its_record(medium: Any, stores: Any) -> None:
    await medium.made()
    asked = TakeSnapshot(snapshot_id=new_id("s"), project_id=medium.project_id, media=[medium.media_id])
    await stores.missions.of_project(medium.project_id)
    await stores.snapshots._write(asked)  # killed after the record, before the parts were joined

    await medium.made()
    taken = await stores.snapshots.take(asked)

    assert (taken.objects, len(await lines(stores, taken.object_key))) == (1, 1)


async def test_what_a_killed_attempt_uploaded_does_not_stay(medium: Any, stores: Any) -> None:
    await medium.made()
    asked = TakeSnapshot(snapshot_id=new_id("s"), project_id=medium.project_id)
    key = snapshot_key(medium.project_id, asked.snapshot_id)
    stores.objects.begin_multipart(key, "application/gzip")  # killed before the record

    await stores.snapshots.take(asked)

    assert stores.objects.list_multiparts(key) == []


async def test_a_snapshot_whose_parts_are_gone_is_taken_anew(medium: Any, stores: Any) -> None:
    await medium.made()
    asked = TakeSnapshot(snapshot_id=new_id("s"), project_id=medium.project_id)
    await stores.missions.of_project(medium.project_id)
    record = await stores.snapshots._write(asked)
    stores.objects.abort_multipart(record["object_key"], record["upload"])

    taken = await stores.snapshots.take(asked)

    assert (taken.objects, taken.object_key) == (1, snapshot_key(medium.project_id, asked.snapshot_id))


async def test_a_snapshot_sees_one_moment(medium: Any, edits: Any, stores: Any) -> None:
    """Two objects always move in one batch: a snapshot never has one moved further than the other."""
    pair = [await medium.made(), await medium.made()]
    moving = True

    async def keep_moving() -> None:
        revision = 1
        while moving:
            await medium.apply(*(edits.move(one, revision, 5, revision) for one in pair))
            revision += 1

    mover = asyncio.create_task(keep_moving())
    for _ in range(10):
        taken = await stores.snapshots.take(TakeSnapshot(snapshot_id=new_id("s"), project_id=medium.project_id))
        left, right = await lines(stores, taken.object_key)
        assert left["revision"] == right["revision"]
    moving = False
    await mover


async def test_no_query_scans_a_collection(medium: Any, edits: Any, stores: Any) -> None:
    """The server's profiler writes down the plan of everything that the stores ask."""
    await stores.mongo.command("profile", 2)
    try:
        one = await medium.made(edits.keyframe(0))
        batch = medium.batch(edits.move(one, 1, 5), edits.move(one, 1, 6))
        await asyncio.gather(*(stores.labels.apply(batch) for _ in range(3)))
        await medium.apply(SetDone(id=new_id("e"), object=one, base_revision=1, done=True))
        await medium.apply(Restore(id=new_id("e"), object=one, base_revision=4, revision=1))
        await stores.labels.read(medium.project_id, medium.media_id, Span(0, 10))
        await stores.labels.history(one, Page(limit=2, cursor="4"))
        await stores.labels.owner(one)
        await stores.outbox.backlog(0.0)
        await stores.outbox.mark_told([change.id for change in await stores.outbox.untold()])
        await stores.clips.mark([(medium.project_id, medium.media_id, 0)])
        await stores.clips.is_crossed(medium.media_id, 0, 1799)
        dirty = (await stores.clips.dirty())[medium.media_id]
        counts = await stores.clips.count(medium.media_id, [0])
        await stores.clips.save([(dirty[0], counts[0])])
        await stores.clips.mark_told(await stores.clips.untold())
        await stores.missions.detecting(medium.project_id, ["dog"])
        await stores.missions.save(medium.project_id, Mission(id=new_id("m"), name="Mine"))
        for media in (None, [medium.media_id]):
            asked = TakeSnapshot(snapshot_id=new_id("s"), project_id=medium.project_id, media=media)
            await stores.snapshots.take(asked)
        await stores.media.extend(medium.project_id, medium.media_id, 10)
        await stores.media.find_all({medium.media_id})
        await stores.media.delete(medium.project_id, medium.media_id)
    finally:
        await stores.mongo.command("profile", 0)
    profile = await stores.mongo["system.profile"].find({"ns": {"$not": {"$regex": "system"}}}).to_list(None)
    plans = {(entry["ns"], entry["planSummary"]) for entry in profile if "planSummary" in entry}
    assert len(plans) > 10
    assert not [plan for plan in plans if "COLLSCAN" in plan[1]]
    assert not [entry for entry in profile if entry.get("hasSortStage")]
