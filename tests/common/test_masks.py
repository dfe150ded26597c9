"""Conversion between shapes and sets of pixels."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from common.geometry.errors import GeometryError
from common.geometry.masks import (
    bitmap_area,
    bitmap_error,
    bitmap_iou,
    bitmap_window,
    decode_bitmap,
    encode_bitmap,
    polygonize,
    rasterize,
    subtract_bitmap,
)
from common.geometry.rings import signed_area
from common.geometry.types import Bitmap, Box, Circle, Ellipse, Geometry, ImageTag, Line, Part, Polygon
from common.geometry.validity import is_simple

Bools = NDArray[np.bool_]
masks = arrays.arrays(np.bool_, arrays.array_shapes(min_dims=2, max_dims=2, max_side=12))
corners = st.integers(-4, 24).map(lambda number: number / 2)
rings = st.lists(st.tuples(corners, corners), min_size=3, max_size=9)


def at(bitmap: Bitmap, width: int = 20, height: int = 20) -> Bools:
    """The mask of a shape on an image of that size."""
    found = np.zeros((height, width), np.bool_)
    cut = rasterize(bitmap, (width, height))
    found[cut.y : cut.y + cut.height, cut.x : cut.x + cut.width] = decode_bitmap(cut)
    return found


@given(masks, st.integers(-5, 5), st.integers(-5, 5))
def test_encoding_round_trips_in_the_smallest_rectangle(mask: Bools, x: int, y: int) -> None:
    bitmap = encode_bitmap(mask, x, y)

    assert bitmap_error(bitmap) is None
    assert bitmap_area(bitmap) == np.count_nonzero(mask)
    if mask.any():
        assert bitmap_window(bitmap) == (bitmap.x, bitmap.y, bitmap.x + bitmap.width, bitmap.y + bitmap.height)
        inside = mask[bitmap.y - y : bitmap.y - y + bitmap.height, bitmap.x - x : bitmap.x - x + bitmap.width]
        assert np.array_equal(decode_bitmap(bitmap), inside)
    else:
        assert (bitmap.width, bitmap.runs, bitmap_window(bitmap)) == (0, [], None)


@pytest.mark.parametrize(
    ("width", "height", "runs", "code"),
    [
        (2, 2, [1, 2], "bitmap_runs_incomplete"),
        (2, 2, [5, -1], "bitmap_run_negative"),
        (-2, -2, [0, 4], "bitmap_size_negative"),
        (100_000, 100_000, [10**10], "bitmap_pixels_exceeded"),
        (2**70, 1, [2**70], "bitmap_pixels_exceeded"),
        (0, 0, [1], "bitmap_runs_incomplete"),
    ],
)
def test_malformed_bitmaps_have_a_code_and_are_never_decoded(
    width: int, height: int, runs: list[int], code: str
) -> None:
    bitmap = Bitmap(x=0, y=0, width=width, height=height, runs=runs)

    error = bitmap_error(bitmap)
    assert error is not None
    assert error.code == code
    for decode in (decode_bitmap, polygonize, rasterize):
        with pytest.raises(GeometryError, match=code):
            decode(bitmap)


@given(rings, st.lists(rings, max_size=2))
def test_a_pixel_belongs_to_a_polygon_if_its_center_does(
    outer: list[tuple[float, float]], holes: list[list[tuple[float, float]]]
) -> None:
    found = at(rasterize(Polygon(parts=[Part(outer=outer, holes=holes)])), 12, 12)

    for y in range(12):
        for x in range(12):
            centre = (x + 0.5, y + 0.5)
            expected = crossed(outer, *centre) and not any(crossed(hole, *centre) for hole in holes)
            assert found[y, x] == expected, centre


def crossed(ring: list[tuple[float, float]], x: float, y: float) -> bool:
    """Whether a ray from the point to the left crosses the ring an odd number of times. Borders count as left of and
    above the points on them."""
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if min(y1, y2) <= y < max(y1, y2) and x1 + (y - y1) * (x2 - x1) / (y2 - y1) <= x:
            inside = not inside
    return inside


def test_adjacent_shapes_share_no_pixel_and_leave_no_gap() -> None:
    left, right = Box(x1=0, y1=0, x2=3.5, y2=4), Box(x1=3.5, y1=0, x2=7, y2=4)
    lower = Polygon(parts=[Part(outer=[(0, 0), (7, 4), (0, 4)])])
    upper = Polygon(parts=[Part(outer=[(0, 0), (7, 0), (7, 4)])])

    for one, other in ((left, right), (lower, upper)):
        pixels = at(rasterize(one)).astype(int) + at(rasterize(other))
        assert pixels[:4, :7].tolist() == [[1] * 7] * 4


def test_holes_are_only_cut_from_their_own_part() -> None:
    big, hole = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)], [(2.0, 2.0), (8.0, 2.0), (8.0, 8.0), (2.0, 8.0)]
    island = [(4.0, 4.0), (6.0, 4.0), (6.0, 6.0), (4.0, 6.0)]

    found = rasterize(Polygon(parts=[Part(outer=big, holes=[hole]), Part(outer=island), Part(outer=island)]))

    assert bitmap_area(found) == 100 - 36 + 4


@given(
    st.floats(0.5, 9),
    st.floats(0.5, 9),
    st.floats(0, 360),
    st.floats(-3, 23),
    st.floats(-3, 23),
    st.sampled_from("oeb"),
)
def test_round_and_rotated_shapes_have_the_pixels_with_centers_inside(
    rx: float, ry: float, rotation: float, cx: float, cy: float, kind: str
) -> None:
    shapes: dict[str, Geometry] = {
        "o": Circle(cx=cx, cy=cy, r=rx),
        "e": Ellipse(cx=cx, cy=cy, rx=rx, ry=ry, rotation=rotation),
        "b": Box(x1=cx - rx, y1=cy - ry, x2=cx + rx, y2=cy + ry, rotation=rotation),
    }
    turn = np.radians(0 if kind == "o" else rotation)
    y, x = np.mgrid[:20, :20] + 0.5
    along = ((x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)) / rx
    across = ((y - cy) * np.cos(turn) - (x - cx) * np.sin(turn)) / (rx if kind == "o" else ry)
    away = np.maximum(np.abs(along), np.abs(across)) if kind == "b" else np.hypot(along, across)

    found = at(rasterize(shapes[kind], (20, 20)))

    clear = np.abs(away - 1) > 1e-9
    assert np.array_equal(found[clear], (away < 1)[clear])


def test_shapes_without_area_or_too_large_are_refused() -> None:
    with pytest.raises(GeometryError, match="shape_without_area"):
        rasterize(Line(x1=0, y1=0, x2=5, y2=5))
    with pytest.raises(GeometryError, match="shape_without_area"):
        rasterize(ImageTag())
    with pytest.raises(GeometryError, match="bitmap_pixels_exceeded"):
        rasterize(Box(x1=0, y1=0, x2=1e9, y2=1e9))
    assert bitmap_area(rasterize(Box(x1=-1e9, y1=-1e9, x2=1e9, y2=1e9), (4, 3))) == 12
    assert bitmap_area(rasterize(ImageTag(), (4, 3))) == 12
    assert bitmap_area(rasterize(Box(x1=50, y1=50, x2=60, y2=60), (4, 3))) == 0
    assert bitmap_area(rasterize(Polygon(parts=[Part(outer=[])]))) == 0


@given(masks, st.integers(-3, 3), st.integers(-3, 3))
def test_the_polygon_encloses_exactly_the_pixels(mask: Bools, x: int, y: int) -> None:
    bitmap = encode_bitmap(mask, x, y)

    polygon = polygonize(bitmap)

    assert bitmap_iou(rasterize(polygon), bitmap) == 1
    for part in polygon.parts:
        assert signed_area(np.array(part.outer)) > 0
        assert all(signed_area(np.array(hole)) < 0 for hole in part.holes)
        own = rasterize(Polygon(parts=[part]))
        assert bitmap_area(own) == signed_area(np.array(part.outer)) + sum(signed_area(np.array(h)) for h in part.holes)
    assert bitmap_area(bitmap) == sum(bitmap_area(rasterize(Polygon(parts=[part]))) for part in polygon.parts)


def test_rings_within_rings_belong_to_the_part_around_them() -> None:
    y, x = np.mgrid[:40, :40]
    away = np.maximum(np.abs(x - 20), np.abs(y - 20))
    rings = (away // 3) % 2 == 0

    polygon = polygonize(encode_bitmap(rings))

    assert [len(part.holes) for part in sorted(polygon.parts, key=lambda part: len(part.outer))].count(1) == 3
    assert sum(len(part.holes) for part in polygon.parts) == len(polygon.parts) - 1


@given(masks, st.floats(0.1, 5))
def test_a_simplified_polygon_has_similar_pixels(mask: Bools, tolerance: float) -> None:
    bitmap = encode_bitmap(np.kron(mask, np.ones((3, 3), np.bool_)))

    exact, fewer = polygonize(bitmap), polygonize(bitmap, tolerance)

    assert bitmap_iou(rasterize(fewer), bitmap) >= 0.9
    assert points(fewer) <= points(exact)
    assert all(is_simple(ring) or ring in outers(exact) for ring in outers(fewer))


def test_a_disc_needs_few_points_with_one_pixel_tolerance() -> None:
    disc = rasterize(Circle(cx=100, cy=100, r=80))

    assert points(polygonize(disc, 1.0)) < points(polygonize(disc)) / 4
    assert points(polygonize(disc, 2.0)) < 30
    assert bitmap_iou(rasterize(polygonize(disc, 1.0)), disc) > 0.97


def points(polygon: Polygon) -> int:
    return sum(len(ring) for part in polygon.parts for ring in (part.outer, *part.holes))


def outers(polygon: Polygon) -> list[list[tuple[float, float]]]:
    return [part.outer for part in polygon.parts]


@given(masks, masks, st.integers(-6, 6), st.integers(-6, 6))
def test_difference_and_iou_match_the_pixels(one: Bools, other: Bools, x: int, y: int) -> None:
    first, second = encode_bitmap(one, 7, 7), encode_bitmap(other, 7 + x, 7 + y)
    here, there = at(first, 30, 30), at(second, 30, 30)

    assert np.array_equal(at(subtract_bitmap(first, second), 30, 30), here & ~there)
    either = np.count_nonzero(here | there)
    assert bitmap_iou(first, second) == (np.count_nonzero(here & there) / either if either else 1)


def test_a_large_noisy_mask_is_traced_in_seconds() -> None:
    mask = np.random.default_rng(1).random((200, 300)) < 0.5
    bitmap = encode_bitmap(mask)

    before = time.process_time()
    polygon = polygonize(bitmap)
    assert time.process_time() - before < 10
    assert bitmap_area(rasterize(polygon)) == np.count_nonzero(mask)
