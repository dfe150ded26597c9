"""Contours along pixel edges, and their simplification."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from common.geometry.contours import Ring, simplify_rings, trace_contours
from common.geometry.errors import GeometryError
from common.geometry.masks import SMALLEST_TOLERANCE, encode_bitmap, polygonize
from common.geometry.rings import signed_area

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
masks = arrays.arrays(np.bool_, arrays.array_shapes(min_dims=2, max_dims=2, max_side=12))


def rings_of(mask: Bools) -> list[Ring]:
    return [ring for part in trace_contours(mask) for ring in part]


@given(masks)
def test_rings_enclose_the_pixels_with_opposite_directions_for_holes(mask: Bools) -> None:
    parts = trace_contours(mask)

    assert all(signed_area(outer) > 0 and all(signed_area(hole) < 0 for hole in holes) for outer, *holes in parts)
    assert sum(signed_area(ring) for part in parts for ring in part) == np.count_nonzero(mask)


def test_pixels_touching_at_a_corner_are_separate_parts() -> None:
    diagonal = np.eye(3, dtype=np.bool_)
    frame = np.pad(~diagonal[:2, :2], 1, constant_values=True)

    assert [len(part) for part in trace_contours(diagonal)] == [1, 1, 1]
    assert [len(part) for part in trace_contours(frame)] == [2]


@given(masks, st.floats(0, 6))
def test_removed_points_are_within_the_tolerance(mask: Bools, tolerance: float) -> None:
    rings = rings_of(np.kron(mask, np.ones((2, 3), np.bool_)))

    for ring, fewer in zip(rings, simplify_rings(rings, tolerance), strict=True):
        assert {tuple(point) for point in fewer.tolist()} <= {tuple(point) for point in ring.tolist()}
        assert len(fewer) >= 3
        assert max(away(point, fewer) for point in ring) <= tolerance + 1e-9


def away(point: Floats, ring: Ring) -> float:
    way = np.roll(ring, -1, axis=0) - ring
    share = np.clip(((point - ring) * way).sum(axis=1) / (way * way).sum(axis=1), 0, 1)
    return float(np.sqrt(((point - ring - share[:, None] * way) ** 2).sum(axis=1)).min())


@given(masks)
def test_vectorized_simplification_equals_that_of_each_ring(mask: Bools) -> None:
    rings = rings_of(mask)

    together = simplify_rings(rings, 1.0)

    assert all(np.array_equal(one, simplify_rings([ring], 1.0)[0]) for one, ring in zip(together, rings, strict=True))
    unchanged = simplify_rings(rings, SMALLEST_TOLERANCE)
    assert all(np.array_equal(one, ring) for one, ring in zip(unchanged, rings, strict=True))


def columns(width: int) -> Bools:
    """A comb with the maximum number of corners, whose teeth are all equally far away."""
    return np.concatenate([np.arange(width)[None] % 2 == 0, np.ones((1, width), np.bool_)])


@pytest.mark.parametrize(
    "mask",
    [np.random.default_rng(1).random((220, 220)) < 0.5, columns(24_000), np.indices((150, 150)).sum(axis=0) % 2 == 0],
    ids=["noise", "comb", "checks"],
)
def test_the_most_complex_masks_are_traced_in_seconds(mask: Bools) -> None:
    bitmap = encode_bitmap(mask)

    before = time.process_time()
    polygonize(bitmap, 2.0)
    assert time.process_time() - before < 4


def test_a_noise_mask_is_refused_before_tracing() -> None:
    noise = encode_bitmap(np.random.default_rng(1).random((2000, 2000)) < 0.5)

    with pytest.raises(GeometryError, match="mask_corners_exceeded"):
        polygonize(noise)
