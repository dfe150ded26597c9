"""Invariants of stored objects: every stored object can be rendered, used for training and exported."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditRefused
from annotation.domain.geometry_checks import GEOMETRY_CHECKS, check_angles, check_keypoints, check_simple
from common.contract.labels import Behavior, Keyframe
from common.geometry.bounds import bounds
from common.geometry.clip import clip_to_image
from common.geometry.types import AnnotationType

MAX_KEYFRAMES = 20_000
MAX_NAME_LENGTH = 200
MAX_ATTRIBUTES = 200
MAX_BEHAVIORS = 1000
MAX_TEXT_LENGTH = 10_000
# The tolerance for coordinates on the border of the image.
_ROUNDING = 1e-6


def checked(
    keyframe: Keyframe, kind: AnnotationType, context: EditContext, *, require_simple: bool = False
) -> Keyframe:
    """The validated keyframe of an object of a type, clipped to the image if the project requires it. With
    `require_simple`, a polygon must not intersect itself; interpolated polygons may.

    Raises:
        EditRefused: The keyframe breaks an invariant.
    """
    medium = context.medium
    if keyframe.geometry.kind != kind:
        raise EditRefused("annotation_type_mismatch", annotation_type=kind)
    if keyframe.frame >= medium.frame_count:
        raise EditRefused("frame_outside_medium", frame=keyframe.frame, frame_count=medium.frame_count)
    GEOMETRY_CHECKS[kind](keyframe.geometry, medium)
    if require_simple and kind == "polygon":
        check_simple(keyframe.geometry)
    if keyframe.score is not None and not 0 <= keyframe.score <= 1:
        raise EditRefused("object_score_out_of_range")
    if keyframe.attributes:
        check_attributes(keyframe.attributes)
    if keyframe.keypoints or keyframe.rpy is not None:
        _check_parts(keyframe, kind)
    if kind == "label":
        if keyframe.occluded:
            raise EditRefused("label_cannot_be_occluded")
    elif context.rules.outside != "keep" and medium.width and medium.height:
        return _within_image(keyframe, context, medium.width, medium.height)
    return keyframe


def _check_parts(keyframe: Keyframe, kind: AnnotationType) -> None:
    if kind not in ("bbox", "polygon"):
        raise EditRefused("keypoints_not_supported")
    check_keypoints(keyframe.keypoints)
    if (angles := keyframe.rpy) is not None:
        check_angles(angles.roll, angles.pitch, angles.yaw)


def _within_image(keyframe: Keyframe, context: EditContext, width: int, height: int) -> Keyframe:
    """Apply the project's rule for shapes beyond the image. The shape of a keyframe that is outside is not visible and
    may be anywhere."""
    if _lies_within(keyframe, width, height):
        return keyframe
    if context.rules.outside == "refuse":
        if keyframe.outside:
            return keyframe
        raise EditRefused("shape_outside_image", width=width, height=height)
    geometry = clip_to_image(keyframe.geometry, width, height)
    if geometry is None:
        if keyframe.outside:
            return keyframe
        raise EditRefused("shape_off_image", width=width, height=height)
    GEOMETRY_CHECKS[geometry.kind](geometry, context.medium)
    keypoints = [
        point.model_copy(update={"x": min(max(point.x, 0.0), float(width)), "y": min(max(point.y, 0.0), float(height))})
        for point in keyframe.keypoints
    ]
    return keyframe.model_copy(update={"geometry": geometry, "keypoints": keypoints})


def _lies_within(keyframe: Keyframe, width: int, height: int) -> bool:
    corners = [(point.x, point.y) for point in keyframe.keypoints]
    if (box := bounds(keyframe.geometry)) is not None:
        corners += [(box[0], box[1]), (box[2], box[3])]
    return all(-_ROUNDING <= x <= width + _ROUNDING and -_ROUNDING <= y <= height + _ROUNDING for x, y in corners)


def check_keyframes(keyframes: Sequence[Keyframe]) -> None:
    """Refuse sorted keyframes that are too many, share a frame, or are all outside."""
    if len(keyframes) > MAX_KEYFRAMES:
        raise EditRefused("too_many_keyframes", limit=MAX_KEYFRAMES)
    for left, right in pairwise(keyframes):
        if left.frame == right.frame:
            raise EditRefused("duplicate_keyframe", frame=left.frame)
    check_view(keyframes)


def check_view(keyframes: Iterable[Keyframe]) -> None:
    """Refuse keyframes that are all outside."""
    if all(keyframe.outside for keyframe in keyframes):
        raise EditRefused("no_visible_keyframe")


def check_attributes(attributes: Mapping[str, object]) -> None:
    """Refuse too many attributes, and values that are too long or not finite."""
    if len(attributes) > MAX_ATTRIBUTES:
        raise EditRefused("too_many_attributes", limit=MAX_ATTRIBUTES)
    for name, value in attributes.items():
        if not 0 < len(name) <= MAX_NAME_LENGTH:
            raise EditRefused("attribute_name_length", limit=MAX_NAME_LENGTH)
        if isinstance(value, str) and len(value) > MAX_TEXT_LENGTH:
            raise EditRefused("attribute_value_too_long", attribute=name, limit=MAX_TEXT_LENGTH)
        if isinstance(value, float) and not math.isfinite(value):
            raise EditRefused("attribute_value_not_finite", attribute=name)


def check_behaviors(behaviors: Sequence[Behavior], context: EditContext) -> None:
    """Refuse too many behaviors, duplicate ids, and ranges that are reversed or outside the medium."""
    if len(behaviors) > MAX_BEHAVIORS:
        raise EditRefused("too_many_behaviors", limit=MAX_BEHAVIORS)
    if len({behavior.id for behavior in behaviors}) < len(behaviors):
        raise EditRefused("duplicate_behavior_id")
    for behavior in behaviors:
        check_behavior(behavior, context)


def check_behavior(behavior: Behavior, context: EditContext) -> None:
    """Refuse a behavior whose range is reversed or ends after the medium."""
    if behavior.last < behavior.first:
        raise EditRefused("behavior_range_reversed")
    if behavior.last >= context.medium.frame_count:
        count = context.medium.frame_count
        raise EditRefused("frame_outside_medium", frame=behavior.last, frame_count=count)
