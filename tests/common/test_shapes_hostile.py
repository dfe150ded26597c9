"""Malicious shapes are handled quickly and without invalid numbers."""

import time
import tracemalloc
from collections.abc import Callable
from itertools import product
from math import isfinite

import numpy as np
import pytest

from common.contract.labels import Keyframe
from common.geometry.bounds import bounds
from common.geometry.clip import clip_to_image
from common.geometry.masks import rasterize
from common.geometry.shapes import geometry_at, interpolate_shapes
from common.geometry.simplify import reduce_keyframes
from common.geometry.types import Geometry, Part, Point, Polygon, Polyline
from common.geometry.vectors import to_vector

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")
RINGS: dict[str, list[Point]] = {
    "none": [],
    "one": [(1, 1)],
    "one thrice": [(1, 1), (1, 1), (1, 1)],
    "there and back": [(0, 0), (10, 0), (0, 0), (10, 0)],
    "flat": [(0, 0), (10, 0), (5, 0)],
    "eight": [(0, 0), (10, 10), (10, 0), (0, 10)],
    "square": [(0, 0), (10, 0), (10, 10), (0, 10)],
    "tiny": [(0, 0), (1e-200, 0), (0, 1e-200)],
    "tiniest": [(5e-324, 0), (0, 0), (0, 5e-324)],
    "close together far away": [(1e6, 1e6), (1e6 + 1e-10, 1e6), (1e6, 1e6 + 1e-10)],
    "as far as can be": [(0, 0), (1e6, 0), (1e6, 1e6), (-1e6, 5)],
}


def polygon(ring: list[Point]) -> Polygon:
    return Polygon(parts=[Part(outer=ring)])


def polyline(points: list[Point]) -> Polyline:
    return Polyline(points=points)


@pytest.mark.parametrize("made", [polygon, polyline])
@pytest.mark.parametrize(("before", "after"), list(product(RINGS, RINGS)))
def test_any_contours_can_be_interpolated(made: Callable[[list[Point]], Geometry], before: str, after: str) -> None:
    track = [Keyframe(frame=at * 4, geometry=made(RINGS[name])) for at, name in enumerate((before, after, after))]

    found = list(interpolate_shapes(track, 0, 9))

    assert len(found) == 10
    assert all(isfinite(number) for shape in found for number in to_vector(shape.geometry))
    assert [shape.geometry for shape in found if shape.is_key] == [keyframe.geometry for keyframe in track]
    assert reduce_keyframes(track, 0.5)[0] == track[0]


@pytest.mark.parametrize("name", RINGS)
def test_any_contour_can_be_clipped(name: str) -> None:
    for shape in (polygon(RINGS[name]), polyline(RINGS[name])):
        found = clip_to_image(shape, 100, 80)

        assert found is None or all(0 <= number <= 100 for number in to_vector(found))
        assert found is None or clip_to_image(found, 100, 80) == found
    assert rasterize(polygon(RINGS[name]), (100, 80)).width <= 100


def wild(count: int, seed: int) -> Geometry:
    """A polygon that crosses itself everywhere."""
    ring = np.random.default_rng(seed).uniform(-500, 1500, (count, 2)).tolist()
    return polygon([(x, y) for x, y in ring])


LARGE, NEXT = wild(100_000, 1), wild(99_999, 2)
# The maximum number of points, with each side across the image.
SCRIBBLE = wild(10_000, 3)
ANSWERS: dict[str, Callable[[], object]] = {
    "bounds": lambda: bounds(LARGE),
    "clamped": lambda: clip_to_image(LARGE, 1000, 800),
    "half way": lambda: geometry_at([Keyframe(frame=0, geometry=LARGE), Keyframe(frame=2, geometry=NEXT)], 1),
    "pixels": lambda: rasterize(SCRIBBLE, (1920, 1080)),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_many_crossing_sides_need_constant_memory(name: str) -> None:
    before = time.process_time()
    answer = ANSWERS[name]()
    took_s = time.process_time() - before

    tracemalloc.start()
    ANSWERS[name]()
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert answer is not None
    assert took_s < 1
    assert most_bytes < 150_000_000
