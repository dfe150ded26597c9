"""Validation and normalization of missions: stable ids, unique names, and values that fit their attributes."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import count
from typing import TypeVar, get_args

from common.contract.errors import Problem
from common.contract.missions import Attribute, BehaviorType, Category, Mission, Type
from common.geometry.types import AnnotationType

# Well below the limits of documents, events and answers.
MAX_BYTES = 2_000_000
MAX_VALUE_LENGTH = 200
_ID_LENGTH = 190

N = TypeVar("N", Category, Type, Attribute, BehaviorType)


def normalize_mission(submitted: Mission, stored: Mission | None) -> Mission:
    """The mission to store. An entry without an explicit id is the stored entry of the same name; if its name is the id
    of another entry, it is a new entry with a free id.

    Raises:
        Problem: Names or ids are not unique, a reference has no target, or a value does not fit its attribute.
    """
    _check_mission(submitted)
    stored_categories = {category.id: category for category in stored.categories} if stored else {}
    categories = _with_ids(submitted.categories, stored_categories.values(), "categories")
    normalized = submitted.model_copy(
        update={
            "categories": _with_parents(
                [_normalized_category(category, stored_categories.get(category.id)) for category in categories]
            ),
            "behaviors": _with_ids(submitted.behaviors, stored.behaviors if stored else (), "behaviors"),
            "builtin": stored.builtin if stored else False,
        }
    )
    if len(normalized.model_dump_json()) > MAX_BYTES:
        raise Problem.of_field("mission", "mission_too_large", limit_mb=MAX_BYTES // 1_000_000)
    return normalized


def _check_mission(submitted: Mission) -> None:
    _check_name(submitted.name)
    _check_unique("annotation types", submitted.annotation_types)
    if unknown := set(submitted.annotation_types) - set(get_args(AnnotationType)):
        raise Problem.of_field("annotation_types", "unknown_annotation_type", name=min(unknown))
    if not submitted.annotation_types:
        raise Problem.of_field("annotation_types", "annotation_type_required")
    for behavior in submitted.behaviors:
        _check_unique(f"attributes of {behavior.name}", behavior.attributes)


def _normalized_category(submitted: Category, stored: Category | None) -> Category:
    stored_types = {sub_type.id: sub_type for sub_type in stored.types} if stored else {}
    attributes = _normalized_attributes(submitted.attributes, stored.attributes if stored else (), submitted.name)
    types = []
    for sub_type in _with_ids(submitted.types, stored_types.values(), f"types of {submitted.name}"):
        stored_attributes = stored_types[sub_type.id].attributes if sub_type.id in stored_types else ()
        own = _normalized_attributes(
            sub_type.attributes, stored_attributes, sub_type.name, {attribute.id for attribute in attributes}
        )
        # Objects have the attributes of both, by id; users select them by name.
        _check_unique(
            f"attributes of {submitted.name} and {sub_type.name}", (attribute.name for attribute in (*attributes, *own))
        )
        _check_unique(
            f"attributes of {submitted.name} and {sub_type.name}", (attribute.id for attribute in (*attributes, *own))
        )
        types.append(sub_type.model_copy(update={"attributes": own}))
    _check_skeleton(submitted)
    return submitted.model_copy(update={"attributes": attributes, "types": types})


def _normalized_attributes(
    submitted: Sequence[Attribute], stored: Iterable[Attribute], owner: str, taken: Collection[str] = ()
) -> list[Attribute]:
    for attribute in submitted:
        _check_values(attribute)
    return _with_ids(submitted, stored, f"attributes of {owner}", taken)


def _with_ids(submitted: Sequence[N], stored: Iterable[N], list_name: str, taken: Collection[str] = ()) -> list[N]:
    """The entries with unique ids that are not in `taken`."""
    for entry in submitted:
        _check_name(entry.name)
    _check_unique(list_name, (entry.name for entry in submitted))
    ids = _Ids({entry.id: entry.name for entry in stored}, taken)
    explicit = [entry for entry in submitted if entry.id != entry.name]
    _check_unique(f"ids of the {list_name}", (entry.id for entry in explicit))
    ids_by_name = {entry.name: ids.claim(entry.id) for entry in explicit}
    # The id of an entry may be the name of a stored one: entries whose name is a stored id come last.
    for entry in sorted(
        (entry for entry in submitted if entry.id == entry.name), key=lambda entry: entry.id in ids.stored
    ):
        ids_by_name[entry.name] = ids.claim_for(entry.name)
    return [entry.model_copy(update={"id": ids_by_name[entry.name]}) for entry in submitted]


class _Ids:
    """The ids in use: those of stored entries, and those claimed by submitted ones."""

    def __init__(self, stored: Mapping[str, str], taken: Collection[str]) -> None:
        self.stored = stored.keys()
        self._by_name = {name: entry_id for entry_id, name in stored.items()}
        self._claimed = set(taken)

    def claim(self, entry_id: str) -> str:
        self._claimed.add(entry_id)
        return entry_id

    def claim_for(self, name: str) -> str:
        if name in self.stored and name not in self._claimed:
            return self.claim(name)
        stored_id = self._by_name.get(name)
        if stored_id is not None and stored_id not in self._claimed:
            return self.claim(stored_id)
        candidates = (name if number == 1 else f"{name[:_ID_LENGTH]}-{number}" for number in count(1))
        return self.claim(next(candidate for candidate in candidates if candidate not in self.stored | self._claimed))


def _with_parents(categories: list[Category]) -> list[Category]:
    """The categories with parents by id, also if they were specified by name."""
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
    _check_unique(f"keypoints of {category.name}", category.joints.names)
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


def _check_unique(list_name: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Problem.of_field("mission", "duplicate_name", name=name, list=list_name)
        seen.add(name)


def mission_name_taken(name: str) -> Problem:
    """The error for a second mission of the same name."""
    return Problem("mission_name_taken", name=name)


def mission_changed(mission: Mission) -> Problem:
    """The error for a change based on an older revision."""
    return Problem("mission_changed", name=mission.name, revision=mission.revision)
