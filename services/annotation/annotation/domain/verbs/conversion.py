"""Conversion between types of shapes."""

from typing import Any

from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditRefused
from annotation.domain.invariants import checked
from common.contract.edits import Convert
from common.contract.labels import Keyframe, ObjectState
from common.geometry import masks
from common.geometry.boxes import corners
from common.geometry.types import Bitmap, Box, Geometry, Part, Polygon

# The maximum deviation of a simplified outline in pixels.
SIMPLIFIED_PIXELS = 2.0
_WITH_AREA = ("bbox", "polygon", "circle", "ellipse")


def convert(edit: Convert, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Convert shapes to bitmaps, or boxes and bitmaps to polygons. Bitmaps have no keypoints and attributes."""
    kind = before.annotation_type
    if kind == edit.to:
        raise EditRefused("already_annotation_type", annotation_type=kind)
    if kind not in (_WITH_AREA if edit.to == "bitmap" else ("bbox", "bitmap")):
        raise EditRefused("conversion_not_supported", annotation_type=kind, target=edit.to)
    change = _rasterized if edit.to == "bitmap" else _outlined
    keyframes = [
        checked(keyframe, edit.to, context.without_bounds)
        for keyframe in _held(change(before.keyframes, edit, context))
    ]
    changed: dict[str, Any] = {"annotation_type": edit.to, "keyframes": keyframes}
    return changed | {"attributes": {}} if edit.to == "bitmap" else changed


def _rasterized(keyframes: list[Keyframe], _: Convert, context: EditContext) -> list[Keyframe]:
    width, height = context.medium.width, context.medium.height
    picture = (width, height) if width and height else None
    made = []
    for keyframe in keyframes:
        try:
            bitmap = masks.rasterize(keyframe.geometry, picture)
        except ValueError as error:
            raise EditRefused("shape_too_large_to_rasterize") from error
        bare = {"geometry": bitmap, "keypoints": [], "rpy": None, "attributes": {}}
        made.append(keyframe.model_copy(update=bare))
    return made


def _held(keyframes: list[Keyframe]) -> list[Keyframe]:
    """The keyframes; an outside one without pixels takes the shape of another, because it is not shown."""
    seen = next((keyframe.geometry for keyframe in keyframes if not _is_nothing(keyframe.geometry)), None)
    held = []
    for keyframe in keyframes:
        if not _is_nothing(keyframe.geometry):
            seen = keyframe.geometry
        elif seen is None or not keyframe.outside:
            raise EditRefused("shape_without_pixels", frame=keyframe.frame)
        held.append(keyframe.model_copy(update={"geometry": seen}))
    return held


def _is_nothing(geometry: Geometry) -> bool:
    return isinstance(geometry, Bitmap) and not geometry.width


def _outlined(keyframes: list[Keyframe], edit: Convert, _: EditContext) -> list[Keyframe]:
    return [keyframe.model_copy(update={"geometry": _outline(keyframe.geometry, edit)}) for keyframe in keyframes]


def _outline(geometry: Geometry, edit: Convert) -> Polygon:
    if isinstance(geometry, Box):
        return Polygon(parts=[Part(outer=corners(geometry))])
    if isinstance(geometry, Bitmap):
        try:
            return masks.polygonize(geometry, SIMPLIFIED_PIXELS if edit.simplified else 0.0)
        except ValueError as error:
            raise EditRefused("bitmap_too_complex") from error
    raise EditRefused("conversion_not_supported", annotation_type=geometry.kind, target="polygon")
