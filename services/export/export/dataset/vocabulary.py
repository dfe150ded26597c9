"""What ids mean: objects refer to missions, categories, types and attributes by id, people and files by name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple, TypeVar

from common.contract.missions import Attribute, BehaviorType, Category, Mission, Type

Declared = TypeVar("Declared", Mission, Category, Type)


class Term(NamedTuple):
    """Something that has an id and is called by a name; where nobody declares it, the id is the name."""

    id: str
    name: str


class Names:
    """Names for ids, each different from all others: two things may have got the same name since."""

    def __init__(self, declared: Iterable[Attribute | BehaviorType]) -> None:
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        for known in declared:
            self._call(known.id, known.name)

    def of(self, known_id: str) -> str:
        """The name; the id itself where nobody declared it."""
        return self._names.get(known_id) or self._call(known_id, known_id)

    def _call(self, known_id: str, name: str) -> str:
        if known_id not in self._names:
            free = (name if number == 1 else f"{name} ({number})" for number in count(1))
            chosen = next(one for one in free if one not in self._taken)
            self._names[known_id] = chosen
            self._taken.add(chosen)
        return self._names[known_id]


@dataclass(frozen=True, slots=True)
class ResolvedClass:
    """What an object is: its mission, category and type, and what their attributes and behaviours are called."""

    mission: Term
    category: Term
    type: Term | None
    attributes: Names
    behaviors: Names

    def named(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """Attributes by their names."""
        return {self.attributes.of(attribute_id): value for attribute_id, value in attributes.items()}


class Vocabulary:
    """The missions of a project, looked up by what objects say."""

    def __init__(self, missions: Sequence[Mission]) -> None:
        self._missions = _by_id_or_name(missions)
        self._meanings: dict[tuple[str, str, str | None], ResolvedClass] = {}

    def mission(self, mission_id: str) -> Mission | None:
        """A mission that somebody declared."""
        return self._missions.get(mission_id)

    def resolved_class(self, mission_id: str, category_id: str, type_id: str | None) -> ResolvedClass:
        """What an object with these ids is; ids that are names already are understood too."""
        key = mission_id, category_id, type_id
        if key not in self._meanings:
            self._meanings[key] = self._look_up(*key)
        return self._meanings[key]

    def _look_up(self, mission_id: str, category_id: str, type_id: str | None) -> ResolvedClass:
        mission = self._missions.get(mission_id)
        category = _by_id_or_name(mission.categories if mission else []).get(category_id)
        types = category.types if category else []
        found = _by_id_or_name(types).get(type_id) if type_id is not None else None
        attributes = [*(category.attributes if category else []), *(found.attributes if found else [])]
        return ResolvedClass(
            _term(mission_id, mission),
            _term(category_id, category),
            None if type_id is None else _term(type_id, found),
            Names(attributes),
            Names(mission.behaviors if mission else []),
        )


def _term(said: str, found: Mission | Category | Type | None) -> Term:
    return Term(said, found.name if found else said)


def _by_id_or_name(declared: Iterable[Declared]) -> dict[str, Declared]:
    known = list(declared)
    return {one.name: one for one in reversed(known)} | {one.id: one for one in reversed(known)}
