"""Storing suggestions and tracked shapes, with services in memory and on real servers."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from annotation.domain.batch import Batch
from annotation.domain.missions import OBJECT_DETECTION, builtin_missions, mission_id
from annotation.domain.operations import ObjectVersion
from annotation.media.repository import StoredMedium
from annotation.objects.consumers import fill_tracked_object
from annotation.objects.tracking import TrackingService
from annotation.suggestions.consumers import file_suggestions
from annotation.suggestions.filing import FilingService
from common.contract.edits import Create, Delete, Edit, EditResult, PutGenerated
from common.contract.events import LabelsSuggested, LabelsTracked
from common.contract.labels import Keyframe, Suggestion, Suggestions
from common.contract.missions import Category, Mission
from common.service.ids import new_id
from common.storage.objects import suggestions_key


def suggestions(count: int) -> Suggestions:
    keyframe = Keyframe.model_validate({"frame": 3, "geometry": {"kind": "bbox", "x1": 0, "y1": 0, "x2": 9, "y2": 9}})
    tracks = [Suggestion(id=f"s{number}", label="dog", score=0.9, keyframes=[keyframe]) for number in range(count)]
    return Suggestions(run_id="r", media_id="m", clip=0, model="nano", tracks=tracks)


def suggested(accept: str) -> LabelsSuggested:
    return LabelsSuggested.model_validate(
        {
            "project_id": "p", "media_id": "m", "run_id": "r", "clip": 0, "first": 0, "last": 1799, "object_key": "k",
            "count": 1, "model": "nano", "accept": accept, "author": "ada",
        }
    )  # fmt: skip


class InMemoryServices:
    """Everything that filing uses, in memory: media, missions, edits, suggestions and the bus."""

    def __init__(self, file: Suggestions, media: list[StoredMedium]) -> None:
        self.file = file
        self.objects = self
        self.media = media
        self.batches: list[Batch] = []
        self.kept: list[Any] = []
        self.purged: list[str] = []

    async def get(self, _: str) -> bytes:
        return self.file.model_dump_json().encode()

    async def extend(self, _: str, __: str, frames: int, ___: tuple[int, int] | None = None) -> None:
        assert frames == 1800

    async def find(self, _: str) -> StoredMedium:
        return self.media.pop(0) if len(self.media) > 1 else self.media[0]

    async def ensure_categories(self, project_id: str, _: Any) -> Mission:
        mission = builtin_missions(project_id)[0]
        dog = Category(id="dog-2", name="dog", color="#000000")
        return mission.model_copy(update={"categories": [*mission.categories, dog]})

    async def apply(self, batch: Batch) -> list[EditResult]:
        self.batches.append(batch)
        return [EditResult(id=edit.id, status="applied") for edit in batch.edits]

    async def keep(self, _: LabelsSuggested, tracks: list[Any]) -> None:
        self.kept += tracks

    async def purge(self, _: str, media_id: str) -> None:
        self.purged.append(media_id)


async def file(accept: str, services: InMemoryServices) -> None:
    some = cast("Any", services)
    filing = FilingService(some, some, some, some)
    await file_suggestions(suggested(accept), filing=filing, bus=some)


KNOWN = StoredMedium("p", frame_count=4000, ready_frames=1800, deleted=False)
UNCOUNTED = StoredMedium("p", frame_count=None, ready_frames=1800, deleted=False)
GONE = StoredMedium("p", frame_count=4000, ready_frames=1800, deleted=True)


async def test_accepted_suggestions_become_objects_in_batches() -> None:
    services = InMemoryServices(suggestions(700), [KNOWN])

    await file("auto", services)

    assert [len(batch.edits) for batch in services.batches] == [500, 200]
    first = services.batches[0]
    assert (first.automatic, first.author, first.frame_count) == (True, "ada", 1801)
    assert isinstance(first.edits[0], Create)
    assert [keyframe.frame for keyframe in first.edits[0].keyframes] == [3, 1800]
    assert (first.edits[0].mission, first.edits[0].category) == (mission_id("p", OBJECT_DETECTION), "dog-2")
    assert (first.edits[0].model, first.edits[0].run_id) == ("nano", "r")


async def test_suggestions_are_accepted_for_media_of_unknown_length() -> None:
    services = InMemoryServices(suggestions(1), [UNCOUNTED])

    await file("auto", services)

    assert services.batches[0].frame_count == 1801


async def test_suggestions_without_auto_accept_stay_pending() -> None:
    services = InMemoryServices(suggestions(3), [KNOWN])

    await file("suggest", services)

    assert (len(services.kept), services.batches) == (3, [])


@pytest.mark.parametrize("accept", ["auto", "suggest"])
async def test_a_deleted_medium_gets_no_suggestions(accept: str) -> None:
    services = InMemoryServices(suggestions(3), [GONE])

    await file(accept, services)

    assert (services.kept, services.batches, services.purged) == ([], [], [])


async def test_a_medium_deleted_during_filing_is_purged() -> None:
    services = InMemoryServices(suggestions(3), [KNOWN, GONE])

    await file("suggest", services)

    assert services.purged == ["m"]


def keyframe(frame: int, x1: float = 0.0, **more: Any) -> Keyframe:
    box = {"kind": "bbox", "x1": x1, "y1": 0, "x2": x1 + 10, "y2": 10}
    return Keyframe.model_validate({"frame": frame, "geometry": box} | more)


def found(object_id: str = "o", **more: Any) -> LabelsTracked:
    about = {
        "project_id": "p", "media_id": "m", "run_id": "r", "object_id": object_id, "first": 1, "last": 9,
        "object_key": "k", "author": "ada",
    }  # fmt: skip
    return LabelsTracked.model_validate(about | more)


def track(object_id: str = "o", *frames: int, run_id: str = "r") -> Suggestions:
    one = Suggestion(id=object_id, label="", score=1, keyframes=[keyframe(frame, 5, score=0.7) for frame in frames])
    return Suggestions(run_id=run_id, media_id="m", clip=0, model="quick", tracks=[one])


class EditedObject(InMemoryServices):
    """An object that other people edit while a run tracks it: `statuses` are the results of the attempts."""

    def __init__(
        self, file: Suggestions, *statuses: str, current: ObjectVersion | None = None, medium: StoredMedium = KNOWN
    ) -> None:
        super().__init__(file, [medium])
        self.statuses = list(statuses)
        self.current = current

    async def versions(self, _: str, object_ids: list[str]) -> dict[str, ObjectVersion]:
        if self.current is None:
            return {}
        self.current = self.current._replace(revision=self.current.revision + 1)
        return {object_ids[0]: self.current}

    async def apply(self, batch: Batch) -> list[EditResult]:
        self.batches.append(batch)
        return [EditResult.model_validate({"id": batch.edits[0].id, "status": self.statuses.pop(0)})]


async def fill(event: LabelsTracked, edited: EditedObject) -> list[Edit]:
    some = cast("Any", edited)
    await fill_tracked_object(event, tracking=TrackingService(some, some, some), bus=some)
    return [batch.edits[0] for batch in edited.batches]


async def test_tracked_shapes_are_added_between_manual_keyframes() -> None:
    edited = EditedObject(track("o", 3, 6), "applied", current=ObjectVersion(4, deleted=False))

    (edit,) = await fill(found(), edited)

    assert isinstance(edit, PutGenerated)
    assert (edit.object, edit.base_revision, edit.first, edit.last) == ("o", 5, 1, 9)
    assert [(one.frame, one.source) for one in edit.keyframes] == [(3, "quick"), (6, "quick")]
    assert (edited.batches[0].author, edited.batches[0].automatic) == ("ada", False)


async def test_tracking_retries_with_the_current_object() -> None:
    edited = EditedObject(track("o", 3), "conflict", "conflict", "applied", current=ObjectVersion(4, deleted=False))

    edits = await fill(found(), edited)

    assert [edit.base_revision for edit in edits] == [5, 6, 7]
    assert len({edit.id for edit in edits}) == 1


@pytest.mark.parametrize(
    ("edited", "attempts"),
    [
        (EditedObject(track("o", 3)), 0),
        (EditedObject(track("o", 3), current=ObjectVersion(4, deleted=True)), 0),
        (EditedObject(track("another", 3), current=ObjectVersion(4, deleted=False)), 0),
        (EditedObject(track("o", 3), current=ObjectVersion(4, deleted=False), medium=GONE), 0),
        (EditedObject(track("o", 3), "refused", current=ObjectVersion(4, deleted=False)), 1),
        (EditedObject(track("o", 3), *["conflict"] * 9, current=ObjectVersion(4, deleted=False)), 5),
    ],
)
async def test_tracking_gives_up_on_deleted_or_changing_objects(edited: EditedObject, attempts: int) -> None:
    assert len(await fill(found(), edited)) == attempts


@pytest.mark.servers
async def test_an_object_is_filled_once_and_keeps_manual_keyframes(medium: Any, stores: Any) -> None:
    one = await medium.made(keyframe(0), keyframe(10, 100))
    key = suggestions_key(medium.project_id, "r", medium.media_id, 0)
    await stores.s3.put(key, track(one, 3, 6).model_dump_json().encode())
    event = found(one, project_id=medium.project_id, media_id=medium.media_id, object_key=key)

    tracking = TrackingService(stores.editing, stores.objects, stores.media)
    bus = SimpleNamespace(objects=stores.s3)
    for _ in range(2):
        await fill_tracked_object(event, tracking=tracking, bus=cast("Any", bus))

    (state,) = await stores.objects.read(medium.project_id, medium.media_id)
    assert [(at.frame, at.source) for at in state.keyframes] == [
        (0, "manual"), (3, "quick"), (6, "quick"), (10, "manual"),
    ]  # fmt: skip
    assert state.revision == 2
    await medium.apply(Delete(id=new_id("e"), object=one, base_revision=2))
    await fill_tracked_object(event, tracking=tracking, bus=cast("Any", bus))
    assert await stores.objects.read(medium.project_id, medium.media_id) == []
