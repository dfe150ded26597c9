"""One shape of every kind, for tests of all kinds."""

import pytest

from common.geometry import types

SQUARE = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
EVERY_KIND: list[types.Geometry] = [
    types.Box(x1=10, y1=20, x2=50, y2=40, rotation=30),
    types.Polygon(parts=[types.Part(outer=[(0, 0), (40, 0), (40, 40)], holes=[[(20, 5), (30, 5), (30, 10)]])]),
    types.Polyline(points=[(1, 2), (30, 40)]),
    types.Points(points=[(5, 6)]),
    types.Skeleton.model_validate(
        {"keypoints": [{"name": "nose", "x": 5, "y": 6}, {"name": "tail", "x": 50, "y": 60}]}
    ),
    types.Bitmap(x=3, y=4, width=3, height=2, runs=[1, 4, 1]),
    types.Circle(cx=50, cy=60, r=10),
    types.Ellipse(cx=50, cy=60, rx=20, ry=10, rotation=45),
    types.Line(x1=1, y1=2, x2=30, y2=40, dashed=True),
    types.Cuboid(points=[*SQUARE, *((x + 3, y - 3) for x, y in SQUARE)]),
    types.Rpy.model_validate({"x": 5, "y": 6, "angles": {"yaw": 90}}),
    types.ImageTag(),
]
IDS = [geometry.kind for geometry in EVERY_KIND]
every_kind = pytest.mark.parametrize("geometry", EVERY_KIND, ids=IDS)
