"""Comparison of archives up to rounding."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np


class Row(NamedTuple):
    """One object on one image in an archive: texts, and numbers that may be rounded."""

    words: str
    numbers: tuple[float, ...] = ()


def row(words: Any, numbers: Iterable[float] = ()) -> Row:
    """A row of any JSON values."""
    return Row(json.dumps(words, sort_keys=True), tuple(numbers))


def differences(before: Sequence[Row], after: Sequence[Row], tolerance: float = 0.03) -> list[Row]:
    """The rows without a counterpart in the other archive."""
    missing: list[Row] = []
    unmatched = list(after)
    for row in before:
        match = next((at for at, candidate in enumerate(unmatched) if _alike(row, candidate, tolerance)), None)
        if match is None:
            missing.append(row)
        else:
            unmatched.pop(match)
    return missing + unmatched


def _alike(left: Row, right: Row, tolerance: float) -> bool:
    return (
        left.words == right.words
        and len(left.numbers) == len(right.numbers)
        and all(abs(a - b) <= tolerance for a, b in zip(left.numbers, right.numbers, strict=True))
    )


def pixels(content: bytes) -> Any:
    """[height, width] the numbers of an image, for colours red × 65536 + green × 256 + blue."""
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None
    if found.ndim == 2:
        return found
    red, green, blue = (found[:, :, channel].astype(np.int64) for channel in (2, 1, 0))
    return red << 16 | green << 8 | blue


def regions(numbers: Any, called: Callable[[int], Any] = int) -> list[str]:
    """The name and the pixels of every number of an image except 0."""
    found = []
    for number in np.unique(numbers[numbers > 0]).tolist():
        where = np.flatnonzero(numbers == number).tolist()
        found.append(json.dumps([called(number), where]))
    return sorted(found)


def turned(degrees: float) -> tuple[float, float]:
    """A direction as numbers that are close for close directions."""
    return 50 * math.cos(math.radians(degrees)), 50 * math.sin(math.radians(degrees))
