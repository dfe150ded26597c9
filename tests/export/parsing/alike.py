"""Two archives that say the same, but for what rounding does."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np


class Row(NamedTuple):
    """What an archive says of one thing on one picture: words, and numbers that may be rounded."""

    words: str
    numbers: tuple[float, ...] = ()


def row(words: Any, numbers: Iterable[float] = ()) -> Row:
    """A row of any words."""
    return Row(json.dumps(words, sort_keys=True), tuple(numbers))


def differences(before: Sequence[Row], after: Sequence[Row], tolerance: float = 0.03) -> list[Row]:
    """The rows of either for which the other has none like it: none, if they say the same."""
    left: list[Row] = []
    others = list(after)
    for one in before:
        like = next((at for at, other in enumerate(others) if _alike(one, other, tolerance)), None)
        if like is None:
            left.append(one)
        else:
            others.pop(like)
    return left + others


def _alike(one: Row, other: Row, tolerance: float) -> bool:
    return (
        one.words == other.words
        and len(one.numbers) == len(other.numbers)
        and all(abs(left - right) <= tolerance for left, right in zip(one.numbers, other.numbers, strict=True))
    )


def pixels(content: bytes) -> Any:
    """[height, width] the numbers of a picture, of colours red × 65536 + green × 256 + blue."""
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None
    if found.ndim == 2:
        return found
    red, green, blue = (found[:, :, channel].astype(np.int64) for channel in (2, 1, 0))
    return red << 16 | green << 8 | blue


def regions(numbers: Any, called: Callable[[int], Any] = int) -> list[str]:
    """The pixels of every number of a picture but 0, as what they are called and where they are."""
    found = []
    for number in np.unique(numbers[numbers > 0]).tolist():
        where = np.flatnonzero(numbers == number).tolist()
        found.append(json.dumps([called(number), where]))
    return sorted(found)


def turned(degrees: float) -> tuple[float, float]:
    """A direction, as numbers that differ as little as directions do."""
    return 50 * math.cos(math.radians(degrees)), 50 * math.sin(math.radians(degrees))
