"""Geometry from the JSON that Tracklane's own formats write."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from common.geometry.types import Geometry
from export.parsing.reasons import ReaderError

_GEOMETRY: TypeAdapter[Any] = TypeAdapter(Geometry)
_LISTS = {"polyline", "points", "cuboid"}
_WHOLE = {"circle", "ellipse", "line", "bitmap"}
# Kinds by the `annotation_type` of files.
_OF_TYPE = {
    "BoundingBox": "bbox",
    "Polyline": "polyline",
    "Points": "points",
    "Skeleton": "skeleton",
    "Circle": "circle",
    "Ellipse": "ellipse",
    "Line": "line",
    "Cuboid": "cuboid",
    "RollPitchYaw": "rpy",
    "Label": "label",
}


def kind_of(found: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """The kind of an object's shapes: declared, or derived from the fields of a frame."""
    if kind := found.get("kind") or _OF_TYPE.get(str(found.get("annotation_type"))):
        return str(kind)
    if "parts" in row:
        return "polygon"
    return next((kind for kind in ("bbox", *_LISTS, *_WHOLE, "skeleton", "rpy") if kind in row), "bbox")


def geometry_of(kind: str, row: Mapping[str, Any]) -> Any:
    """The geometry of a row; the inverse of the writer's JSON.

    Raises:
        KeyError, TypeError, ValueError: the data does not follow the format.
    """
    match kind:
        case "bbox":
            x1, y1, x2, y2 = row["bbox"]
            fields: dict[str, Any] = {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "rotation": row.get("rotation", 0.0)}
        case "polygon":
            fields = {"parts": row["parts"]}
        case "skeleton":
            fields = {"keypoints": row["skeleton"]}
        case "rpy":
            fields = {"x": row["rpy"]["x"], "y": row["rpy"]["y"], "angles": row["rpy"]}
        case "label":
            fields = {}
        case _ if kind not in _LISTS | _WHOLE:
            raise ReaderError("shape_unsupported", type=kind[:100])
        case _:
            fields = {"points": row[kind]} if kind in _LISTS else row[kind]
    return _GEOMETRY.validate_python({**fields, "kind": kind})
