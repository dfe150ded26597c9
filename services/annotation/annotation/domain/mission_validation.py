"""Validation and normalization of missions: stable ids, unique names, and values that fit their attributes."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import count
from typing import TypeVar, get_args

from common.contract.errors import Problem
from common.contract.missions import Attribute, BehaviorType, Category, Mission, Type
from common.geometry.types import AnnotationType

# Far below the limits of a document, an event and an answer.
MAX_BYTES = 2_000_000
MAX_VALUE_LENGTH = 200
_ID_LENGTH = 190

N = TypeVar("N", Category, Type, Attribute, BehaviorType)


def normalize_mission(given: Mission, stored: Mission | None) -> Mission:
    """The mission as it is stored. An entry without an id of its own is the stored one of that name; if its name is
    the id of another one, it is a new entry with a free id.

    Raises:
        Problem: names or ids are not unique, a reference has no target, or a value does not fit its attribute.
    """
    _check_mission(given)
    before = {category.id: category for category in stored.categories} if stored else {}
    categories = _with_ids(given.categories, before.values(), "categories")
    kept = given.model_copy(
        update={
            "categories": _with_parents([_normalized_category(one, before.get(one.id)) for one in categories]),
            "behaviors": _with_ids(given.behaviors, stored.behaviors if stored else (), "behaviors"),
            "builtin": stored.builtin if stored else False,
        }
    )
    if len(kept.model_dump_json()) > MAX_BYTES:
        raise Problem.of_field("mission", "mission_too_large", limit_mb=MAX_BYTES // 1_000_000)
    return kept


def _check_mission(given: Mission) -> None:
    _check_name(given.name)
    _check_unique("annotation types", given.annotation_types)
    if unknown := set(given.annotation_types) - set(get_args(AnnotationType)):
        raise Problem.of_field("annotation_types", "unknown_annotation_type", name=min(unknown))
    if not given.annotation_types:
        raise Problem.of_field("annotation_types", "annotation_type_required")
    for behavior in given.behaviors:
        _check_unique(f"attributes of {behavior.name}", behavior.attributes)


def _normalized_category(given: Category, stored: Category | None) -> Category:
    before = {one.id: one for one in stored.types} if stored else {}
    attributes = _normalized_attributes(given.attributes, stored.attributes if stored else (), given.name)
    types = []
    for one in _with_ids(given.types, before.values(), f"types of {given.name}"):
        known = before[one.id].attributes if one.id in before else ()
        own = _normalized_attributes(one.attributes, known, one.name, {each.id for each in attributes})
        # Objects have the attributes of both, by id; people choose them by name.
        _check_unique(f"attributes of {given.name} and {one.name}", (each.name for each in (*attributes, *own)))
        _check_unique(f"attributes of {given.name} and {one.name}", (each.id for each in (*attributes, *own)))
        types.append(one.model_copy(update={"attributes": own}))
    _check_skeleton(given)
    return given.model_copy(update={"attributes": attributes, "types": types})


def _normalized_attributes(
    given: Sequence[Attribute], stored: Iterable[Attribute], of: str, taken: Collection[str] = ()
) -> list[Attribute]:
    for attribute in given:
        _check_values(attribute)
    return _with_ids(given, stored, f"attributes of {of}", taken)


def _with_ids(given: Sequence[N], stored: Iterable[N], what: str, taken: Collection[str] = ()) -> list[N]:
    """The same entries, each with a unique id that is not `taken`."""
    for one in given:
        _check_name(one.name)
    _check_unique(what, (one.name for one in given))
    ids = _Ids({one.id: one.name for one in stored}, taken)
    own = [one for one in given if one.id != one.name]
    _check_unique(f"ids of the {what}", (one.id for one in own))
    ids_by_name = {one.name: ids.claim(one.id) for one in own}
    # Its id may also be the name of a stored entry; entries whose name is a stored id come last.
    for one in sorted((one for one in given if one.id == one.name), key=lambda one: one.id in ids.stored):
        ids_by_name[one.name] = ids.claim_for(one.name)
    return [one.model_copy(update={"id": ids_by_name[one.name]}) for one in given]


class _Ids:
    """The ids in use: those of stored entries, and those claimed by given ones."""

    def __init__(self, stored: Mapping[str, str], taken: Collection[str]) -> None:
        self.stored = stored.keys()
        self._by_name = {name: one for one, name in stored.items()}
        self._claimed = set(taken)

    def claim(self, wanted: str) -> str:
        self._claimed.add(wanted)
        return wanted

    def claim_for(self, name: str) -> str:
        if name in self.stored and name not in self._claimed:
            return self.claim(name)
        named = self._by_name.get(name)
        if named is not None and named not in self._claimed:
            return self.claim(named)
        fresh = (name if number == 1 else f"{name[:_ID_LENGTH]}-{number}" for number in count(1))
        return self.claim(next(one for one in fresh if one not in self.stored | self._claimed))


def _with_parents(categories: list[Category]) -> list[Category]:
    """The same categories with parents by id, also those given by name."""
    ids = {category.name: category.id for category in categories} | {
        category.id: category.id for category in categories
    }
    for category in categories:
        if category.parent is not None and category.parent not in ids:
            raise Problem.of_field("parent", "parent_not_found", category=category.name, parent=category.parent)
    parents = {category.id: ids[category.parent] for category in categories if category.parent is not None}
    _check_no_cycle(categories, parents)
    return [category.model_copy(update={"parent": parents.get(category.id)}) for category in categories]


def _check_no_cycle(categories: Iterable[Category], parents: Mapping[str, str]) -> None:
    acyclic: set[str] = set()
    for category in categories:
        passed: set[str] = set()
        at: str | None = category.id
        while at is not None and at not in acyclic:
            if at in passed:
                raise Problem.of_field("parent", "parent_cycle", category=category.name)
            passed.add(at)
            at = parents.get(at)
        acyclic |= passed


def _check_skeleton(category: Category) -> None:
    if category.joints is None:
        return
    _check_unique(f"joints of {category.name}", category.joints.names)
    for name in {name for edge in category.joints.edges for name in edge} - set(category.joints.names):
        raise Problem.of_field("joints", "unknown_skeleton_point", category=category.name, name=name)


def _check_values(attribute: Attribute) -> None:
    name = attribute.name
    _check_unique(f"values of {name}", attribute.values)
    if any(not 0 < len(value) <= MAX_VALUE_LENGTH for value in attribute.values):
        raise Problem.of_field("values", "value_length", attribute=name, limit=MAX_VALUE_LENGTH)
    if attribute.kind == "select" and not attribute.values:
        raise Problem.of_field("values", "values_required", attribute=name)
    if attribute.kind != "select" and attribute.values:
        raise Problem.of_field("values", "values_not_allowed", attribute=name)
    if attribute.default is not None and not _accepts(attribute, attribute.default):
        raise Problem.of_field("default", "default_does_not_fit", attribute=name, value=repr(attribute.default))


def _accepts(attribute: Attribute, value: str | bool | float) -> bool:
    if attribute.kind == "bool":
        return isinstance(value, bool)
    if attribute.kind == "number":
        return not isinstance(value, str | bool) and math.isfinite(value)
    if not isinstance(value, str):
        return False
    return value in attribute.values if attribute.kind == "select" else len(value) <= 10_000


def _check_name(name: str) -> None:
    if name != name.strip():
        raise Problem.of_field("name", "name_not_trimmed", name=name)


def _check_unique(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Problem.of_field("mission", "duplicate_name", name=name, list=what)
        seen.add(name)


def mission_name_taken(name: str) -> Problem:
    """The error for a second mission of the same name."""
    return Problem("mission_name_taken", name=name)


def mission_changed(mission: Mission) -> Problem:
    """The error for a change based on an older revision."""
    return Problem("mission_changed", name=mission.name, revision=mission.revision)
