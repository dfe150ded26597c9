"""Angles in degrees, clockwise as seen on the image.

short_arc(350.0 - 10.0)              # -20.0: at most half a turn
short_arc(np.diff(rotations))        # arrays, too
"""

from typing import overload

import numpy as np
from numpy.typing import NDArray


@overload
def short_arc(turns: float) -> float: ...
@overload
def short_arc(turns: NDArray[np.float64]) -> NDArray[np.float64]: ...
def short_arc(turns: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """The turns reduced to (-180, 180] degrees."""
    return 180.0 - (180.0 - turns) % 360.0
