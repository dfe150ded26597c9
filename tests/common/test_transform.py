"""Bounds, translation, scaling and clipping of shapes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.geometry import types
from common.geometry.bounds import bounds, center
from common.geometry.clip import clip_to_image
from common.geometry.masks import bitmap_area, bitmap_iou, rasterize
from common.geometry.transform import scale_geometry, translate_geometry
from tests.common.every_kind import every_kind
from tests.common.flattened import flat


@every_kind
def test_translation_is_reversible(geometry: types.Geometry) -> None:
    there = translate_geometry(geometry, 3, -4)
    before, after = bounds(geometry), bounds(there)

    assert flat(translate_geometry(there, -3, 4).model_dump()) == pytest.approx(flat(geometry.model_dump()))
    if before is not None and after is not None:
        assert after == pytest.approx((before[0] + 3, before[1] - 4, before[2] + 3, before[3] - 4))
    else:
        assert geometry == there == types.ImageTag()


@every_kind
def test_a_scaled_shape_has_scaled_bounds(geometry: types.Geometry) -> None:
    before, after = bounds(geometry), bounds(scale_geometry(geometry, 2, 2))

    if before is None or after is None:
        assert geometry == types.ImageTag()
        return
    assert center(scale_geometry(geometry, 2, 2)) == pytest.approx(center(geometry), abs=1)
    assert after[2] - after[0] == pytest.approx(2 * (before[2] - before[0]))
    assert after[3] - after[1] == pytest.approx(2 * (before[3] - before[1]))


@every_kind
@given(dx=st.floats(-70, 170), dy=st.floats(-70, 170))
def test_clipping_is_idempotent_and_within_the_image(geometry: types.Geometry, dx: float, dy: float) -> None:
    found = clip_to_image(translate_geometry(geometry, dx, dy), 100, 80)

    if found is None or (around := bounds(found)) is None:
        assert found is None or geometry == types.ImageTag()
        return
    # Rotated boxes and ellipses and cuboids may extend beyond the image; all other shapes may not.
    if not isinstance(found, types.Box | types.Ellipse):
        assert np.all(np.array(around) >= -1e-9)
        assert np.all(np.array(around) <= np.array([100, 80, 100, 80]) + 1e-9)
        again = clip_to_image(found, 100, 80) or types.ImageTag()
        assert flat(again.model_dump()) == pytest.approx(flat(found.model_dump()), abs=1e-6)


def test_rotated_shapes_are_scaled_with_the_exact_area() -> None:
    ellipse = types.Ellipse(cx=100, cy=100, rx=50, ry=20, rotation=30)
    angles = np.arange(720) / 360 * np.pi
    c, s = np.cos(np.pi / 6), np.sin(np.pi / 6)
    x, y = 50 * np.cos(angles), 20 * np.sin(angles)
    stretched = np.stack([100 + 3 * (x * c - y * s), 100 + 0.5 * (x * s + y * c)], axis=1)
    box = scale_geometry(types.Box(x1=0, y1=0, x2=40, y2=20, rotation=90), 2, 1)

    assert (
        bitmap_iou(
            rasterize(scale_geometry(ellipse, 3, 0.5)),
            rasterize(types.Polygon(parts=[types.Part(outer=stretched.tolist())])),
        )
        > 0.99
    )
    assert flat(box.model_dump()) == pytest.approx(
        flat(types.Box(x1=0, y1=-10, x2=40, y2=30, rotation=90).model_dump())
    )


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        (types.Box(x1=-10, y1=5, x2=30, y2=200), types.Box(x1=0, y1=5, x2=30, y2=80)),
        (types.Box(x1=10, y1=5, x2=30, y2=20, rotation=20), types.Box(x1=10, y1=5, x2=30, y2=20, rotation=20)),
        (types.Box(x1=-20, y1=10, x2=20, y2=20, rotation=90), types.Box(x1=-15, y1=15, x2=20, y2=20, rotation=90)),
        (types.Box(x1=-20, y1=5, x2=-1, y2=20), None),
        (types.Circle(cx=0, cy=40, r=10), types.Circle(cx=5, cy=40, r=5)),
        (types.Circle(cx=-8, cy=-8, r=10), None),
        (types.Ellipse(cx=100, cy=40, rx=20, ry=10), types.Ellipse(cx=90, cy=40, rx=10, ry=10)),
        (types.Line(x1=-10, y1=0, x2=30, y2=80, dashed=True), types.Line(x1=0, y1=20, x2=30, y2=80, dashed=True)),
        (types.Line(x1=-10, y1=0, x2=-5, y2=80), None),
        (
            types.Polyline(points=[(90, 10), (110, 10), (110, 30), (90, 30)]),
            types.Polyline(points=[(90, 10), (100, 10), (100, 30), (90, 30)]),
        ),
        (types.Points(points=[(5, 5), (-5, 5)]), types.Points(points=[(5, 5)])),
        (types.Points(points=[]), None),
        (
            types.Bitmap(x=-1, y=0, width=2, height=2, runs=[0, 4]),
            types.Bitmap(x=0, y=0, width=1, height=2, runs=[0, 2]),
        ),
        (types.Bitmap(x=-5, y=0, width=2, height=2, runs=[0, 4]), None),
        (types.Cuboid(points=[(-5, 5), (5, 5)]), types.Cuboid(points=[(0, 5), (5, 5)])),
        (types.ImageTag(), types.ImageTag()),
    ],
)
def test_shapes_are_clipped_to_the_image(geometry: types.Geometry, expected: types.Geometry | None) -> None:
    found = clip_to_image(geometry, 100, 80)

    if expected is None or found is None:
        assert found is expected
    else:
        assert flat(found.model_dump()) == pytest.approx(flat(expected.model_dump()), abs=0.01)


def test_a_polygon_that_leaves_the_image_and_comes_back_has_two_parts() -> None:
    comb = [(-10, 10), (20, 10), (20, 20), (-5, 20), (-5, 40), (20, 40), (20, 50), (-10, 50)]
    polygon = types.Polygon(parts=[types.Part(outer=[(float(x), float(y)) for x, y in comb])])

    clipped = clip_to_image(polygon, 100, 80)

    assert isinstance(clipped, types.Polygon)
    corners = sorted(sorted(part.outer) for part in clipped.parts)
    assert corners == [[(0, 10), (0, 20), (20, 10), (20, 20)], [(0, 40), (0, 50), (20, 40), (20, 50)]]


coordinates = st.floats(-60, 160).map(lambda x: round(x, 2))
rings = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=12)


@given(rings, rings)
def test_a_clipped_polygon_has_the_same_pixels_on_the_image(
    outer: list[tuple[float, float]], hole: list[tuple[float, float]]
) -> None:
    polygon = types.Polygon(parts=[types.Part(outer=outer, holes=[hole])])

    found = clip_to_image(polygon, 100, 80)

    before = rasterize(scale_geometry(polygon, 3, 3, (0, 0)), (300, 240))
    after = rasterize(scale_geometry(found or types.Polygon(parts=[]), 3, 3, (0, 0)), (300, 240))
    # A center on a clipped side may be on either side of it.
    assert bitmap_iou(before, after) > 0.99 or bitmap_area(before) < 300
    if found is not None:
        x1, y1, x2, y2 = bounds(found) or (0, 0, 0, 0)
        assert 0 <= x1 <= x2 <= 100
        assert 0 <= y1 <= y2 <= 80
