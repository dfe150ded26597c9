"""Run lengths as pycocotools reads them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as validator

from export.codecs.rle import column_runs


@given(
    arrays.arrays(np.bool_, st.tuples(st.integers(1, 7), st.integers(1, 7))),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_column_runs_are_those_of_pycocotools(mask: np.ndarray, x: int, y: int, right: int, below: int) -> None:
    rows, columns = mask.shape
    height, width = y + rows + below, x + columns + right
    image = np.zeros((height, width), np.uint8)
    image[y : y + rows, x : x + columns] = mask

    counts = column_runs(mask, x, y, width, height)

    assert sum(counts) == width * height
    assert all(count > 0 for count in counts[1:])
    encoded = validator.frPyObjects({"counts": counts, "size": [height, width]}, height, width)
    assert encoded["counts"] == validator.encode(np.asfortranarray(image))["counts"]
