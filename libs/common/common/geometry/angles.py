"""Angles in degrees, clockwise as seen on the picture.

short_arc(350.0 - 10.0)              # -20.0: the turn of at most half a circle
short_arc(np.diff(rotations))        # arrays alike
"""

from typing import overload

import numpy as np
from numpy.typing import NDArray


@overload
def short_arc(turns: float) -> float: ...
@overload
def short_arc(turns: NDArray[np.float64]) -> NDArray[np.float64]: ...
def short_arc(turns: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """The equivalent turns in (-180, 180] degrees."""
    return 180.0 - (180.0 - turns) % 360.0
