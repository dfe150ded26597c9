"""History on a real MongoDB: reading changes, restoring earlier states, undoing operations."""

import asyncio
from typing import Any

import pytest

from annotation.domain.batch import Batch
from annotation.domain.tracks import EVERYWHERE, Span
from common.contract import questions
from common.contract.edits import Delete, Revert, SetCategory, SetDone, Split
from common.contract.errors import ErrorKind, Problem
from common.contract.labels import ObjectState
from common.service.ids import new_id

pytestmark = pytest.mark.servers


async def changes(
    stores: Any, medium: Any, cursor: str | None = None, limit: int = 100, **filters: Any
) -> questions.Changes:
    question = questions.ReadChanges(
        project_id=medium.project_id, page=questions.PageRequest(limit=limit, cursor=cursor), **filters
    )
    return questions.Changes.model_validate_json(await stores.history.changes(question))


async def now(stores: Any, medium: Any) -> dict[str, ObjectState]:
    return {one.id: one for one in await stores.objects.read(medium.project_id, medium.media_id)}


async def moment(stores: Any, medium: Any) -> float:
    """A time after all changes so far and before all later ones."""
    newest = await stores.mongo.changes.find_one({"media_id": medium.media_id}, sort=[("at", -1)])
    await asyncio.sleep(0.002)
    return float(newest["at"])


def operation_fields(medium: Any, **more: Any) -> dict[str, Any]:
    given = {"operation": new_id(), "project_id": medium.project_id, "media_id": medium.media_id, "author": "ada"}
    return given | more


def seen(result: questions.OperationResult) -> tuple[int, int]:
    return result.applied, result.failed


