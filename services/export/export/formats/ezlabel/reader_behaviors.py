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
        self._found: defaultdict[Hashable, list[Behavior]] = defaultdict(list)

    def merge(self, key: Hashable, where: str, rows: Iterable[BehaviorRow]) -> list[Behavior]:
        """The behaviors of an object so far, including those of this frame; the list grows with the object's frames.

        Raises:
            ValueError: the data does not follow the format.
        """
        known, found = self._known[key], self._found[key]
        alike: Counter[BehaviorRow] = Counter()
        for shown in rows:
            alike[shown] += 1
            if (shown, alike[shown]) not in known:
                found.append(Behavior(id=stable_id("behaviour", where, len(found)), **shown._asdict()))
                known.add((shown, alike[shown]))
        return found

    def clear(self) -> None:
        """Forget all objects."""
        self._known.clear()
        self._found.clear()
