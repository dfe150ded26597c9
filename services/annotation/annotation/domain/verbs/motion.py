"""Moving, scaling and shifting shapes."""

from collections.abc import Callable
from typing import Any

from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditRefused
from annotation.domain.geometry_checks import check_bitmap_size
from annotation.domain.invariants import check_behaviors, checked
from annotation.domain.verbs.frame_range import frame_range_of
from common.contract.edits import Move, Scale, Shift
from common.contract.labels import Keyframe, ObjectState
from common.geometry.bounds import center
from common.geometry.transform import scale_geometry, translate_geometry
from common.geometry.types import Bitmap, Keypoint


def move(edit: Move, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Move the shapes of keyframes by pixels."""

    def change(keyframe: Keyframe) -> Keyframe:
        keypoints = _put(keyframe, lambda x, y: (x + edit.dx, y + edit.dy))
        return keyframe.model_copy(
            update={"geometry": translate_geometry(keyframe.geometry, edit.dx, edit.dy), "keypoints": keypoints}
        )

    return _each(edit, before, context, change)


def scale(edit: Scale, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Scale the shapes of keyframes."""

    def change(keyframe: Keyframe) -> Keyframe:
        geometry = keyframe.geometry
        if isinstance(geometry, Bitmap):
            wide, high = round(geometry.width * edit.factor_x), round(geometry.height * edit.factor_y)
            check_bitmap_size(wide, high, context.medium)
        about = edit.about or center(geometry) or (0.0, 0.0)
        x0, y0 = about
        keypoints = _put(keyframe, lambda x, y: (x0 + (x - x0) * edit.factor_x, y0 + (y - y0) * edit.factor_y))
        larger = scale_geometry(geometry, edit.factor_x, edit.factor_y, about)
        return keyframe.model_copy(update={"geometry": larger, "keypoints": keypoints})

    return _each(edit, before, context, change)


def _put(keyframe: Keyframe, position_of: Callable[[float, float], tuple[float, float]]) -> list[Keypoint]:
    """The keypoints of a keyframe at new positions."""
    put = [(point, position_of(point.x, point.y)) for point in keyframe.keypoints]
    return [point.model_copy(update={"x": x, "y": y}) for point, (x, y) in put]


def _each(
    edit: Move | Scale, before: ObjectState, context: EditContext, change: Callable[[Keyframe], Keyframe]
) -> dict[str, Any]:
    """All keyframes, those in the range of the edit changed."""
    first, last = frame_range_of(edit, context)
    if before.annotation_type == "label":
        raise EditRefused("label_has_no_shape")
    if not any(first <= keyframe.frame <= last for keyframe in before.keyframes):
        raise EditRefused("no_keyframe_in_range", first=first, last=last)
    keyframes = [
        _edited(change(keyframe), before, context) if first <= keyframe.frame <= last else keyframe
        for keyframe in before.keyframes
    ]
    return {"keyframes": keyframes}


def _edited(keyframe: Keyframe, before: ObjectState, context: EditContext) -> Keyframe:
    return checked(keyframe.model_copy(update={"source": context.source}), before.annotation_type, context)


def shift(edit: Shift, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Move the object in time, with its behaviors."""
    by, count = edit.frames, context.medium.frame_count
    if before.keyframes[0].frame + by < 0 or before.keyframes[-1].frame + by >= count:
        raise EditRefused("shift_outside_medium", frame_count=count)
    if any(behavior.first + by < 0 for behavior in before.behaviors):
        raise EditRefused("behavior_before_medium")
    keyframes = [keyframe.model_copy(update={"frame": keyframe.frame + by}) for keyframe in before.keyframes]
    behaviors = [
        behavior.model_copy(update={"first": behavior.first + by, "last": behavior.last + by})
        for behavior in before.behaviors
    ]
    check_behaviors(behaviors, context)
    return {"keyframes": keyframes, "behaviors": behaviors}
