"""Labels of whole media on real servers."""

import asyncio
from typing import Any

import pytest

from annotation.domain.batch import Batch
from annotation.domain.derived_edits import label_id
from annotation.domain.media_labels import default_of, make_default
from annotation.domain.missions import OBJECT_DETECTION, mission_id
from annotation.domain.object_class import ObjectClass
from annotation.domain.tracks import visible_spans
from common.contract.edits import Delete, Edit, MakeDefault
from common.contract.errors import reason_for
from common.contract.labels import ObjectState
from common.contract.missions import Category, Mission
from common.contract.questions import CategoryMove, LabelMedia, OperationResult, SaveMission, SyncLabels
from common.service.ids import new_id
from tests.annotation.media_label_builders import CAR, id_of, label, labels


class Library:
    """Media of a project, with shortcuts to label them."""

    def __init__(self, work: Any, stores: Any) -> None:
        self.work, self.stores = work, stores
        self.project_id = new_id("p")
        self.mission = mission_id(self.project_id, OBJECT_DETECTION)

    async def medium(self, frame_count: int = 100) -> str:
        media_id = new_id("m")
        await self.stores.media.set_length(self.project_id, media_id, frame_count)
        return media_id

    async def act(
        self, action: str, category: str, media: list[str] | None, operation: str | None = None, **more: Any
    ) -> OperationResult:
        about = {"operation": operation or new_id("x"), "project_id": self.project_id, "author": "ada"}
        request = LabelMedia.model_validate(
            about | {"action": action, "category": category, "mission": self.mission, "media": media} | more
        )
        result: OperationResult = await self.work.media_labels.label(request, ObjectClass(self.mission, category))
        return result

    async def states(self, media_id: str) -> dict[str, ObjectState]:
        found = await self.stores.objects.read(self.project_id, media_id)
        return {state.category: state for state in found if state.annotation_type == "label"}

    async def default(self, media_id: str) -> str | None:
        found = default_of((await self.states(media_id)).values())
        return found.category if found else None


@pytest.fixture
async def library(work: Any, stores: Any) -> Library:
    made = Library(work, stores)
    await stores.ontologies.missions(made.project_id)
    return made


@pytest.mark.servers
async def test_labels_are_added_to_some_media_and_removed_from_some(library: Library) -> None:
    one, two, three = [await library.medium() for _ in range(3)]

    result = await library.act("add", "Vehicle", [one, two, one])
    await library.act("add", "Vehicle", [two])

    assert (result.applied, result.failed) == (2, 0)
    assert [list(await library.states(medium)) for medium in (one, two, three)] == [["Vehicle"], ["Vehicle"], []]
    (state,) = (await library.states(two)).values()
    assert (state.revision, state.id) == (1, label_id(two, library.mission, "Vehicle"))
    assert (await library.act("remove", "Vehicle", [two, three])).applied == 1
    assert await library.states(two) == {}
    await library.act("add", "Vehicle", [two])
    assert (await library.states(two))["Vehicle"].revision == 3


@pytest.mark.servers
async def test_a_repeated_operation_is_applied_once(library: Library) -> None:
    one, two = await library.medium(), await library.medium()
    operation = new_id("x")

    first = await library.act("add", "Vehicle", [one, two], operation)
    await library.act("remove", "Vehicle", [one])
    again = await library.act("add", "Vehicle", [one, two], operation)

    assert first == again
    assert await library.states(one) == {}
    several = await asyncio.gather(*(library.act("add", "Scooter", [one], operation="same") for _ in range(4)))
    assert {(result.applied, result.failed) for result in several} <= {(1, 0), (0, 0)}
    assert (await library.states(one))["Scooter"].revision == 1


@pytest.mark.servers
async def test_the_default_label_can_be_changed_for_every_scope(library: Library) -> None:
    media = [await library.medium() for _ in range(4)]
    await library.act("add", "Vehicle", media)
    await library.act("add", "Scooter", media[:3])
    assert [await library.default(one) for one in media] == ["Vehicle"] * 4

    # On one image, or in the labeling tool.
    await library.act("make_default", "Scooter", media[:1])
    assert [await library.default(one) for one in media] == ["Scooter", "Vehicle", "Vehicle", "Vehicle"]
    # In those of the selected images that have it.
    result = await library.act("make_default", "Scooter", media[1:2] + media[3:])
    assert [await library.default(one) for one in media] == ["Scooter", "Scooter", "Vehicle", "Vehicle"]
    assert (result.applied, result.failed) == (1, 0)
    # In all images that have it.
    await library.act("make_default", "Scooter", None)
    assert [await library.default(one) for one in media] == ["Scooter", "Scooter", "Scooter", "Vehicle"]
    # Removed, the next one is the default.
    await library.act("remove", "Scooter", None)
    assert [await library.default(one) for one in media] == ["Vehicle"] * 4
    await library.act("add", "Scooter", media)
    assert [await library.default(one) for one in media] == ["Vehicle"] * 4


@pytest.mark.servers
async def test_a_label_may_cover_spans_of_frames(library: Library) -> None:
    video = await library.medium()

    await library.act("add", "Vehicle", [video], spans=[(5, 9), (50, 200)])
    (state,) = (await library.states(video)).values()
    assert [span.first for span in visible_spans(state.keyframes)] == [5, 50]
    await library.act("remove", "Vehicle", [video], spans=[(60, 69)])
    await library.act("add", "Vehicle", [video], spans=[(8, 20)])
    (state,) = (await library.states(video)).values()
    assert [tuple(span) for span in visible_spans(state.keyframes)][:2] == [(5, 20), (50, 59)]
    await library.act("remove", "Vehicle", [video], spans=[(0, 99)])

    assert await library.states(video) == {}


