"""What holds of every object that is stored, so that whatever an edit leaves behind can be shown, trained on and
exported."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from annotation.domain.edit_context import Scene
from annotation.domain.errors import Refusal
from annotation.domain.geometry_checks import GEOMETRY_CHECKS, check_angles, check_keypoints, check_simple
from common.contract.labels import Behavior, Keyframe
from common.geometry.shapes import bounds, clamped
from common.geometry.types import AnnotationType

MAX_KEYFRAMES = 20_000
MAX_ATTRIBUTES = 200
MAX_BEHAVIORS = 1000
LONGEST_TEXT = 10_000
# How far a coordinate may be beyond the picture and still be on its border.
_ROUNDING = 1e-6


def checked(keyframe: Keyframe, kind: AnnotationType, scene: Scene, *, drawn: bool = False) -> Keyframe:
    """The keyframe as it may be stored in an object of a kind: cut to the picture where the project wants that. An
    outline that is `drawn` must not cross itself; one that was computed between two others may.

    Raises:
        Refusal: it breaks what holds of every object.
    """
    medium = scene.medium
    if keyframe.geometry.kind != kind:
        raise Refusal(f"This object is a {kind}; its keyframes cannot be of another kind.")
    if keyframe.frame >= medium.frame_count:
        raise Refusal(f"Frame {keyframe.frame} is outside the medium, which has {medium.frame_count} frames so far.")
    GEOMETRY_CHECKS[kind](keyframe.geometry, medium)
    if drawn and kind == "polygon":
        check_simple(keyframe.geometry)
    if keyframe.score is not None and not 0 <= keyframe.score <= 1:
        raise Refusal("A score lies between 0 and 1.")
    if keyframe.attributes:
        check_attributes(keyframe.attributes)
    if keyframe.keypoints or keyframe.rpy is not None:
        _check_parts(keyframe, kind)
    if kind == "label":
        if keyframe.occluded:
            raise Refusal("Nothing hides a label of the whole picture.")
    elif scene.rules.outside != "keep" and medium.width and medium.height:
        return _within_picture(keyframe, scene, medium.width, medium.height)
    return keyframe


def _check_parts(keyframe: Keyframe, kind: AnnotationType) -> None:
    if kind not in ("bbox", "polygon"):
        raise Refusal("Only boxes and polygons have keypoints and angles.")
    check_keypoints(keyframe.keypoints)
    if (angles := keyframe.rpy) is not None:
        check_angles(angles.roll, angles.pitch, angles.yaw)


def _within_picture(keyframe: Keyframe, scene: Scene, width: int, height: int) -> Keyframe:
    """What the project's rule makes of a shape that reaches beyond the picture. One out of view is not shown, and may
    lie anywhere."""
    if _lies_within(keyframe, width, height):
        return keyframe
    if scene.rules.outside == "refuse":
        if keyframe.outside:
            return keyframe
        raise Refusal(f"This shape reaches beyond the picture of {width} × {height} pixels.")
    geometry = clamped(keyframe.geometry, width, height)
    if geometry is None:
        if keyframe.outside:
            return keyframe
        raise Refusal(f"Nothing of this shape lies on the picture of {width} × {height} pixels.")
    GEOMETRY_CHECKS[geometry.kind](geometry, scene.medium)
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
    """Refuse keyframes that are too many, or of which two lie on one frame or none is in view; they are in order."""
    if len(keyframes) > MAX_KEYFRAMES:
        raise Refusal(f"An object has at most {MAX_KEYFRAMES:,} keyframes.")
    for left, right in pairwise(keyframes):
        if left.frame == right.frame:
            raise Refusal(f"Frame {left.frame} has two keyframes.")
    check_view(keyframes)


def check_view(keyframes: Iterable[Keyframe]) -> None:
    """Refuse keyframes none of which is in view."""
    if all(keyframe.outside for keyframe in keyframes):
        raise Refusal("The object would be visible nowhere; delete it instead.")


def check_attributes(attributes: Mapping[str, object]) -> None:
    """Refuse attributes that are too many, too long or not finite."""
    if len(attributes) > MAX_ATTRIBUTES:
        raise Refusal(f"An object has at most {MAX_ATTRIBUTES} attributes.")
    for name, value in attributes.items():
        if not 0 < len(name) <= 200:
            raise Refusal("The name of an attribute has 1 to 200 characters.")
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            raise Refusal(f"The value of {name} is longer than {LONGEST_TEXT:,} characters.")
        if isinstance(value, float) and not math.isfinite(value):
            raise Refusal(f"The value of {name} is not a finite number.")


def check_behaviors(behaviors: Sequence[Behavior], scene: Scene) -> None:
    """Refuse behaviours that are too many, have one id, or do not lie on frames of the medium, in order."""
    if len(behaviors) > MAX_BEHAVIORS:
        raise Refusal(f"An object has at most {MAX_BEHAVIORS:,} behaviours.")
    if len({behavior.id for behavior in behaviors}) < len(behaviors):
        raise Refusal("Two behaviours have the same id.")
    for behavior in behaviors:
        check_behavior(behavior, scene)


def check_behavior(behavior: Behavior, scene: Scene) -> None:
    """Refuse a behaviour that ends before it begins, or after the medium."""
    if behavior.last < behavior.first:
        raise Refusal("A behaviour ends on its first frame or later.")
    if behavior.last >= scene.medium.frame_count:
        count = scene.medium.frame_count
        raise Refusal(f"Frame {behavior.last} is outside the medium, which has {count} frames so far.")
