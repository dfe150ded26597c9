"""Whether rings of polygons are free of self-intersections. The predicates are those of GEOS, by shapely.

is_simple([(0, 0), (4, 0), (4, 4)])    # True
are_simple([ring, other])              # [True, False], computed at once
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from common.geometry.types import Point

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def is_simple(ring: Sequence[Point] | Floats) -> bool:
    """Whether a ring [n, 2], in pixels and not closed by repeating its first point, encloses an area and no two of its
    sides have a point in common except the one that joins neighbors. Points that repeat the one before are ignored."""
    return bool(are_simple([np.asarray(ring, np.float64).reshape(-1, 2)])[0])


def are_simple(rings: Sequence[Floats]) -> Bools:
    """[k] the same for each of k rings [n, 2]."""
    found = np.zeros(len(rings), np.bool_)
    # A ring of fewer points has no area; GEOS refuses it, and numbers that are not finite.
    usable = [at for at, ring in enumerate(rings) if len(ring) > 2 and np.isfinite(ring).all()]
    if usable:
        closed = [np.concatenate([rings[at], rings[at][:1]]) for at in usable]
        owners = np.repeat(np.arange(len(closed)), [len(ring) for ring in closed])
        found[usable] = shapely.is_simple(shapely.linearrings(np.concatenate(closed), indices=owners))
    return found
