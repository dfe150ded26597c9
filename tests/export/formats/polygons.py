"""A polygon with a hole, and one with two parts, for the tests of formats that change both."""

from typing import Any

from common.geometry.types import Part, Polygon

RING: list[Any] = [(10, 10), (60, 10), (60, 50), (10, 50)]
HOLE: list[Any] = [(20, 20), (40, 20), (40, 40), (20, 40)]
HOLED = Polygon(parts=[Part(outer=RING, holes=[HOLE])])
PARTS = Polygon(parts=[Part(outer=RING), Part(outer=[(x + 100, y) for x, y in RING])])
