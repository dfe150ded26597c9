"""The division of images into training and validation."""

import hashlib
from collections.abc import Iterable, Mapping


def validation_names(names_of: Mapping[str, Iterable[str]], share: float, seed: int) -> set[str]:
    """The names of the validation images: this share of each class, rounded.

    Of two or more images of a class, each side gets at least one, unless the share is 0 or 1. Images are drawn in the
    order of SHA-256(seed, name), so the result depends only on the names and the seed. Each name has one class.
    """
    chosen: set[str] = set()
    for class_names in names_of.values():
        names = sorted(class_names, key=lambda name: _lot(seed, name))
        chosen.update(names[: _count(len(names), share)])
    return chosen


def _count(total: int, share: float) -> int:
    if total < 2 or share <= 0 or share >= 1:
        return total if share >= 1 else 0
    return min(max(round(total * share), 1), total - 1)


def _lot(seed: int, name: str) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{name}".encode()).digest()
