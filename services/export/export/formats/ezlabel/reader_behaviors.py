"""Behaviours as files tell them: again on every frame on which an object shows them."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from typing import NamedTuple

from common.contract.labels import Behavior
from common.service.ids import stable_id


class BehaviorRow(NamedTuple):
    """A behaviour as a row has it, frames counted from 0."""

    name: str
    attribute: str | None
    first: int
    last: int


class BehaviorMerger:
    """Puts together what objects show on their frames."""

    def __init__(self) -> None:
        self._known: defaultdict[Hashable, set[tuple[BehaviorRow, int]]] = defaultdict(set)
        self._found: defaultdict[Hashable, list[Behavior]] = defaultdict(list)

    def merge(self, key: Hashable, where: str, rows: Iterable[BehaviorRow]) -> list[Behavior]:
        """The behaviours that an object showed so far, with those of one more of its frames: a list that grows while
        its frames are read.

        Raises:
            ValueError: one is none.
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
        """Begin anew."""
        self._known.clear()
        self._found.clear()
