"""The class of an object: a category of one of the project's missions, and a type of that category."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from annotation.domain.missions import OBJECT_DETECTION, category_of, mission_id
from common.contract.missions import Category, Mission, Type
from common.contract.questions import CategoryUse

N = TypeVar("N", Mission, Category, Type)


class ObjectClass(NamedTuple):
    """The ids of a mission, a category and a type."""

    mission: str
    category: str
    type: str | None = None


def classes_of(mission: Mission) -> set[ObjectClass]:
    """All classes of a mission."""
    return {
        ObjectClass(mission.id, category.id, type_id)
        for category in mission.categories
        for type_id in (None, *(sub_type.id for sub_type in category.types))
    }


def class_of_use(use: CategoryUse) -> ObjectClass:
    """The class of a use."""
    return ObjectClass(use.mission, use.category, use.type)


def find_named(known: Iterable[N], name: str) -> N | None:
    """The entry with this id, otherwise the one with this name."""
    candidates = list(known)
    by_id = (entry for entry in candidates if entry.id == name)
    by_name = (entry for entry in candidates if entry.name == name)
    return next(by_id, None) or next(by_name, None)


def resolve_class(missions: Sequence[Mission], mission: str | None, category: str) -> ObjectClass | None:
    """The class of a category given by id or name, in a mission or in the first mission that has such a category."""
    only = find_named(missions, mission) if mission is not None else None
    if mission is not None and only is None:
        return None
    for candidate in missions if only is None else (only,):
        if match := find_named(candidate.categories, category):
            return ObjectClass(candidate.id, match.id)
    return None


def class_of_label(missions: Sequence[Mission], project_id: str, label: str) -> ObjectClass | None:
    """The class for a detector's label: a category of the detection mission, otherwise of another one."""
    detection = mission_id(project_id, OBJECT_DETECTION)
    for mission in sorted(missions, key=lambda candidate: candidate.id != detection):
        if category_id := category_of(mission, label):
            return ObjectClass(mission.id, category_id)
    return None
