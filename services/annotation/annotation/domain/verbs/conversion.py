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

# The maximum deviation of a simplified polygon in pixels.
SIMPLIFIED_PIXELS = 2.0
_WITH_AREA = ("bbox", "polygon", "circle", "ellipse")


def convert(edit: Convert, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Convert shapes to bitmaps, or boxes and bitmaps to polygons. Bitmaps have no keypoints and attributes."""
    kind = before.annotation_type
    if kind == edit.to:
        raise EditRefused("already_annotation_type", annotation_type=kind)
    if kind not in (_WITH_AREA if edit.to == "bitmap" else ("bbox", "bitmap")):
        raise EditRefused("conversion_not_supported", annotation_type=kind, target=edit.to)
    change = _rasterized if edit.to == "bitmap" else _polygonized
    keyframes = [
        checked(keyframe, edit.to, context.without_bounds)
        for keyframe in _with_pixels(change(before.keyframes, edit, context))
    ]
    changed: dict[str, Any] = {"annotation_type": edit.to, "keyframes": keyframes}
    return changed | {"attributes": {}} if edit.to == "bitmap" else changed


def _rasterized(keyframes: list[Keyframe], _: Convert, context: EditContext) -> list[Keyframe]:
    width, height = context.medium.width, context.medium.height
    image_size = (width, height) if width and height else None
    rasterized = []
    for keyframe in keyframes:
        try:
            bitmap = masks.rasterize(keyframe.geometry, image_size)
        except ValueError as error:
            raise EditRefused("shape_too_large_to_rasterize") from error
        fields = {"geometry": bitmap, "keypoints": [], "rpy": None, "attributes": {}}
        rasterized.append(keyframe.model_copy(update=fields))
    return rasterized


def _with_pixels(keyframes: list[Keyframe]) -> list[Keyframe]:
    """The keyframes, where an outside one without pixels gets the previous shape, because it is not visible."""
    geometry = next((keyframe.geometry for keyframe in keyframes if not _is_empty(keyframe.geometry)), None)
    filled = []
    for keyframe in keyframes:
        if not _is_empty(keyframe.geometry):
            geometry = keyframe.geometry
        elif geometry is None or not keyframe.outside:
            raise EditRefused("shape_without_pixels", frame=keyframe.frame)
        filled.append(keyframe.model_copy(update={"geometry": geometry}))
    return filled


def _is_empty(geometry: Geometry) -> bool:
    return isinstance(geometry, Bitmap) and not geometry.width


def _polygonized(keyframes: list[Keyframe], edit: Convert, _: EditContext) -> list[Keyframe]:
    return [keyframe.model_copy(update={"geometry": _polygon(keyframe.geometry, edit)}) for keyframe in keyframes]


def _polygon(geometry: Geometry, edit: Convert) -> Polygon:
    if isinstance(geometry, Box):
        return Polygon(parts=[Part(outer=corners(geometry))])
    if isinstance(geometry, Bitmap):
        try:
            return masks.polygonize(geometry, SIMPLIFIED_PIXELS if edit.simplified else 0.0)
        except ValueError as error:
            raise EditRefused("bitmap_too_complex") from error
    raise EditRefused("conversion_not_supported", annotation_type=geometry.kind, target="polygon")
