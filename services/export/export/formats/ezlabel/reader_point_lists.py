"""Geometry from ezLabel's point lists."""

from collections.abc import Callable, Sequence
from functools import partial
from math import atan2, cos, degrees, hypot, radians, sin

from common.geometry import types
from export.parsing.reasons import ReaderError

Ring = list[types.Point]
# An angle has as few decimals as possible, as long as it turns to where the points are, of which all are rounded.
_MOST_DECIMALS = 9
_NEAR_PX = 0.0151


def geometry_of(kind: str, box_xyxy: Sequence[float] | None, text: str) -> types.Geometry:
    """The geometry of an annotation type, a box and a point list.

    Raises:
        ValueError: the data does not follow the format.
    """
    rings = _rings(text)
    if kind == "Label":
        return types.ImageTag()
    if kind == "PixelBased" or (not kind and rings):
        return types.Polygon(parts=_parts(rings))
    if kind in ("", "BoundingBox"):
        return _box(box_xyxy, rings[0][1] if rings else [])
    made = _OF_POINTS.get(kind)
    if made is None:
        raise ReaderError("annotation_type_unsupported", type=kind[:100])
    if len(rings) != 1:
        raise ReaderError("point_lists_count_wrong", count=len(rings))
    return made(rings[0][1])


def _rings(text: str) -> list[tuple[bool, Ring]]:
    """Point lists `x y;x y|!x y`: separated by `|`, holes start with `!`."""
    return [(ring.startswith("!"), _ring(ring.removeprefix("!"))) for ring in text.split("|")] if text else []


def _ring(text: str) -> Ring:
    points: Ring = []
    for pair in text.split(";"):
        x, y = pair.split()
        points.append((float(x), float(y)))
    return points


def _parts(rings: list[tuple[bool, Ring]]) -> list[types.Part]:
    parts: list[tuple[Ring, list[Ring]]] = []
    for is_hole, ring in rings:
        if not is_hole:
            parts.append((ring, []))
        elif not parts:
            raise ReaderError("hole_before_outline")
        else:
            parts[-1][1].append(ring)
    if not parts or any(len(outer) < 3 for outer, _ in parts):
        raise ReaderError("points_too_few", count=min((len(outer) for outer, _ in parts), default=0), minimum=3)
    return [types.Part(outer=outer, holes=holes) for outer, holes in parts]


def _box(corners_xyxy: Sequence[float] | None, turned: Ring) -> types.Box:
    if corners_xyxy is None:
        raise ReaderError("box_incomplete")
    x1, y1, x2, y2 = corners_xyxy
    box = types.Box(x1=x1, y1=y1, x2=x2, y2=y2)
    if len(turned) != 4:
        return box
    middle = (x1 + x2) / 2, (y1 + y2) / 2
    begin = (x1, y1) if (x1, y1) != (x2, y2) else None
    if begin is None:
        return box
    angle = _angle(middle, turned[0]) - _angle(middle, begin)
    return box.model_copy(update={"rotation": _short(angle, middle, begin, turned[0])})


def _ellipse(points: Ring) -> types.Ellipse:
    middle, along, across = points
    rx, ry = hypot(along[0] - middle[0], along[1] - middle[1]), hypot(across[0] - middle[0], across[1] - middle[1])
    rx, ry = round(rx, 2), round(ry, 2)
    # The longer one tells the angle better.
    turned, before = (along, (rx, 0.0)) if rx >= ry else (across, (0.0, ry))
    begin = middle[0] + before[0], middle[1] + before[1]
    rotation = _short(_angle(middle, turned) - _angle(middle, begin), middle, begin, turned) if rx or ry else 0.0
    return types.Ellipse(cx=middle[0], cy=middle[1], rx=rx, ry=ry, rotation=rotation)


def _circle(points: Ring) -> types.Circle:
    middle, side = points
    return types.Circle(cx=middle[0], cy=middle[1], r=round(abs(side[0] - middle[0]), 2))


def _line(points: Ring) -> types.Line:
    (x1, y1), (x2, y2) = points
    return types.Line(x1=x1, y1=y1, x2=x2, y2=y2)


def _skeleton(points: Ring) -> types.Skeleton:
    return types.Skeleton(
        keypoints=[types.Keypoint(name=str(number), x=x, y=y) for number, (x, y) in enumerate(points, 1)]
    )


def _cuboid(points: Ring) -> types.Cuboid:
    if len(points) != 8:
        raise ReaderError("points_count_wrong", count=len(points), expected=8)
    return types.Cuboid(points=points)


_OF_POINTS: dict[str, Callable[[Ring], types.Geometry]] = {
    "Polyline": lambda points: types.Polyline(points=points),
    "Points": lambda points: types.Points(points=points),
    "Skeleton": _skeleton,
    "Circle": _circle,
    "Ellipse": _ellipse,
    "Line": _line,
    "Cuboid": _cuboid,
}


def _angle(middle: types.Point, point: types.Point) -> float:
    return degrees(atan2(point[1] - middle[1], point[0] - middle[0]))


def _short(angle: float, middle: types.Point, begin: types.Point, end: types.Point) -> float:
    """The angle from 0 to 360 with the fewest decimals that rotates `begin` about `middle` to `end`."""
    rounded = map(partial(round, angle % 360), range(_MOST_DECIMALS))
    return next((one % 360 for one in rounded if _turns(one, middle, begin, end)), angle % 360)


def _turns(angle: float, middle: types.Point, begin: types.Point, end: types.Point) -> bool:
    along, across = cos(radians(angle)), sin(radians(angle))
    x, y = begin[0] - middle[0], begin[1] - middle[1]
    off = x * along - y * across + middle[0] - end[0], x * across + y * along + middle[1] - end[1]
    return abs(off[0]) <= _NEAR_PX and abs(off[1]) <= _NEAR_PX