async def test_changes_are_read_newest_first_and_page_by_page(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()
    for revision in range(1, 6):
        await medium.apply(edits.move(one, revision, revision))
    all_of_it = (await changes(stores, medium)).items

    assert [entry.revision for entry in all_of_it] == [6, 5, 4, 3, 2, 1]
    assert (all_of_it[0].author, all_of_it[0].edit["verb"], all_of_it[-1].edit["verb"]) == (
        "ada",
        "put_keyframe",
        "create",
    )
    for about in ({}, {"author": "ada"}, {"media_id": medium.media_id}):
        first = await changes(stores, medium, limit=4, **about)
        second = await changes(stores, medium, limit=4, cursor=first.next_cursor, **about)
        assert first.items + second.items == all_of_it
        assert second.next_cursor is None


async def test_changes_of_one_batch_are_on_one_page_or_the_next(medium: Any, edits: Any, stores: Any) -> None:
    await medium.apply(*(edits.create(new_id("o")) for _ in range(7)))

    found, cursor = [], None
    for _ in range(4):
        page = await changes(stores, medium, limit=2, cursor=cursor, media_id=medium.media_id)
        found += [entry.object_id for entry in page.items]
        cursor = page.next_cursor

    assert cursor is None
    assert len(found) == len(set(found)) == 7


async def test_changes_are_filtered_by_author_and_frames(medium: Any, edits: Any, stores: Any) -> None:
    early = edits.create(new_id("o"), edits.keyframe(0), edits.keyframe(10, outside=True))
    late = edits.create(new_id("o"), edits.keyframe(100))
    await medium.apply(early)
    await medium.apply(late, author="ben")

    async def found(**about: Any) -> list[str]:
        return [entry.object_id for entry in (await changes(stores, medium, **about)).items]

    assert await found(author="ben") == [late.object]
    assert await found(media_id=medium.media_id, author="ada") == [early.object]
    assert await found(media_id=medium.media_id, first=0, last=50) == [early.object]
    assert await found(media_id=medium.media_id, first=50) == [late.object]
    assert await found(media_id=new_id("m")) == []
    with pytest.raises(Problem) as refused:
        await changes(stores, medium, cursor="nonsense")
    assert refused.value.kind == ErrorKind.INVALID


async def test_objects_are_read_as_of_a_time(medium: Any, edits: Any, stores: Any) -> None:
    one, gone = await medium.made(edits.keyframe(5)), await medium.made(edits.keyframe(100))
    before = await now(stores, medium)
    at = await moment(stores, medium)
    await medium.apply(edits.move(one, 1, 9), Delete(id=new_id("e"), object=gone, base_revision=1))
    await medium.made()

    async def then(moment: float, frames: Span = EVERYWHERE, project_id: str = medium.project_id) -> dict[str, Any]:
        found = stores.history.at(project_id, medium.media_id, moment, frames)
        return {state.object_id: ObjectState.model_validate_json(state.state) async for state in found}

    assert await then(at) == before
    assert (await then(at, Span(0, 99))).keys() == {one}
    assert await then(at + 60) == await now(stores, medium)
    assert await then(1.0) == {}
    assert await then(at, project_id="other") == {}


async def test_objects_are_restored_to_a_time(medium: Any, edits: Any, stores: Any) -> None:
    moved, deleted, kept = [await medium.made(edits.keyframe(5)) for _ in range(3)]
    before = await now(stores, medium)
    at = await moment(stores, medium)
    await medium.apply(edits.move(moved, 1, 9), author="ben")
    await medium.apply(Delete(id=new_id("e"), object=deleted, base_revision=1))
    await medium.made()
    question = questions.RestoreMoment(**operation_fields(medium), at=at)

    result = await stores.operations.restore(question)

    assert seen(result) == (3, 0)
    after = await now(stores, medium)
    assert {one: state.keyframes for one, state in after.items()} == {
        one: state.keyframes for one, state in before.items()
    }
    assert (after[kept].revision, after[moved].revision) == (1, 3)
    assert await stores.operations.restore(question) == result
    assert await now(stores, medium) == after


async def test_only_objects_on_the_frames_are_restored(medium: Any, edits: Any, stores: Any) -> None:
    early = await medium.made(edits.keyframe(0), edits.keyframe(50, outside=True))
    late = await medium.made(edits.keyframe(100))
    at = await moment(stores, medium)
    await medium.apply(edits.move(early, 1, 3), edits.move(late, 1, 103))

    assert seen(
        await stores.operations.restore(questions.RestoreMoment(**operation_fields(medium), at=at, first=0, last=60))
    ) == (
        1,
        0,
    )

    assert {one: len(state.keyframes) for one, state in (await now(stores, medium)).items()} == {early: 2, late: 2}


async def test_the_last_operations_of_a_user_are_undone(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()
    await medium.apply(edits.move(one, 1, 5))
    await medium.apply(edits.move(one, 2, 6), author="ben")
    await medium.apply(edits.move(one, 3, 7))

    async def undo(count: int) -> tuple[int, int]:
        return seen(
            await stores.operations.undo(questions.UndoEdits(**operation_fields(medium), count=count, of="ada"))
        )

    async def frames() -> list[int]:
        return [keyframe.frame for keyframe in (await now(stores, medium))[one].keyframes]

    assert (await undo(1), await frames()) == ((1, 0), [0, 5, 6])
    assert (await undo(1), await frames()) == ((1, 0), [0, 6])
    # The creation cannot be undone, because another user has changed the object since.
    assert (await undo(1), await frames()) == ((0, 1), [0, 6])
    assert seen(
        await stores.operations.undo(questions.UndoEdits(**operation_fields(medium), of="ben", of_session="other"))
    ) == (
        0,
        0,
    )


async def test_a_repeated_undo_undoes_nothing_more(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()
    for revision in range(1, 4):
        await medium.apply(edits.move(one, revision, revision))
    question = questions.UndoEdits(**operation_fields(medium), count=2, of="ada")

    answers = [await stores.operations.undo(question) for _ in range(3)]

    assert answers == [answers[0]] * 3
    assert seen(answers[0]) == (2, 0)
    state = (await now(stores, medium))[one]
    assert ([keyframe.frame for keyframe in state.keyframes], state.revision) == ([0, 1], 6)


async def test_a_redone_change_can_be_undone_again(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()
    await medium.apply(edits.move(one, 1, 5))
    await stores.operations.undo(questions.UndoEdits(**operation_fields(medium), of="ada"))
    await medium.apply(Revert(id=new_id("e"), object=one, base_revision=3, revision=3))
    assert len((await now(stores, medium))[one].keyframes) == 2

    assert seen(await stores.operations.undo(questions.UndoEdits(**operation_fields(medium), of="ada"))) == (1, 0)

    assert len((await now(stores, medium))[one].keyframes) == 1


async def test_an_operation_on_many_objects_is_undone_as_a_whole(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made(edits.keyframe(0), edits.keyframe(10))
    split = Split(id=new_id("e"), object=one, base_revision=1, frame=5, into=new_id("o"))
    await medium.apply(split)
    together = {"operation": new_id()}
    await medium.apply(
        SetDone(id=new_id("e"), object=one, base_revision=2, done=True, **together),
        SetDone(id=new_id("e"), object=split.into, base_revision=1, done=True, **together),
    )
    before = await now(stores, medium)
    assert [state.done for state in before.values()] == [True, True]

    assert seen(await stores.operations.undo(questions.UndoEdits(**operation_fields(medium), of="ada"))) == (2, 0)
    assert [state.done for state in (await now(stores, medium)).values()] == [False, False]
    assert seen(await stores.operations.undo(questions.UndoEdits(**operation_fields(medium), of="ada"))) == (2, 0)

    after = await now(stores, medium)
    assert ([keyframe.frame for keyframe in after[one].keyframes], set(after)) == ([0, 10], {one})


async def test_all_objects_of_a_clip_are_deleted_in_one_operation(medium: Any, edits: Any, stores: Any) -> None:
    inside = [edits.create(new_id("o"), edits.keyframe(5), edits.keyframe(9, outside=True)) for _ in range(501)]
    await medium.apply(*inside[:500])
    await medium.apply(*inside[500:])
    outside = await medium.made(edits.keyframe(2000))
    selection = questions.Selection(first=0, last=1799)
    question = questions.EditSelection(**operation_fields(medium), selection=selection, change={"verb": "delete"})

    result = await stores.operations.edit_selection(question)

    assert seen(result) == (501, 0)
    assert (await now(stores, medium)).keys() == {outside}
    assert await stores.operations.edit_selection(question) == result
    undone = await stores.operations.undo(questions.UndoEdits(**operation_fields(medium), of="ada"))
    assert seen(undone) == (501, 0)
    assert len(await now(stores, medium)) == 502


async def test_a_selection_filters_objects(medium: Any, edits: Any, stores: Any) -> None:
    car, bus = await medium.made(), await medium.made(category="Bus")
    machine = edits.create(new_id("o"), source="model")
    await medium.apply(machine, automatic=True)

    async def change(**selection: Any) -> tuple[int, int]:
        done = {"verb": "set_done", "done": True}
        about = operation_fields(medium, selection=questions.Selection(**selection), change=done)
        return seen(await stores.operations.edit_selection(questions.EditSelection(**about)))

    assert await change(category="Bus") == (1, 0)
    assert await change(source="model") == (1, 0)
    assert await change(annotation_type="polygon") == (0, 0)
    assert await change(objects=[car, new_id("o")]) == (1, 0)
    assert {one for one, state in (await now(stores, medium)).items() if state.done} == {car, bus, machine.object}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"verb": "fly"}, "change"),
        ({"verb": "move", "dx": "far", "dy": 0}, "change.move.dx"),
        ({"verb": "split", "frame": 3, "into": "x"}, "change.verb"),
        ({"verb": "restore", "revision": 1}, "change.verb"),
    ],
)
async def test_an_invalid_bulk_change_is_refused(medium: Any, stores: Any, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Problem) as refused:
        await stores.operations.edit_selection(
            questions.EditSelection(**operation_fields(medium), selection=questions.Selection(), change=change)
        )

    assert (refused.value.kind, refused.value.errors[0].field) == (ErrorKind.INVALID, field)


async def test_failures_are_reported_by_object(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made()
    question = questions.EditSelection(
        **operation_fields(medium), selection=questions.Selection(), change={"verb": "remove_keyframe", "frame": 7}
    )

    result = await stores.operations.edit_selection(question)

    assert seen(result) == (0, 1)
    assert [(failure.id, failure.status) for failure in result.failures] == [(one, "refused")]


async def test_time_points_are_frames_with_manual_keyframes(medium: Any, edits: Any, stores: Any) -> None:
    one = await medium.made(edits.keyframe(5), edits.keyframe(9, outside=True))
    machine = edits.create(new_id("o"), edits.keyframe(5).model_copy(update={"source": "model"}), source="model")
    two = edits.create(new_id("o"), edits.keyframe(3), edits.keyframe(5))
    await medium.apply(machine, two)

    found: questions.TimePoints = await stores.objects.time_points(medium.project_id, medium.media_id)

    assert [(point.frame, set(point.objects)) for point in found.items] == [(3, {two.object}), (5, {one, two.object})]


async def test_history_contains_the_previous_category(medium: Any, stores: Any) -> None:
    one = await medium.made()
    await medium.apply(SetCategory(id=new_id("e"), object=one, base_revision=1, category="Bus"))
    batch = Batch(
        medium.project_id, medium.media_id, [Revert(id=new_id("e"), object=one, base_revision=2, revision=2)], "ben"
    )

    (result,) = await stores.editing.apply(batch)

    assert (result.status, result.object.category, result.object.revision) == ("applied", "Car", 3)
