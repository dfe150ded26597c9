"""Labels of whole media for tests."""

from typing import Any

from annotation.domain.derived_edits import label_id
from annotation.domain.media_labels import Labels
from annotation.domain.object_class import ObjectClass
from common.contract.labels import Keyframe, ObjectState
from common.geometry.types import ImageTag

CAR, DOG, CAT = ObjectClass("m", "car"), ObjectClass("m", "dog"), ObjectClass("m", "cat")


def id_of(kind: ObjectClass) -> str:
    return label_id("medium", kind.mission, kind.category)


def label(kind: ObjectClass, *spans: tuple[int, int], **more: Any) -> ObjectState:
    keyframes = [
        Keyframe(frame=frame, geometry=ImageTag(), outside=outside)
        for first, last in spans or [(0, 999)]
        for frame, outside in ((first, False), (last + 1, True))
        if frame < 100
    ]
    about = {
        "id": id_of(kind), "project_id": "p", "media_id": "medium", "mission": kind.mission, "author": "ada",
        "category": kind.category, "annotation_type": "label", "keyframes": keyframes, "revision": 4,
    }  # fmt: skip
    return ObjectState.model_validate(about | more)


def labels(*states: ObjectState, frame_count: int = 100, complete: bool = True) -> Labels:
    return Labels("medium", {state.id: state for state in states}, frame_count, complete)
