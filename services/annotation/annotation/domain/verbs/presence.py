"""Where an object is in view, and where something hides a part of it.

Both are said by keyframes; on all frames that an edit does not name, every shape stays what it was.
"""

from typing import Any

from annotation.domain.edit_context import Scene
from annotation.domain.errors import Refusal
from annotation.domain.invariants import check_keyframes
from annotation.domain.keyframe_factory import made_keyframe
from annotation.domain.tracks import attributes_of, is_visible, left_of, place
from annotation.domain.verbs.frame_range import stretch_of
from common.contract.edits import SetOcclusion, SetPresence
from common.contract.labels import Keyframe, ObjectState


def set_presence(edit: SetPresence, before: ObjectState, scene: Scene) -> dict[str, Any]:
    """Put the object in view on frames first…last, or out of it; one that would be visible nowhere is deleted."""
    first, last = stretch_of(edit, scene)
    change = _present if edit.present else _absent
    keyframes = change(before.keyframes, first, last, scene)
    if all(keyframe.outside for keyframe in keyframes):
        return {"deleted": True}
    check_keyframes(keyframes)
    return {"keyframes": keyframes}


def _present(old: list[Keyframe], first: int, last: int, scene: Scene) -> list[Keyframe]:
    """Every keyframe inside comes into view; where there is none to begin with, or to end with, one is made."""
    before, inside, after = _parted(old, first, last)
    shown = {"outside": False, "source": scene.hand}
    inside = [keyframe.model_copy(update=shown) if keyframe.outside else keyframe for keyframe in inside]
    if not is_visible(old, first) and not place(old, first)[1]:
        inside = [made_keyframe(old, first, scene, **shown), *inside]
    if _needs_border(old, last + 1, scene) and not is_visible(old, last + 1):
        inside.append(made_keyframe(old, last + 1, scene, outside=True))
    return [*before, *inside, *after]


def _absent(old: list[Keyframe], first: int, last: int, scene: Scene) -> list[Keyframe]:
    """The object leaves view on the first frame and is back after the last where it was going to be; keyframes inside
    go, and what their attributes say holds on."""
    before, inside, after = _parted(old, first, last)
    leaving: list[Keyframe] = []
    if is_visible(old, first):
        leaving = [made_keyframe(old, first, scene, outside=True)]
    elif inside and inside[0].frame == first:
        leaving = inside[:1]
    if _needs_border(old, last + 1, scene) and is_visible(old, last + 1):
        after = [made_keyframe(old, last + 1, scene), *after]
    said = attributes_of(keyframe for keyframe in inside if keyframe.frame > first or not leaving)
    if said and after:
        after[0] = after[0].model_copy(update={"attributes": {**said, **after[0].attributes}})
    return [*before, *leaving, *after]


def set_occlusion(edit: SetOcclusion, before: ObjectState, scene: Scene) -> dict[str, Any]:
    """Say on frames first…last whether something hides a part of the object."""
    if before.annotation_type == "label":
        raise Refusal("Nothing hides a label of the whole picture.")
    first, last = stretch_of(edit, scene)
    old = before.keyframes
    kept, inside, after = _parted(old, first, last)
    if not is_visible(old, first) and all(keyframe.outside for keyframe in inside):
        raise Refusal("The object is not in view on these frames.")
    said = {"occluded": edit.occluded, "source": scene.hand}
    inside = [one if one.occluded == edit.occluded else one.model_copy(update=said) for one in inside]
    if is_visible(old, first) and not place(old, first)[1] and _occluded(old, first) != edit.occluded:
        inside = [made_keyframe(old, first, scene, **said), *inside]
    ends = _needs_border(old, last + 1, scene) and is_visible(old, last + 1)
    if ends and _occluded(old, last + 1) != edit.occluded:
        inside.append(made_keyframe(old, last + 1, scene))
    keyframes = [*kept, *inside, *after]
    check_keyframes(keyframes)
    return {"keyframes": keyframes}


def _parted(old: list[Keyframe], first: int, last: int) -> tuple[list[Keyframe], list[Keyframe], list[Keyframe]]:
    """The keyframes before frame `first`, those up to `last`, and those after it."""
    begin, end = place(old, first)[0], place(old, last + 1)[0]
    return old[:begin], old[begin:end], old[end:]


def _needs_border(old: list[Keyframe], frame: int, scene: Scene) -> bool:
    """Whether a keyframe must be made for what was so on `frame` to be so still."""
    return frame < scene.medium.frame_count and not place(old, frame)[1]


def _occluded(old: list[Keyframe], frame: int) -> bool:
    left = left_of(old, frame)
    return left is not None and left.occluded
