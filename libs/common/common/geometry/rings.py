"""Contours as arrays of points: closed rings and open lines."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def drop_repeated_points(points: Floats, *, closed: bool) -> Floats:
    """The contour without points that equal the previous one."""
    differs = ~repeats_previous(points)
    differs[:1] = True
    kept = points[differs]
    return kept[:-1] if closed and len(kept) > 1 and (kept[0] == kept[-1]).all() else kept


def signed_area(ring: Floats) -> float:
    """The area of a ring [n, 2] in px² (shoelace), positive if it runs clockwise as seen on the image."""
    return float(signed_areas(ring))


def signed_areas(rings: Floats) -> Floats:
    """The signed areas of rings [..., n, 2]."""
    points = close_rings(rings - rings[..., :1, :])
    x, y = points[..., 0], points[..., 1]
    return np.asarray(np.sum(x[..., :-1] * y[..., 1:] - x[..., 1:] * y[..., :-1], axis=-1) / 2)


def close_rings(rings: Floats) -> Floats:
    """Rings [..., n, 2] with their first point repeated at the end."""
    return np.concatenate([rings, rings[..., :1, :]], axis=-2)


def repeats_previous(rings: Floats) -> Bools:
    """[..., n] whether a point equals the previous one, cyclically."""
    return np.asarray((rings == np.concatenate([rings[..., -1:, :], rings[..., :-1, :]], axis=-2)).all(axis=-1))


def relative_lengths(points: Floats, *, closed: bool) -> Floats:
    """The position of each point [..., n, 2] as a fraction of the total length, 0 to 1."""
    steps = np.diff(close_rings(points) if closed else points, axis=-2)
    # hypot: the squares of steps below 1e-162 would be 0.
    lengths = np.cumsum(np.hypot(steps[..., 0], steps[..., 1]), axis=-1)
    along = np.concatenate([np.zeros_like(lengths[..., :1]), lengths], axis=-1) / lengths[..., -1:]
    return np.asarray(along[..., : points.shape[-2]])


def points_at(points: Floats, along: Floats, at: Floats, *, closed: bool) -> Floats:
    """The points [k, 2] at positions `at` [k] of a contour whose points are at positions `along` [n]."""
    if closed:
        along = np.concatenate([along[-1:] - 1, along, along[:1] + 1])
        points, at = np.concatenate([points[-1:], points, points[:1]]), at % 1.0
    return np.stack([np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])], axis=1)
