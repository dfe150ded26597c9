"""The names of ids: objects refer to missions, categories, types and attributes by id, files by name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple, TypeVar

from common.contract.missions import Attribute, BehaviorType, Category, Mission, Type

Declared = TypeVar("Declared", Mission, Category, Type)


class Term(NamedTuple):
    """An id with its name; the name of an undeclared id is the id."""

    id: str
    name: str


class Names:
    """Unique names for ids: two entries may have been renamed to the same name."""

    def __init__(self, declared: Iterable[Attribute | BehaviorType]) -> None:
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        for known in declared:
            self._call(known.id, known.name)

    def of(self, known_id: str) -> str:
        """The name; the id itself if it is undeclared."""
        return self._names.get(known_id) or self._call(known_id, known_id)

    def _call(self, known_id: str, name: str) -> str:
        if known_id not in self._names:
            free = (name if number == 1 else f"{name} ({number})" for number in count(1))
            chosen = next(candidate for candidate in free if candidate not in self._taken)
            self._names[known_id] = chosen
            self._taken.add(chosen)
        return self._names[known_id]


@dataclass(frozen=True, slots=True)
class ResolvedClass:
    """The mission, category and type of an object, and the names of their attributes and behaviours."""

    mission: Term
    category: Term
    type: Term | None
    attributes: Names
    behaviors: Names

    def named(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """Attributes by their names."""
        return {self.attributes.of(attribute_id): value for attribute_id, value in attributes.items()}


class Vocabulary:
    """The missions of a project, looked up by the ids of objects."""

    def __init__(self, missions: Sequence[Mission]) -> None:
        self._missions = _by_id_or_name(missions)
        self._meanings: dict[tuple[str, str, str | None], ResolvedClass] = {}

    def mission(self, mission_id: str) -> Mission | None:
        """A mission by id; None if it is undeclared."""
        return self._missions.get(mission_id)

    def resolved_class(self, mission_id: str, category_id: str, type_id: str | None) -> ResolvedClass:
        """The class of an object with these ids; names are accepted as ids."""
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


def _term(known_id: str, found: Mission | Category | Type | None) -> Term:
    return Term(known_id, found.name if found else known_id)


def _by_id_or_name(declared: Iterable[Declared]) -> dict[str, Declared]:
    known = list(declared)
    return {entry.name: entry for entry in reversed(known)} | {entry.id: entry for entry in reversed(known)}
