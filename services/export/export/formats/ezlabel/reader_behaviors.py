"""Behaviors, which files repeat on every frame of an object."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from typing import NamedTuple

from common.contract.labels import Behavior
from common.service.ids import stable_id


class BehaviorRow(NamedTuple):
    """A behavior of a row, with frames from 0."""

    name: str
    attribute: str | None
    first: int
    last: int


class BehaviorMerger:
    """Merges the behaviors of an object's frames."""

    def __init__(self) -> None:
        self._known: defaultdict[Hashable, set[tuple[BehaviorRow, int]]] = defaultdict(set)
        self._merged: defaultdict[Hashable, list[Behavior]] = defaultdict(list)

    def merge(self, key: Hashable, where: str, rows: Iterable[BehaviorRow]) -> list[Behavior]:
        """The behaviors of an object so far, including those of this frame; the list grows with the object's frames.

        Raises:
            ValueError: the data does not follow the format.
        """
        known, merged = self._known[key], self._merged[key]
        counts: Counter[BehaviorRow] = Counter()
        for row in rows:
            counts[row] += 1
            if (row, counts[row]) not in known:
                merged.append(Behavior(id=stable_id("behaviour", where, len(merged)), **row._asdict()))
                known.add((row, counts[row]))
        return merged

    def clear(self) -> None:
        """Forget all objects."""
        self._known.clear()
        self._merged.clear()
