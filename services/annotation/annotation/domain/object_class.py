"""What an object can be: one of the categories of a project's missions, and a type of it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from annotation.domain.missions import OBJECT_DETECTION, category_of, mission_id
from common.contract.missions import Category, Mission, Type
from common.contract.questions import CategoryUse

N = TypeVar("N", Mission, Category, Type)


class Kind(NamedTuple):
    """What an object is: ids."""

    mission: str
    category: str
    type: str | None = None


def kinds_of(mission: Mission) -> set[Kind]:
    """All that objects of a mission can be."""
    return {
        Kind(mission.id, category.id, one)
        for category in mission.categories
        for one in (None, *(known.id for known in category.types))
    }


def kind_of(use: CategoryUse) -> Kind:
    """What it is that is used."""
    return Kind(use.mission, use.category, use.type)


def named(known: Iterable[N], word: str) -> N | None:
    """The one with this id, else the one with this name."""
    candidates = list(known)
    by_id = (one for one in candidates if one.id == word)
    by_name = (one for one in candidates if one.name == word)
    return next(by_id, None) or next(by_name, None)


def kind_named(missions: Sequence[Mission], mission: str | None, category: str) -> Kind | None:
    """What is meant by the id or name of a category: of one mission, or of the first that has such a category."""
    only = named(missions, mission) if mission is not None else None
    if mission is not None and only is None:
        return None
    for one in missions if only is None else (only,):
        if found := named(one.categories, category):
            return Kind(one.id, found.id)
    return None


def kind_of_label(missions: Sequence[Mission], project_id: str, label: str) -> Kind | None:
    """What a detector's label means: a category of the mission that detectors fill, else of another one."""
    detecting = mission_id(project_id, OBJECT_DETECTION)
    for one in sorted(missions, key=lambda mission: mission.id != detecting):
        if found := category_of(one, label):
            return Kind(one.id, found)
    return None
