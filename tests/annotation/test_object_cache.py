"""The cache of objects, and incremental serialization."""

from typing import Any

from annotation.domain.batch import ObjectSnapshot
from annotation.objects.cache import CachedObject, ObjectCache
from annotation.objects.documents import json_of_state
from annotation.objects.serializer import IncrementalSerializer
from common.contract.labels import Keyframe, ObjectState


def state(object_id: str, frames: int, **more: Any) -> ObjectState:
    box = {"kind": "bbox", "x1": 0.5, "y1": 1, "x2": 2, "y2": 3}
    keyframes = [Keyframe.model_validate({"frame": frame, "geometry": box}) for frame in range(frames)]
    given = {"project_id": "p", "media_id": "m", "mission": "M", "category": "Car", "revision": 1, "author": "ada"}
    return ObjectState(id=object_id, keyframes=keyframes, **given | more)


def cached(object_id: str, frames: int) -> CachedObject:
    return CachedObject(ObjectSnapshot(state(object_id, frames), (), True, 0.0))


def test_least_recently_used_objects_are_dropped_first() -> None:
    memory = ObjectCache(max_keyframes=1000)
    half = 500
    memory.keep([cached("a", half - 10), cached("b", half - 10)])
    memory.keep([cached("a", half - 10)])

    memory.keep([cached("c", 100)])

    assert [one for one in "abc" if memory.get(one) is not None] == ["a", "c"]


def test_a_newer_revision_replaces_the_older() -> None:
    memory = ObjectCache(max_keyframes=1000)
    for frames in (990, 5, 990, 7):
        memory.keep([cached("a", frames)])

    found = memory.get("a")

    assert found is not None
    assert len(found.snapshot.state.keyframes) == 7


def test_incremental_serialization_equals_full_serialization() -> None:
    before = cached("a", 5)
    moved = before.snapshot.state.keyframes[2].model_copy(update={"occluded": True})
    keyframes = [*before.snapshot.state.keyframes[:2], moved, *before.snapshot.state.keyframes[3:]]
    after = before.snapshot.state.model_copy(update={"keyframes": keyframes, "category": 'a "b" é', "revision": 2})

    for known in (
        [],
        [before],
        [CachedObject(before.snapshot, IncrementalSerializer([before]).serialize(before.snapshot.state)[1])],
    ):
        serializer = IncrementalSerializer(known)
        for _ in range(2):
            written, parts = serializer.serialize(after)
            assert ObjectState.model_validate_json(written) == after
            assert parts is None or len(parts) == 5
    assert ObjectState.model_validate_json(json_of_state(after)) == after
