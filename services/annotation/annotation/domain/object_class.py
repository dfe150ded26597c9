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
        ObjectClass(mission.id, category.id, one)
        for category in mission.categories
        for one in (None, *(known.id for known in category.types))
    }


def class_of_use(use: CategoryUse) -> ObjectClass:
    """The class that is used."""
    return ObjectClass(use.mission, use.category, use.type)


def find_named(known: Iterable[N], name: str) -> N | None:
    """The entry with this id, otherwise the one with this name."""
    candidates = list(known)
    by_id = (one for one in candidates if one.id == name)
    by_name = (one for one in candidates if one.name == name)
    return next(by_id, None) or next(by_name, None)


def resolve_class(missions: Sequence[Mission], mission: str | None, category: str) -> ObjectClass | None:
    """The class of a category given by id or name: of one mission, or of the first that has such a category."""
    only = find_named(missions, mission) if mission is not None else None
    if mission is not None and only is None:
        return None
    for one in missions if only is None else (only,):
        if found := find_named(one.categories, category):
            return ObjectClass(one.id, found.id)
    return None


def class_of_label(missions: Sequence[Mission], project_id: str, label: str) -> ObjectClass | None:
    """The class that a detector's label means: a category of the detection mission, otherwise of another one."""
    detection = mission_id(project_id, OBJECT_DETECTION)
    for one in sorted(missions, key=lambda mission: mission.id != detection):
        if found := category_of(one, label):
            return ObjectClass(one.id, found)
    return None
