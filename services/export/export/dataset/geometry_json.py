"""Shapes in Tracklane's own JSON formats."""

from typing import Any

from common.geometry.types import Cuboid, Geometry, ImageTag, Points, Polygon, Polyline, Rpy, Skeleton
from export.dataset.track import Corners


def shape_json(shape: Corners | Geometry) -> dict[str, Any]:
    """A shape as JSON: under `bbox` and `rotation`, under `parts`, or under the name of its kind."""
    match shape:
        case tuple():
            *corners, rotation = shape
            found: dict[str, Any] = {"bbox": corners, "rotation": rotation} if rotation else {"bbox": corners}
        case Polygon():
            found = {"parts": [part.model_dump() for part in shape.parts]}
        case Polyline() | Points() | Cuboid():
            found = {shape.kind: shape.points}
        case Skeleton():
            found = {"skeleton": [keypoint.model_dump() for keypoint in shape.keypoints]}
        case Rpy():
            found = {"rpy": {"x": shape.x, "y": shape.y, **shape.angles.model_dump()}}
        case ImageTag():
            found = {}
        case _:
            found = {shape.kind: shape.model_dump(exclude={"kind"})}
    return found


def rounded(found: Any, decimals: int) -> Any:
    """JSON with all its numbers rounded."""
    match found:
        case float():
            return round(found, decimals)
        case dict():
            return {name: rounded(value, decimals) for name, value in found.items()}
        case list() | tuple():
            return [rounded(value, decimals) for value in found]
    return found
