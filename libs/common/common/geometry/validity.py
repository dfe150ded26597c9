"""Self-intersection tests for rings of polygons, by GEOS through shapely.

is_simple([(0, 0), (4, 0), (4, 4)])    # True
are_simple([ring, other])              # [True, False], vectorized
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from common.geometry.types import Point

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def is_simple(ring: Sequence[Point] | Floats) -> bool:
    """Whether a ring [n, 2], in pixels and without repeating its first point, encloses an area, and its sides share
    only the points that join neighbors. Points that equal the previous one are ignored."""
    return bool(are_simple([np.asarray(ring, np.float64).reshape(-1, 2)])[0])


def are_simple(rings: Sequence[Floats]) -> Bools:
    """[k] whether each of k rings [n, 2] is simple (`is_simple`)."""
    simple = np.zeros(len(rings), np.bool_)
    # GEOS refuses rings of fewer than three points and numbers that are not finite.
    usable = [at for at, ring in enumerate(rings) if len(ring) > 2 and np.isfinite(ring).all()]
    if usable:
        closed = [np.concatenate([rings[at], rings[at][:1]]) for at in usable]
        owners = np.repeat(np.arange(len(closed)), [len(ring) for ring in closed])
        simple[usable] = shapely.is_simple(shapely.linearrings(np.concatenate(closed), indices=owners))
    return simple
