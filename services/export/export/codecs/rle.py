"""Masks as column-major run lengths, as in COCO."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def column_runs(mask: NDArray[np.bool_], x: int, y: int, width: int, height: int) -> list[int]:
    """The lengths of the runs outside and inside the mask, in turn, column by column through an image of
    `width` × `height`; the first is outside and may be 0. `mask` (rows, columns) lies within the image, its top-left
    pixel at (x, y)."""
    rows = mask.shape[0]
    # An empty row below each column ends every run there.
    columns = np.zeros((mask.shape[1], rows + 1), np.int8)
    columns[:, :rows] = mask.T
    changes = np.diff(columns.ravel(), prepend=0)
    begins, ends = (_offsets(np.flatnonzero(changes == change), rows + 1, x, y, height) for change in (1, -1))
    # Where a mask is as high as the image, a run that ends a column and one that begins the next are one.
    apart = begins[1:] != ends[:-1]
    begins, ends = begins[np.append(True, apart)[: len(begins)]], ends[np.append(apart, True)[: len(ends)]]
    edges = np.stack((begins, ends), axis=1).ravel()
    runs = np.diff(np.concatenate(([0], edges, [width * height])))
    return _without_empty_end(runs.tolist())


def _offsets(at: NDArray[np.intp], stride: int, x: int, y: int, height: int) -> NDArray[np.int64]:
    """Column-major offsets in the image of offsets in the mask."""
    return (at // stride + x).astype(np.int64) * height + at % stride + y


def _without_empty_end(runs: list[int]) -> list[int]:
    return runs[:-1] if runs[-1] == 0 else runs


def compressed(runs: Iterable[int]) -> str:
    """Run lengths as COCO packs them into text: each as its difference from the one before the last, five bits a
    letter, the lowest first."""
    letters = bytearray()
    last_but_one, last = 0, 0
    for index, run in enumerate(runs):
        rest = run - last_but_one if index > 2 else run
        last_but_one, last = last, run
        more = True
        while more:
            bits, rest = rest & 0x1F, rest >> 5
            more = rest != (-1 if bits & 0x10 else 0)
            letters.append(48 + bits + (0x20 if more else 0))
    return letters.decode("ascii")
