import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]  # SciPy has no types

from inference.domain.matching import match


@pytest.mark.parametrize(
    ("weights", "pairs"),
    [
        ([[0.9]], [(0, 0)]),
        ([[0.1]], []),
        ([[0.9, 0.8], [0.8, 0.0]], [(0, 1), (1, 0)]),  # the best pair alone would leave the second without one
        ([[0.9, 0.8], [0.7, 0.0]], [(0, 1), (1, 0)]),
        ([[0.9, 0.3], [0.3, 0.0]], [(0, 0)]),
        ([[0.5], [0.6]], [(1, 0)]),
        ([[0.0, 0.0]], []),
    ],
)
def test_small_cases(weights: list[list[float]], pairs: list[tuple[int, int]]) -> None:
    assert match(np.array(weights), at_least=0.3) == pairs


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_an_empty_matrix_has_no_pairs(shape: tuple[int, int]) -> None:
    assert match(np.zeros(shape), at_least=0.3) == []


@given(arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.floats(0, 1, width=16)))
def test_the_total_weight_equals_that_of_scipy(weights: np.ndarray) -> None:
    pairs = match(weights, at_least=0.3)

    allowed = np.where((weights >= 0.3) & (weights > 0), weights, 0)
    total = allowed[linear_sum_assignment(allowed, maximize=True)].sum()
    assert sum(weights[pair] for pair in pairs) == pytest.approx(total)
    assert all(weights[pair] >= 0.3 for pair in pairs)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
