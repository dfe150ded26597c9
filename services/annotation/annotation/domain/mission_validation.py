"""What holds of every mission that somebody made: ids that stay, names that are told apart, and values that fit."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import count
from typing import TypeVar, get_args

from common.contract.missions import Attribute, BehaviorType, Category, Mission, Type
from common.geometry.types import AnnotationType
from common.service.errors import Problem, invalid

# Far below what one document, one event and one answer can hold.
MAX_BYTES = 2_000_000
MAX_VALUE_LENGTH = 200
_ID_LENGTH = 190

N = TypeVar("N", Category, Type, Attribute, BehaviorType)


def settled(given: Mission, stored: Mission | None) -> Mission:
    """The mission as it is kept. What comes without an id of its own is what has that name already, or, where its
    name is another's id, something new with an id that nothing else has.

    Raises:
        Problem: two things of one kind have the same name or id, something is named that is not there, or a value does
            not fit its kind.
    """
    _check_mission(given)
    before = {category.id: category for category in stored.categories} if stored else {}
    categories = _with_ids(given.categories, before.values(), "categories")
    kept = given.model_copy(
        update={
            "categories": _with_parents([_settled_category(one, before.get(one.id)) for one in categories]),
            "behaviors": _with_ids(given.behaviors, stored.behaviors if stored else (), "behaviours"),
            "builtin": stored.builtin if stored else False,
        }
    )
    if len(kept.model_dump_json()) > MAX_BYTES:
        raise invalid("mission", f"A mission takes at most {MAX_BYTES // 1_000_000} MB.")
    return kept


def _check_mission(given: Mission) -> None:
    _check_name("mission", given.name)
    _check_unique("annotation types", given.annotation_types)
    if unknown := set(given.annotation_types) - set(get_args(AnnotationType)):
        raise invalid("annotation_types", f"There is no annotation type {min(unknown)!r}.")
    if not given.annotation_types:
        raise invalid("annotation_types", "A mission has at least one annotation type.")
    for behavior in given.behaviors:
        _check_unique(f"attributes of {behavior.name}", behavior.attributes)


def _settled_category(given: Category, stored: Category | None) -> Category:
    before = {one.id: one for one in stored.types} if stored else {}
    attributes = _settled_attributes(given.attributes, stored.attributes if stored else (), given.name)
    types = []
    for one in _with_ids(given.types, before.values(), f"types of {given.name}"):
        known = before[one.id].attributes if one.id in before else ()
        own = _settled_attributes(one.attributes, known, one.name, {each.id for each in attributes})
        # An object has the attributes of both, by id; people choose them by name.
        _check_unique(f"attributes of {given.name} and {one.name}", (each.name for each in (*attributes, *own)))
        _check_unique(f"attributes of {given.name} and {one.name}", (each.id for each in (*attributes, *own)))
        types.append(one.model_copy(update={"attributes": own}))
    _check_joints(given)
    return given.model_copy(update={"attributes": attributes, "types": types})


def _settled_attributes(
    given: Sequence[Attribute], stored: Iterable[Attribute], of: str, taken: Collection[str] = ()
) -> list[Attribute]:
    for attribute in given:
        _check_values(attribute)
    return _with_ids(given, stored, f"attributes of {of}", taken)


def _with_ids(given: Sequence[N], stored: Iterable[N], what: str, taken: Collection[str] = ()) -> list[N]:
    """The same things, each with an id that no other has and that is not `taken`."""
    for one in given:
        _check_name(what, one.name)
    _check_unique(what, (one.name for one in given))
    ids = _Ids({one.id: one.name for one in stored}, taken)
    own = [one for one in given if one.id != one.name]
    _check_unique(f"ids of the {what}", (one.id for one in own))
    settled_ids = {one.name: ids.claim(one.id) for one in own}
    # What is called by its id may be meant by its name; what was known under that id before comes last.
    for one in sorted((one for one in given if one.id == one.name), key=lambda one: one.id in ids.stored):
        settled_ids[one.name] = ids.claim_for(one.name)
    return [one.model_copy(update={"id": settled_ids[one.name]}) for one in given]


class _Ids:
    """Which ids are in use: those of things that are there before, and those claimed by things that are given."""

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
    """The same categories with the ids of their parents, also where a parent was given by name."""
    ids = {category.name: category.id for category in categories} | {
        category.id: category.id for category in categories
    }
    for category in categories:
        if category.parent is not None and category.parent not in ids:
            raise invalid("parent", f"{category.name} belongs to {category.parent!r}, which is not there.")
    parents = {category.id: ids[category.parent] for category in categories if category.parent is not None}
    _check_no_circle(categories, parents)
    return [category.model_copy(update={"parent": parents.get(category.id)}) for category in categories]


def _check_no_circle(categories: Iterable[Category], parents: Mapping[str, str]) -> None:
    well: set[str] = set()
    for category in categories:
        passed: set[str] = set()
        at: str | None = category.id
        while at is not None and at not in well:
            if at in passed:
                raise invalid("parent", f"{category.name} would belong to itself.")
            passed.add(at)
            at = parents.get(at)
        well |= passed


def _check_joints(category: Category) -> None:
    if category.joints is None:
        return
    _check_unique(f"joints of {category.name}", category.joints.names)
    for name in {name for edge in category.joints.edges for name in edge} - set(category.joints.names):
        raise invalid("joints", f"A line of {category.name} ends at {name!r}, which is not one of its joints.")


def _check_values(attribute: Attribute) -> None:
    name = attribute.name
    _check_unique(f"values of {name}", attribute.values)
    if any(not 0 < len(value) <= MAX_VALUE_LENGTH for value in attribute.values):
        raise invalid("values", f"A value of {name} has 1 to {MAX_VALUE_LENGTH} characters.")
    if attribute.kind == "select" and not attribute.values:
        raise invalid("values", f"{name} is to be chosen from values; name at least one.")
    if attribute.kind != "select" and attribute.values:
        raise invalid("values", f"{name} is not chosen from values, so it cannot have any.")
    if attribute.default is not None and not _fits(attribute, attribute.default):
        raise invalid("default", f"{attribute.default!r} cannot be the default of {name}.")


def _fits(attribute: Attribute, value: str | bool | float) -> bool:
    if attribute.kind == "bool":
        return isinstance(value, bool)
    if attribute.kind == "number":
        return not isinstance(value, str | bool) and math.isfinite(value)
    if not isinstance(value, str):
        return False
    return value in attribute.values if attribute.kind == "select" else len(value) <= 10_000


def _check_name(what: str, name: str) -> None:
    if name != name.strip():
        raise invalid("name", f"The name {name!r} ({what}) begins or ends with a blank.")


def _check_unique(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise invalid("mission", f"The {what} name {name!r} twice.")
        seen.add(name)


def name_taken(name: str) -> Problem:
    """The refusal of a second mission with the same name."""
    return Problem(409, "Name taken", f"The project has another mission named {name!r}.")


def changed_meanwhile(mission: Mission) -> Problem:
    """The refusal of a change that was made without knowing of the last one."""
    return Problem(
        409,
        "Changed meanwhile",
        f"Somebody changed the mission {mission.name!r}; it is at revision {mission.revision} now. Read it again.",
    )
