"""What a process remembers of objects, and how it writes them."""

from typing import Any

from annotation.domain.batch import Current
from annotation.objects import cache
from annotation.objects.cache import Recent, Remembered, Scribe
from annotation.objects.documents import json_of_state
from common.contract.labels import Keyframe, ObjectState


def state(object_id: str, frames: int, **more: Any) -> ObjectState:
    box = {"kind": "bbox", "x1": 0.5, "y1": 1, "x2": 2, "y2": 3}
    keyframes = [Keyframe.model_validate({"frame": frame, "geometry": box}) for frame in range(frames)]
    given = {"project_id": "p", "media_id": "m", "mission": "M", "category": "Car", "revision": 1, "author": "ada"}
    return ObjectState(id=object_id, keyframes=keyframes, **given | more)


def remembered(object_id: str, frames: int) -> Remembered:
    return Remembered(Current(state(object_id, frames), (), True, 0.0))


def test_objects_used_long_ago_are_forgotten_first() -> None:
    memory = Recent()
    half = cache._KEYFRAMES_KEPT // 2
    memory.keep([remembered("a", half - 10), remembered("b", half - 10)])
    memory.keep([remembered("a", half - 10)])

    memory.keep([remembered("c", 100)])

    assert [one for one in "abc" if memory.get(one) is not None] == ["a", "c"]


def test_a_newer_revision_takes_the_place_of_the_older() -> None:
    memory = Recent()
    for frames in (cache._KEYFRAMES_KEPT - 10, 5, cache._KEYFRAMES_KEPT - 10, 7):
        memory.keep([remembered("a", frames)])

    found = memory.get("a")

    assert found is not None
    assert len(found.current.state.keyframes) == 7


def test_a_state_is_written_the_same_from_its_parts() -> None:
    before = remembered("a", 5)
    moved = before.current.state.keyframes[2].model_copy(update={"occluded": True})
    keyframes = [*before.current.state.keyframes[:2], moved, *before.current.state.keyframes[3:]]
    after = before.current.state.model_copy(update={"keyframes": keyframes, "category": 'a "b" é', "revision": 2})

    for known in ([], [before], [Remembered(before.current, Scribe([before]).write(before.current.state)[1])]):
        scribe = Scribe(known)
        for _ in range(2):
            written, parts = scribe.write(after)
            assert ObjectState.model_validate_json(written) == after
            assert parts is None or len(parts) == 5
    assert ObjectState.model_validate_json(json_of_state(after)) == after
