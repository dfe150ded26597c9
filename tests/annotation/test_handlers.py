"""What handlers do with a suggestions file, on stores in memory."""

from typing import Any, cast

import pytest

from annotation import handlers
from annotation.domain.batch import Batch
from annotation.domain.missions import builtin_missions
from annotation.store.media import KnownMedium
from common.events import LabelsSuggested
from common.labels import Create, EditResult, Keyframe, Mission, Suggestion, Suggestions


def suggestions(count: int) -> Suggestions:
    keyframe = Keyframe.model_validate({"frame": 3, "geometry": {"x1": 0, "y1": 0, "x2": 9, "y2": 9}})
    tracks = [Suggestion(id=f"s{number}", label="dog", score=0.9, keyframes=[keyframe]) for number in range(count)]
    return Suggestions(run_id="r", media_id="m", clip=0, model="nano", tracks=tracks)


def suggested(accept: str) -> LabelsSuggested:
    return LabelsSuggested.model_validate(
        {
            "project_id": "p", "media_id": "m", "run_id": "r", "clip": 0, "first": 0, "last": 1799, "object_key": "k",
            "count": 1, "model": "nano", "accept": accept, "author": "ada",
        }
    )  # fmt: skip


class Room:
    """Every store that the handler uses, and the bus, in memory."""

    def __init__(self, file: Suggestions, media: list[KnownMedium]) -> None:
        self.file = file
        self.objects = self
        self.media = media
        self.batches: list[Batch] = []
        self.kept: list[Any] = []
        self.purged: list[str] = []

    async def get(self, _: str) -> bytes:
        return self.file.model_dump_json().encode()

    async def extend(self, _: str, __: str, frames: int) -> None:
        assert frames == 1800

    async def find(self, _: str) -> KnownMedium:
        return self.media.pop(0) if len(self.media) > 1 else self.media[0]

    async def detecting(self, project_id: str, _: Any) -> Mission:
        return builtin_missions(project_id)[0]

    async def apply(self, batch: Batch) -> list[EditResult]:
        self.batches.append(batch)
        return [EditResult(id=edit.id, status="applied") for edit in batch.edits]

    async def keep(self, _: LabelsSuggested, tracks: list[Any]) -> None:
        self.kept += tracks

    async def purge(self, _: str, media_id: str) -> None:
        self.purged.append(media_id)


async def file_suggestions(accept: str, room: Room) -> None:
    some = cast("Any", room)
    await handlers.file_suggestions(suggested(accept), labels=some, missions=some, pending=some, media=some, bus=some)


KNOWN = KnownMedium("p", frame_count=4000, ready_frames=1800, deleted=False)
UNCOUNTED = KnownMedium("p", frame_count=None, ready_frames=1800, deleted=False)
GONE = KnownMedium("p", frame_count=4000, ready_frames=1800, deleted=True)


async def test_accepted_suggestions_become_objects_in_batches() -> None:
    room = Room(suggestions(700), [KNOWN])

    await file_suggestions("auto", room)

    assert [len(batch.edits) for batch in room.batches] == [500, 200]
    first = room.batches[0]
    assert (first.automatic, first.author, first.frame_count) == (True, "ada", 1801)
    assert isinstance(first.edits[0], Create)
    assert [keyframe.frame for keyframe in first.edits[0].keyframes] == [3, 1800]


async def test_the_length_of_a_medium_need_not_be_known() -> None:
    room = Room(suggestions(1), [UNCOUNTED])

    await file_suggestions("auto", room)

    assert room.batches[0].frame_count == 1801


async def test_other_suggestions_wait() -> None:
    room = Room(suggestions(3), [KNOWN])

    await file_suggestions("suggest", room)

    assert (len(room.kept), room.batches) == (3, [])


@pytest.mark.parametrize("accept", ["auto", "suggest"])
async def test_a_deleted_medium_gets_nothing(accept: str) -> None:
    room = Room(suggestions(3), [GONE])

    await file_suggestions(accept, room)

    assert (room.kept, room.batches, room.purged) == ([], [], [])


async def test_a_medium_deleted_meanwhile_is_cleaned_up() -> None:
    room = Room(suggestions(3), [KNOWN, GONE])

    await file_suggestions("suggest", room)

    assert room.purged == ["m"]
