"""Edits on a real MongoDB: concurrent transactions, reading, and queries that use indexes."""

import asyncio
import time
from typing import Any

import pytest

from annotation.domain.batch import Batch
from annotation.domain.clips import ClipCount
from annotation.domain.tracks import Span
from common.contract import questions
from common.contract.edits import Delete, RemoveKeyframe, Restore, SetAttributes, SetDone
from common.contract.errors import Problem
from common.service.ids import new_id
from common.storage.cursor import encode_cursor

pytestmark = pytest.mark.servers


def statuses(results: list[Any]) -> list[str]:
    return [result.status for result in results]


async def history(stores: Any, one: str, page: questions.PageRequest | None = None) -> questions.History:
    return questions.History.model_validate_json(await stores.history.of_object(one, page or questions.PageRequest()))


async def test_an_edit_is_stored_with_its_history(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made(edits.keyframe(5))
    await medium.apply(edits.move(one, 1, 20), session="tab", author="ben")

    (state,) = await stores.objects.read(medium.project_id, medium.media_id)
    assert ([keyframe.frame for keyframe in state.keyframes], state.revision, state.author) == ([5, 20], 2, "ada")
    newest = await history(stores, one, questions.PageRequest(limit=1))
    assert [(entry.revision, entry.author, entry.session) for entry in newest.items] == [(2, "ben", "tab")]
    assert newest.items[0].object == state
    oldest = await history(stores, one, questions.PageRequest(limit=1, cursor=newest.next_cursor))
    assert [entry.edit["verb"] for entry in oldest.items] == ["create"]
    assert oldest.next_cursor is None
    assert (await stores.objects.owner(one)).media_id == medium.media_id


async def test_a_range_contains_visible_objects_and_keyframes(medium: Any, edits: Any, stores: Any) -> None:
    held = await medium.made(edits.keyframe(100))
    short = await medium.made(edits.keyframe(100), edits.keyframe(200, outside=True))
    gap = await medium.made(edits.keyframe(0), edits.keyframe(50, outside=True), edits.keyframe(300))
    gone = await medium.made(edits.keyframe(100))
    await medium.apply(Delete(id=new_id("e"), object=gone, base_revision=1))

    async def on(first: int, last: int) -> set[str]:
        return {one.id for one in await stores.objects.read(medium.project_id, medium.media_id, Span(first, last))}

    assert await on(0, 99) == {gap}
    assert await on(60, 99) == set()
    assert await on(150, 160) == {held, short}
    assert await on(200, 200) == {held, short}
    assert await on(201, 299) == {held}
    assert await on(300, 9999) == {held, gap}
    assert await stores.objects.read("other", medium.media_id) == []


async def test_concurrent_copies_of_a_batch_are_applied_once(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()
    batch = medium.batch(edits.move(one, 1, 7), edits.create(new_id("o")))

    answers = await asyncio.gather(*(stores.editing.apply(batch) for _ in range(8)))

    assert sorted(map(statuses, answers)) == [["applied", "applied"]] + [["duplicate", "duplicate"]] * 7
    assert len({result.model_dump_json(exclude={"status"}) for (result, _) in answers}) == 1
    assert len(await stores.objects.read(medium.project_id, medium.media_id)) == 2
    assert len((await history(stores, one)).items) == 2


async def test_the_json_answer_equals_the_results(medium: Any, edits: Any, stores: Any) -> None:
    one, two = await medium.made(), await medium.made()
    batch = medium.batch(
        edits.move(one, 1, 7),
        edits.move(one, 1, 9),
        edits.create(two),
        Delete(id=new_id("e"), object=new_id("o"), base_revision=1),
        edits.move(two, 1, 3),
    )

    first = questions.EditResults.model_validate_json(await stores.editing.apply_json(batch)).results
    again = questions.EditResults.model_validate_json(await stores.editing.apply_json(batch)).results

    assert statuses(first) == ["applied", "applied", "refused", "refused", "applied"]
    assert statuses(again) == ["duplicate", "duplicate", "refused", "refused", "duplicate"]
    assert again == await stores.editing.apply(batch)
    same = [result.model_copy(update={"status": "applied"}) for result in again if result.status == "duplicate"]
    assert same == [result for result in first if result.status == "applied"]
    states = {state.id: state for state in await stores.objects.read(medium.project_id, medium.media_id)}
    assert (states[one], states[two]) == (first[1].object, first[4].object)


async def test_writes_of_other_replicas_are_seen(medium: Any, edits: Any, stores: Any) -> None:
    replicas = [stores.editing, stores.another_editor()]
    one, two = await medium.made(), await medium.made()
    for turn in range(1, 9):
        batch = medium.batch(edits.move(one, turn, turn), edits.move(two, turn, 90, turn))
        assert statuses(await replicas[turn % 3 % 2].apply(batch)) == ["applied", "applied"]

    first, second = sorted(await stores.objects.read(medium.project_id, medium.media_id), key=lambda state: state.id)
    assert [keyframe.frame for keyframe in first.keyframes] == list(range(9))
    assert [(keyframe.frame, keyframe.geometry.x1) for keyframe in second.keyframes] == [(0, 0), (90, 8)]
    entries = (await history(stores, one)).items
    assert [len(entry.object.keyframes) for entry in entries] == list(range(9, 0, -1))


async def test_every_edit_of_a_batch_is_in_the_history(medium: Any, edits: Any, stores: Any) -> None:
    one = edits.create(new_id("o"))
    moves = [edits.move(one.object, 1, frame % 40, frame) for frame in range(1, 100)]

    assert set(statuses(await medium.apply(one, *moves))) == {"applied"}

    entries = (await history(stores, one.object)).items
    state: dict[int, float] = {0: 0}
    for move, entry in zip(moves, entries[-2::-1], strict=True):
        state[move.keyframe.frame] = move.keyframe.geometry.x1
        assert {one.frame: one.geometry.model_dump()["x1"] for one in entry.object.keyframes} == state


async def test_an_edit_id_used_for_another_object_is_refused(medium: Any, edits: Any) -> None:
    one, two = await medium.made(), await medium.made()
    move = edits.move(one, 1, 7)
    await medium.apply(move)

    (result,) = await medium.apply(move.model_copy(update={"object": two}))

    assert (result.status, result.reason.code == "edit_id_reused") == ("refused", True)


async def test_concurrent_edits_of_different_keyframes_are_kept(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()

    answers = await asyncio.gather(*(medium.apply(edits.move(one, 1, frame, frame)) for frame in range(1, 17)))

    assert [statuses(answer) for answer in answers] == [["applied"]] * 16
    (state,) = await stores.objects.read(medium.project_id, medium.media_id)
    assert [(keyframe.frame, keyframe.geometry.x1) for keyframe in state.keyframes] == [(n, n) for n in range(17)]
    assert sorted(answer[0].revision for answer in answers) == list(range(2, 18))
    assert state.revision == 17


async def test_concurrent_edits_of_the_same_keyframe_have_one_winner(medium: Any, edits: Any) -> None:
    one = await medium.made()

    answers = await asyncio.gather(*(medium.apply(edits.move(one, 1, 5, x1)) for x1 in range(6)))

    found = sorted(answer[0].status for answer in answers)
    assert found == ["applied"] + ["conflict"] * 5
    winner = next(answer[0] for answer in answers if answer[0].status == "applied")
    assert all(answer[0].object == winner.object for answer in answers)


async def test_concurrent_creations_of_an_object_have_one_winner(medium: Any, edits: Any) -> None:
    one = new_id("o")

    answers = await asyncio.gather(*(medium.apply(edits.create(one)) for _ in range(4)))

    assert sorted(answer[0].status for answer in answers) == ["applied", "refused", "refused", "refused"]


async def test_a_failed_atomic_batch_stores_nothing(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()
    bad = RemoveKeyframe(id=new_id("e"), object=one, base_revision=1, frame=9)

    assert statuses(await medium.apply(edits.create(new_id("o")), bad, atomic=True)) == ["refused", "refused"]

    assert len(await stores.objects.read(medium.project_id, medium.media_id)) == 1


async def test_an_object_is_restored_unchanged(medium: Any, edits: Any) -> None:
    one = await medium.made(edits.keyframe(3), attributes={"a": 1.5})
    await medium.apply(edits.move(one, 1, 9), Delete(id=new_id("e"), object=one, base_revision=1))

    (result,) = await medium.apply(Restore(id=new_id("e"), object=one, base_revision=3, revision=1))

    assert (result.status, result.revision) == ("applied", 4)
    assert ([keyframe.frame for keyframe in result.object.keyframes], result.object.deleted) == ([3], False)


async def test_attribute_names_may_contain_any_characters(medium: Any, edits: Any, stores: Any) -> None:
    wild = {"$ref": "x", "$id": "y", "a.b": True, "$set": 1.5, "ключ\n\0": "значение"}
    one = await medium.made(attributes=wild)
    await medium.apply(SetAttributes(id=new_id("e"), object=one, base_revision=1, attributes={"$db": "z", "a.b": None}))

    (state,) = await stores.objects.read(medium.project_id, medium.media_id)
    wild.pop("a.b")
    assert state.attributes == wild | {"$db": "z"}
    entry = (await history(stores, one)).items[0]
    assert entry.edit["attributes"] == {"$db": "z", "a.b": None}


async def test_an_object_of_another_medium_cannot_be_edited(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()
    await stores.media.set_length(medium.project_id, "elsewhere", 10)
    batch = Batch(medium.project_id, "elsewhere", [edits.move(one, 1, 5), edits.create(one)], "eve")

    assert statuses(await stores.editing.apply(batch)) == ["refused", "refused"]


async def test_edits_need_a_medium(medium: Any, edits: Any, stores: Any) -> None:
    edit = edits.create(new_id("o"))

    async def refusal(project_id: str, media_id: str, **more: Any) -> str:
        with pytest.raises(Problem) as refused:
            await stores.editing.apply(Batch(project_id, media_id, [edit], "ada", **more))
        return refused.value.code

    assert await refusal(medium.project_id, new_id("m")) == "medium_not_ready"
    assert await refusal("other", medium.media_id) == "medium_not_found"
    await stores.media.delete(medium.project_id, medium.media_id)
    assert await refusal(medium.project_id, medium.media_id) == "medium_not_found"
    # The frame count known to the client is sufficient until the event has arrived.
    batch = Batch(medium.project_id, new_id("m"), [edit], "ada", frame_count=1)
    assert statuses(await stores.editing.apply(batch)) == ["applied"]


async def test_late_messages_do_not_restore_a_deleted_medium(medium: Any, edits: Any, stores: Any) -> None:
    await medium.made()
    for _ in range(2):
        await stores.media.delete(medium.project_id, medium.media_id)
    await stores.media.extend(medium.project_id, medium.media_id, 1800)
    await stores.media.set_length(medium.project_id, medium.media_id, 4000)

    assert (await stores.media.find(medium.media_id)).deleted
    for collection in ("objects", "changes", "suggestions", "clips"):
        assert await stores.mongo[collection].find_one({"media_id": medium.media_id}) is None


async def test_frames_are_known_up_to_the_ready_clips(edits: Any, stores: Any) -> None:
    project_id, media_id = new_id("p"), new_id("m")
    await stores.media.extend(project_id, media_id, 1800)
    await stores.media.extend(project_id, media_id, 900)
    batch = Batch(
        project_id, media_id, [edits.create(new_id("o"), edits.keyframe(frame)) for frame in (1799, 1800)], "ada"
    )

    assert statuses(await stores.editing.apply(batch)) == ["applied", "refused"]


async def test_clips_count_visible_objects(medium: Any, edits: Any, stores: Any) -> None:
    await medium.made(edits.keyframe(0), edits.keyframe(10, outside=True), edits.keyframe(3600))
    machine = edits.create(new_id("o"), edits.keyframe(1700), edits.keyframe(1801, outside=True), source="model")
    await medium.apply(machine, automatic=True)

    assert await stores.clips.count(medium.media_id, [0, 1, 2]) == {
        0: ClipCount(2, by_person=True),
        1: ClipCount(1, by_person=False),
        2: ClipCount(1, by_person=True),
    }
    await medium.apply(SetDone(id=new_id("e"), object=machine.object, base_revision=1, done=True))
    assert (await stores.clips.count(medium.media_id, [1]))[1].label_state == "labeled"


async def test_a_count_that_began_before_the_last_mark_is_repeated(medium: Any, stores: Any) -> None:
    clip = (medium.project_id, medium.media_id, 0)
    await stores.clips.mark([clip])
    (early,) = (await stores.clips.dirty())[medium.media_id]
    await stores.clips.mark([clip])

    await stores.clips.save([(early, ClipCount(5))])

    (late,) = (await stores.clips.dirty())[medium.media_id]
    assert late.objects == 0
    await stores.clips.save([(late, ClipCount(6))])
    assert medium.media_id not in await stores.clips.dirty()
    key = f"{medium.media_id}:0"
    (entry,) = [one async for one in stores.clips.unpublished(0.0) if one.key == key]
    (state,) = entry.events
    assert (state.objects, state.revision, entry.token) == (6, 1, 1)
    await stores.clips.mark_published([entry])
    assert key not in {one.key async for one in stores.clips.unpublished(0.0)}


async def ask_for_what_was(medium: Any, stores: Any) -> None:
    """All queries of history and statistics."""
    project, about = medium.project_id, {"project_id": medium.project_id, "media_id": medium.media_id}
    for given in ({}, {"author": "ada"}, about, about | {"author": "ada", "first": 0, "last": 9}):
        page = questions.PageRequest(limit=1, cursor=encode_cursor(time.time(), "x"))
        await stores.history.changes(questions.ReadChanges(**{"project_id": project, "page": page} | given))
    act = about | {"author": "ada"}
    await stores.operations.edit_selection(
        questions.EditSelection(
            **act, operation=new_id(), selection=questions.Selection(category="Car"), change={"verb": "delete"}
        )
    )
    await stores.operations.undo(questions.UndoEdits(**act, operation=new_id(), of="ada", of_session="tab"))
    await stores.operations.restore(
        questions.RestoreMoment(**act, operation=new_id(), at=time.time() - 1, first=0, last=9)
    )
    await stores.objects.time_points(project, medium.media_id)
    for measure, by in (("objects", "category"), ("objects", "attribute"), ("edits", "medium"), ("seconds", "day")):
        request = questions.ReadStatistics(project_id=project, measure=measure, by=[by], since="2020-01-01")
        await stores.statistics.read(request)
    await stores.events.mark_published([one async for one in stores.events.unpublished(0.0)])


async def test_no_query_scans_a_collection(medium: Any, edits: Any, stores: Any, no_scan: Any) -> None:
    """The profiler of the server records the plans of all queries."""
    async with no_scan() as queries:
        one = await medium.made(edits.keyframe(0))
        batch = medium.batch(edits.move(one, 1, 5), edits.move(one, 1, 6))
        await asyncio.gather(*(stores.editing.apply(batch) for _ in range(3)))
        await medium.apply(SetDone(id=new_id("e"), object=one, base_revision=1, done=True))
        await medium.apply(Restore(id=new_id("e"), object=one, base_revision=4, revision=1))
        await stores.objects.read(medium.project_id, medium.media_id, Span(0, 10))
        await history(stores, one, questions.PageRequest(limit=2, cursor=encode_cursor(4)))
        await stores.objects.owner(one)
        await stores.changes.backlog(0.0)
        await stores.changes.mark_published([change async for change in stores.changes.unpublished(0.0)])
        await stores.clips.mark([(medium.project_id, medium.media_id, 0)])
        await stores.clips.is_crossed(medium.media_id, 0, 1799)
        dirty = (await stores.clips.dirty())[medium.media_id]
        counts = await stores.clips.count(medium.media_id, [0])
        await stores.clips.save([(dirty[0], counts[0])])
        await stores.clips.mark_published([clip async for clip in stores.clips.unpublished(0.0)])
        for media in (None, [medium.media_id]):
            for at in (None, time.time()):
                about = {"snapshot_id": new_id("s"), "project_id": medium.project_id}
                await stores.snapshots.take(questions.TakeSnapshot(**about, media=media, at=at))
        await ask_for_what_was(medium, stores)
        await stores.media.extend(medium.project_id, medium.media_id, 10)
        await stores.media.find_all({medium.media_id})
        await stores.media.delete(medium.project_id, medium.media_id)
    assert len(queries) > 4
