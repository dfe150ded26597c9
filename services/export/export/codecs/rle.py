"""Masks as run lengths down the columns of a picture, as COCO and its relatives want them."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def column_runs(mask: NDArray[np.bool_], x: int, y: int, width: int, height: int) -> list[int]:
    """The lengths of the runs outside and inside the mask, in turn, column by column through a picture of
    `width` × `height`; the first is outside and may be 0. `mask` (rows, columns) lies within the picture, its
    top-left pixel at (x, y)."""
    rows = mask.shape[0]
    # A row of nothing below each column ends every run there.
    columns = np.zeros((mask.shape[1], rows + 1), np.int8)
    columns[:, :rows] = mask.T
    changes = np.diff(columns.ravel(), prepend=0)
    begins, ends = (_places(np.flatnonzero(changes == change), rows + 1, x, y, height) for change in (1, -1))
    # Where a mask is as high as the picture, a run that ends a column and one that begins the next are one.
    apart = begins[1:] != ends[:-1]
    begins, ends = begins[np.append(True, apart)[: len(begins)]], ends[np.append(apart, True)[: len(ends)]]
    edges = np.stack((begins, ends), axis=1).ravel()
    runs = np.diff(np.concatenate(([0], edges, [width * height])))
    return _without_empty_end(runs.tolist())


def _places(at: NDArray[np.intp], stride: int, x: int, y: int, height: int) -> NDArray[np.int64]:
    """Where in the picture, counted down the columns, a place in the mask is."""
    return (at // stride + x).astype(np.int64) * height + at % stride + y


def _without_empty_end(runs: list[int]) -> list[int]:
    return runs[:-1] if runs[-1] == 0 else runs


def compressed(runs: Iterable[int]) -> str:
    """Run lengths as COCO packs them into text: each as its difference from the one before the last, five bits a
    letter, the lowest first."""
    letters = bytearray()
    last_but_one, last = 0, 0
    for place, run in enumerate(runs):
        rest = run - last_but_one if place > 2 else run
        last_but_one, last = last, run
        more = True
        while more:
            bits, rest = rest & 0x1F, rest >> 5
            more = rest != (-1 if bits & 0x10 else 0)
            letters.append(48 + bits + (0x20 if more else 0))
    return letters.decode("ascii")
