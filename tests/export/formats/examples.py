"""Example shapes and missions for the tests of formats."""

from typing import Any

from common.contract.missions import Category, Mission, SkeletonTemplate
from common.geometry.types import Part, Polygon

RING: list[Any] = [(10, 10), (60, 10), (60, 50), (10, 50)]
HOLE: list[Any] = [(20, 20), (40, 20), (40, 40), (20, 40)]
HOLED = Polygon(parts=[Part(outer=RING, holes=[HOLE])])
PARTS = Polygon(parts=[Part(outer=RING), Part(outer=[(x + 100, y) for x, y in RING])])


def skeleton_mission(category: str, color: str, names: list[str], edges: list[tuple[str, str]]) -> Mission:
    """A mission with one category of skeletons."""
    template = SkeletonTemplate(names=names, edges=edges)
    return Mission(id="people", name="People", categories=[Category(name=category, color=color, joints=template)])
