"""Linear assignment: the one-to-one matching with the largest total weight."""

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.floating]


def match(weights: Weights, at_least: float) -> list[tuple[int, int]]:
    """Pairs (row, column), each row and column at most once, of weight `at_least` or more and of the largest total
    weight; sorted by row. The same weights always give the same pairs.

    Most rows have a single candidate that has no other: only the rest needs the Hungarian method. It is short; SciPy's
    would add 110 MB to the image.
    """
    allowed = (weights >= at_least) & (weights > 0)
    alone = allowed & (allowed.sum(axis=1, keepdims=True) == 1) & (allowed.sum(axis=0, keepdims=True) == 1)
    rest = allowed & ~alone
    rows, columns = np.flatnonzero(rest.any(axis=1)), np.flatnonzero(rest.any(axis=0))
    pairs = [(int(row), int(column)) for row, column in np.argwhere(alone)]
    if len(rows):
        weights_left = np.where(rest, weights, 0).astype(np.float64)[np.ix_(rows, columns)]
        chosen = ((int(rows[row]), int(columns[column])) for row, column in _heaviest(weights_left))
        pairs += [pair for pair in chosen if rest[pair]]
    return sorted(pairs)


def _heaviest(weights: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    if weights.shape[0] > weights.shape[1]:
        return [(row, column) for column, row in _heaviest(weights.T)]
    return _cheapest(-weights)


def _cheapest(cost: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    """The cheapest assignment of every row, with no more rows than columns: shortest augmenting paths with
    potentials (Kuhn 1955, Jonker and Volgenant 1987), O(rows² · columns).

    Row and column 0 are not of the matrix: they stand for "none", from where each path starts.
    """
    rows, columns = cost.shape
    row_price, column_price = np.zeros(rows + 1), np.zeros(columns + 1)
    owner = np.zeros(columns + 1, int)
    for row in range(1, rows + 1):
        owner[0], at = row, 0
        least, came_from = np.full(columns + 1, np.inf), np.zeros(columns + 1, int)
        passed = np.zeros(columns + 1, bool)
        while owner[at]:
            passed[at] = True
            reduced = np.concatenate([[np.inf], cost[owner[at] - 1] - row_price[owner[at]] - column_price[1:]])
            nearer = ~passed & (reduced < least)
            least[nearer], came_from[nearer] = reduced[nearer], at
            at = int(np.argmin(np.where(passed, np.inf, least)))
            step = least[at]
            row_price[owner[passed]] += step
            column_price[passed] -= step
            least[~passed] -= step
        while at:
            owner[at] = owner[came_from[at]]
            at = came_from[at]
    return [(int(owner[column]) - 1, int(column) - 1) for column in np.flatnonzero(owner) if column]
