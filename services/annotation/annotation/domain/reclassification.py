"""Reclassification of objects whose category or type is removed from a mission."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from annotation.domain.object_class import ObjectClass, class_of_use, classes_of, find_named
from common.contract.errors import FieldError, Problem, reason_for
from common.contract.missions import Category, Mission
from common.contract.questions import CategoryMove, CategoryUse

_MAX_IN_SENTENCE = 5
_MAX_ERRORS = 100


class Reclassification(NamedTuple):
    """The class that objects have, and the one they get."""

    before: ObjectClass
    after: ObjectClass


def removes_classes(before: Mission, after: Mission) -> bool:
    """Whether a change of a mission removes a class."""
    return not classes_of(before) <= classes_of(after)


def orphans(uses: Iterable[CategoryUse], before: Mission, after: Mission) -> list[CategoryUse]:
    """The used classes that a change of a mission removes."""
    removed = classes_of(before) - classes_of(after)
    return [use for use in uses if class_of_use(use) in removed]


def with_used_classes(after: Mission, before: Mission, uses: Iterable[CategoryUse]) -> Mission:
    """The changed mission, with removed classes that are still in use appended while objects are moved."""
    used_classes = {class_of_use(use) for use in uses}
    used_categories = {used.category for used in used_classes}
    remaining = {category.id: category for category in after.categories}
    for category in before.categories:
        if category.id not in used_categories:
            continue
        present = remaining.get(category.id, category.model_copy(update={"types": []}))
        ids = {sub_type.id for sub_type in present.types}
        lost = [
            sub_type
            for sub_type in category.types
            if sub_type.id not in ids and (after.id, category.id, sub_type.id) in used_classes
        ]
        remaining[category.id] = present.model_copy(update={"types": [*present.types, *lost]})
    return after.model_copy(update={"categories": list(remaining.values())})


def plan_reclassifications(
    uses: Sequence[CategoryUse],
    moves: Sequence[CategoryMove],
    missions: Mapping[str, Mission],
    to_mission: str | None = None,
    leaving: str | None = None,
) -> list[Reclassification]:
    """A target for every used class: from `moves`, or the class with the same id in `to_mission`; never in the mission
    that is `leaving`.

    Raises:
        Problem: A class has no target, or a target does not exist.
    """
    available = [mission for mission in missions.values() if mission.id != leaving]
    if to_mission is not None and find_named(available, to_mission) is None:
        raise Problem.of_field("to_mission", "target_mission_not_found")
    targets = [(use, _target(class_of_use(use), moves, available, to_mission)) for use in uses]
    if unassigned := [use for use, after in targets if after is None]:
        raise classes_in_use(unassigned, missions)
    return [Reclassification(class_of_use(use), after) for use, after in targets if after is not None]


def _target(
    before: ObjectClass, moves: Sequence[CategoryMove], missions: Sequence[Mission], to_mission: str | None
) -> ObjectClass | None:
    exact = (move for move in moves if (move.category, move.type) == (before.category, before.type))
    whole = (move for move in moves if (move.category, move.type) == (before.category, None))
    move = next(exact, None) or next(whole, None)
    if move is not None:
        return _target_of_move(move, before, missions, to_mission)
    mission = find_named(missions, to_mission) if to_mission is not None else None
    category = find_named(mission.categories, before.category) if mission else None
    if mission is None or category is None:
        return None
    return ObjectClass(mission.id, category.id, _same_type(category, before.type))


def _target_of_move(
    move: CategoryMove, before: ObjectClass, missions: Sequence[Mission], to_mission: str | None
) -> ObjectClass:
    mission = find_named(missions, move.to_mission or to_mission or before.mission)
    category = find_named(mission.categories, move.to_category) if mission else None
    if mission is None or category is None:
        raise _target_not_found(move, move.to_category)
    if move.to_type is None:
        return ObjectClass(mission.id, category.id, _same_type(category, before.type))
    to_type = find_named(category.types, move.to_type)
    if to_type is None:
        raise _target_not_found(move, move.to_type)
    return ObjectClass(mission.id, category.id, to_type.id)


def _target_not_found(move: CategoryMove, target: str) -> Problem:
    return Problem.of_field("moves", "target_class_not_found", category=move.category, target=target)


def _same_type(category: Category, type_id: str | None) -> str | None:
    return type_id if any(sub_type.id == type_id for sub_type in category.types) else None


def classes_in_use(uses: Sequence[CategoryUse], missions: Mapping[str, Mission]) -> Problem:
    """The error for removing classes that are in use, with the number of objects of each."""
    names = [_name_of(use, missions) for use in uses]
    counted = [f"{name} ({use.objects})" for name, use in zip(names, uses, strict=True)]
    more = ", …" if len(counted) > _MAX_IN_SENTENCE else ""
    errors = [
        FieldError("moves", reason_for("class_in_use", objects=use.objects, name=name))
        for name, use in zip(names[:_MAX_ERRORS], uses, strict=False)
    ]
    return Problem(
        "classes_in_use",
        errors=errors,
        objects=sum(use.objects for use in uses),
        classes=", ".join(counted[:_MAX_IN_SENTENCE]) + more,
    )


def _name_of(use: CategoryUse, missions: Mapping[str, Mission]) -> str:
    mission = missions.get(use.mission)
    category = find_named(mission.categories, use.category) if mission else None
    name = category.name if category else use.category
    if use.type is None:
        return name
    sub_type = find_named(category.types, use.type) if category else None
    return f"{name}, {sub_type.name if sub_type else use.type}"
