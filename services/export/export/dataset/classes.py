"""Class numbers for formats that name classes by number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.contract.missions import Mission
from export.dataset.selection import Selection
from export.dataset.vocabulary import Term


@dataclass(frozen=True, slots=True)
class Class:
    """A category as formats with flat class lists know it; `mission` is the first that declares it."""

    number: int
    name: str
    mission: str


class Classes:
    """The selected categories, numbered from 0: first those of the missions, in their order, so that the number of a
    class does not depend on the labels; then those that only objects have, as they appear."""

    def __init__(self, missions: Sequence[Mission], selection: Selection) -> None:
        self._by_name: dict[str, Class] = {}
        for mission in missions:
            for category in mission.categories:
                if selection.takes_class(Term(category.id, category.name)):
                    self.of(category.name, mission.name)

    def of(self, category: str, mission: str) -> Class:
        """The class of a category, both by name; a new one if it is new."""
        found = self._by_name.get(category)
        if found is None:
            found = self._by_name[category] = Class(len(self._by_name), category, mission)
        return found

    def all(self) -> Iterable[Class]:
        """Every class so far, by number."""
        return self._by_name.values()
