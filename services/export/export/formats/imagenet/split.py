"""Pictures of classes, divided into those to learn from and those to check what was learned."""

import hashlib
from collections.abc import Iterable, Mapping


def validation_names(names_of: Mapping[str, Iterable[str]], share: float, seed: int) -> set[str]:
    """The names of pictures that are kept for checking: of each class by itself, that share of its pictures, rounded;
    but of two or more at least one goes to each side, unless all or none are asked for. They are drawn by lot, in the
    order of SHA-256(seed, name): the same names and seed give the same, whatever the order they come in. Each name is
    one of one class."""
    found: set[str] = set()
    for of_class in names_of.values():
        names = sorted(of_class, key=lambda name: _lot(seed, name))
        found.update(names[: _count(len(names), share)])
    return found


def _count(total: int, share: float) -> int:
    if total < 2 or share <= 0 or share >= 1:
        return total if share >= 1 else 0
    return min(max(round(total * share), 1), total - 1)


def _lot(seed: int, name: str) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{name}".encode()).digest()
