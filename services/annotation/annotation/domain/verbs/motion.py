"""Shapes moved on the picture, made larger or smaller, and moved in time."""

from collections.abc import Callable
from typing import Any

from annotation.domain.edit_context import Scene
from annotation.domain.errors import Refusal
from annotation.domain.geometry_checks import check_bitmap_size
from annotation.domain.invariants import check_behaviors, checked
from annotation.domain.verbs.frame_range import stretch_of
from common.contract.edits import Move, Scale, Shift
from common.contract.labels import Keyframe, ObjectState
from common.geometry.shapes import centre, moved, scaled
from common.geometry.types import Bitmap, Keypoint


def move(edit: Move, before: ObjectState, scene: Scene) -> dict[str, Any]:
    """Move the shapes of keyframes by pixels."""

    def change(keyframe: Keyframe) -> Keyframe:
        keypoints = _put(keyframe, lambda x, y: (x + edit.dx, y + edit.dy))
        return keyframe.model_copy(
            update={"geometry": moved(keyframe.geometry, edit.dx, edit.dy), "keypoints": keypoints}
        )

    return _each(edit, before, scene, change)


def scale(edit: Scale, before: ObjectState, scene: Scene) -> dict[str, Any]:
    """Make the shapes of keyframes larger or smaller."""

    def change(keyframe: Keyframe) -> Keyframe:
        geometry = keyframe.geometry
        if isinstance(geometry, Bitmap):
            wide, high = round(geometry.width * edit.factor_x), round(geometry.height * edit.factor_y)
            check_bitmap_size(wide, high, scene.medium)
        about = edit.about or centre(geometry) or (0.0, 0.0)
        x0, y0 = about
        keypoints = _put(keyframe, lambda x, y: (x0 + (x - x0) * edit.factor_x, y0 + (y - y0) * edit.factor_y))
        larger = scaled(geometry, edit.factor_x, edit.factor_y, about)
        return keyframe.model_copy(update={"geometry": larger, "keypoints": keypoints})

    return _each(edit, before, scene, change)


def _put(keyframe: Keyframe, place: Callable[[float, float], tuple[float, float]]) -> list[Keypoint]:
    """The keypoints of a keyframe, elsewhere."""
    put = [(point, place(point.x, point.y)) for point in keyframe.keypoints]
    return [point.model_copy(update={"x": x, "y": y}) for point, (x, y) in put]


def _each(
    edit: Move | Scale, before: ObjectState, scene: Scene, change: Callable[[Keyframe], Keyframe]
) -> dict[str, Any]:
    """All keyframes, those of the edit's frames changed by hand."""
    first, last = stretch_of(edit, scene)
    if before.annotation_type == "label":
        raise Refusal("A label of the whole picture has no place and no size.")
    if not any(first <= keyframe.frame <= last for keyframe in before.keyframes):
        raise Refusal(f"The object has no keyframe on frames {first} to {last}.")
    keyframes = [
        _by_hand(change(keyframe), before, scene) if first <= keyframe.frame <= last else keyframe
        for keyframe in before.keyframes
    ]
    return {"keyframes": keyframes}


def _by_hand(keyframe: Keyframe, before: ObjectState, scene: Scene) -> Keyframe:
    return checked(keyframe.model_copy(update={"source": scene.hand}), before.annotation_type, scene)


def shift(edit: Shift, before: ObjectState, scene: Scene) -> dict[str, Any]:
    """Move the object in time, with all it does."""
    by, count = edit.frames, scene.medium.frame_count
    if before.keyframes[0].frame + by < 0 or before.keyframes[-1].frame + by >= count:
        raise Refusal(f"The object would leave the medium, which has {count} frames so far.")
    if any(behavior.first + by < 0 for behavior in before.behaviors):
        raise Refusal("A behaviour would begin before the medium.")
    keyframes = [keyframe.model_copy(update={"frame": keyframe.frame + by}) for keyframe in before.keyframes]
    behaviors = [
        behavior.model_copy(update={"first": behavior.first + by, "last": behavior.last + by})
        for behavior in before.behaviors
    ]
    check_behaviors(behaviors, scene)
    return {"keyframes": keyframes, "behaviors": behaviors}
