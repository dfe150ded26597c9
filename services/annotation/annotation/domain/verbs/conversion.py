"""Shapes of one kind made another."""

from typing import Any

from annotation.domain.edit_context import Scene
from annotation.domain.errors import Refusal
from annotation.domain.invariants import checked
from common.contract.edits import Convert
from common.contract.labels import Keyframe, ObjectState
from common.geometry import masks
from common.geometry.types import Bitmap, Box, Geometry, Part, Polygon
from common.geometry.vectors import corners

# How many pixels a simplified outline may be off.
SIMPLIFIED_PIXELS = 2.0
_WITH_AREA = ("bbox", "polygon", "circle", "ellipse")


def convert(edit: Convert, before: ObjectState, scene: Scene) -> dict[str, Any]:
    """Make the object's shapes pixels, or pixels and boxes outlines; pixels have no keypoints and no attributes."""
    kind = before.annotation_type
    if kind == edit.to:
        raise Refusal(f"This object is a {kind} already.")
    if kind not in (_WITH_AREA if edit.to == "bitmap" else ("bbox", "bitmap")):
        raise Refusal(f"A {kind} cannot become a {edit.to}.")
    change = _rasterized if edit.to == "bitmap" else _outlined
    keyframes = [checked(keyframe, edit.to, scene.lenient) for keyframe in _held(change(before.keyframes, edit, scene))]
    changed: dict[str, Any] = {"annotation_type": edit.to, "keyframes": keyframes}
    return changed | {"attributes": {}} if edit.to == "bitmap" else changed


def _rasterized(keyframes: list[Keyframe], _: Convert, scene: Scene) -> list[Keyframe]:
    width, height = scene.medium.width, scene.medium.height
    picture = (width, height) if width and height else None
    made = []
    for keyframe in keyframes:
        try:
            bitmap = masks.rasterize(keyframe.geometry, picture)
        except ValueError as error:
            raise Refusal("This shape is too large to become pixels.") from error
        bare = {"geometry": bitmap, "keypoints": [], "rpy": None, "attributes": {}}
        made.append(keyframe.model_copy(update=bare))
    return made


def _held(keyframes: list[Keyframe]) -> list[Keyframe]:
    """The keyframes; one that is out of view and has no pixel takes those of another, for nobody sees them."""
    seen = next((keyframe.geometry for keyframe in keyframes if not _is_nothing(keyframe.geometry)), None)
    held = []
    for keyframe in keyframes:
        if not _is_nothing(keyframe.geometry):
            seen = keyframe.geometry
        elif seen is None or not keyframe.outside:
            raise Refusal(f"On frame {keyframe.frame} no pixel of the picture lies within the shape.")
        held.append(keyframe.model_copy(update={"geometry": seen}))
    return held


def _is_nothing(geometry: Geometry) -> bool:
    return isinstance(geometry, Bitmap) and not geometry.width


def _outlined(keyframes: list[Keyframe], edit: Convert, _: Scene) -> list[Keyframe]:
    return [keyframe.model_copy(update={"geometry": _outline(keyframe.geometry, edit)}) for keyframe in keyframes]


def _outline(geometry: Geometry, edit: Convert) -> Polygon:
    if isinstance(geometry, Box):
        return Polygon(parts=[Part(outer=corners(geometry))])
    if isinstance(geometry, Bitmap):
        try:
            return masks.outline(geometry, SIMPLIFIED_PIXELS if edit.simplified else 0.0)
        except ValueError as error:
            raise Refusal("This bitmap has too many corners to become a polygon.") from error
    raise Refusal(f"A {geometry.kind} cannot become a polygon.")