@pytest.mark.servers
async def test_media_that_cannot_be_labeled_are_reported(library: Library, stores: Any) -> None:
    fine, uncounted, foreign, gone = await library.medium(), new_id("m"), new_id("m"), await library.medium()
    await stores.media.extend(library.project_id, uncounted, 0)
    await stores.media.set_length("other", foreign, 100)
    await stores.media.delete(library.project_id, gone)

    result = await library.act("add", "Vehicle", [fine, uncounted, foreign, gone, "unheard-of"])
    spans = await library.act("add", "Scooter", [fine], spans=[(500, 600)])

    assert (result.applied, result.failed) == (1, 4)
    reasons = {failure.id: failure.reason for failure in result.failures}
    assert reasons.keys() == {uncounted, foreign, gone, "unheard-of"}
    assert reasons[uncounted] == reason_for("medium_not_ready")
    outside = reason_for("frame_outside_medium", frame=500, frame_count=100)
    assert (spans.applied, spans.failures[0].reason) == (0, outside)


@pytest.mark.servers
async def test_concurrent_labeling_loses_no_label(library: Library) -> None:
    media = [await library.medium() for _ in range(3)]

    results = await asyncio.gather(
        *(library.act("add", name, media) for name in ("Vehicle", "Scooter", "Bicycle", "Pedestrian", "Vehicle"))
    )

    assert sum(result.failed for result in results) == 0
    for one in media:
        assert (await library.states(one)).keys() == {"Vehicle", "Scooter", "Bicycle", "Pedestrian"}


async def synced(library: Library, media: list[str] | None = None) -> OperationResult:
    request = SyncLabels(operation=new_id("x"), project_id=library.project_id, media=media, author="ada")
    result: OperationResult = await library.work.media_labels.sync(request)
    return result


@pytest.mark.servers
async def test_media_are_labeled_with_their_object_categories_once(library: Library, edits: Any, stores: Any) -> None:
    one, two, empty = [await library.medium() for _ in range(3)]
    for media_id, names in ((one, ("Vehicle", "Vehicle", "Scooter")), (two, ("Bicycle",))):
        creations = [edits.create(new_id("o"), mission=library.mission, category=name) for name in names]
        await library.work.editing.apply(_batch(library, media_id, *creations))
    gone = edits.create(new_id("o"), mission=library.mission, category="Pedestrian")
    delete = Delete(id=new_id("e"), object=gone.object, base_revision=1)
    await library.work.editing.apply(_batch(library, two, gone, delete))
    await library.act("add", "Scooter", [one])

    assert (await synced(library, [two])).applied == 1
    first, again = await synced(library), await synced(library)

    assert [(await library.states(medium)).keys() for medium in (one, two, empty)] == [
        {"Vehicle", "Scooter"}, {"Bicycle"}, set(),
    ]  # fmt: skip
    assert (first.failed, again.applied) == (0, 0)
    assert await library.default(one) == "Scooter"


def _batch(library: Library, media_id: str, *edits: Edit) -> Batch:
    return Batch(library.project_id, media_id, edits, "ada")


@pytest.mark.servers
async def test_a_label_of_a_removed_category_is_replaced(library: Library) -> None:
    one, two = await library.medium(), await library.medium()
    cows = Mission(
        id=new_id("m"), name="Farm", categories=[Category(name=name, color="#000000") for name in ("Cow", "Ox")]
    )
    saved = await library.work.missions.save(SaveMission(project_id=library.project_id, mission=cows))
    library.mission = saved.id
    await library.act("add", "Cow", [one], spans=[(5, 9)])
    await library.act("add", "Cow", [two])
    await library.act("add", "Ox", [two])

    oxen = saved.model_copy(update={"categories": saved.categories[1:]})
    moves = [CategoryMove(category="Cow", to_category="Ox")]
    await library.work.missions.save(
        SaveMission(project_id=library.project_id, mission=oxen, moves=moves, author="ada")
    )

    (state,) = (await library.states(one)).values()
    assert (state.category, state.id) == ("Ox", label_id(one, saved.id, "Ox"))
    assert [tuple(span) for span in visible_spans(state.keyframes)] == [(5, 9)]
    assert (await library.states(two)).keys() == {"Ox"}
    assert await library.work.by_class.uses(library.project_id, saved.id) != []


@pytest.mark.servers
async def test_labels_are_found_by_index(library: Library, stores: Any, no_scan: Any) -> None:
    one = await library.medium()
    await library.act("add", "Vehicle", [one])
    async with no_scan() as queries:
        await library.act("add", "Scooter", [one, await library.medium()])
        await library.act("make_default", "Scooter", None)
        await library.act("remove", "Vehicle", None)
        await synced(library)
        await library.work.by_class.uses(library.project_id)
    assert queries


def test_make_default_is_an_edit_of_the_label_itself() -> None:
    (edit,) = make_default(labels(label(CAR)), CAR, "op")

    assert isinstance(edit, MakeDefault)
    assert (edit.object, edit.base_revision) == (id_of(CAR), 4)
