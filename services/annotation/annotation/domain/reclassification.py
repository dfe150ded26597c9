"""Where the objects of categories and types go that are taken away."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from annotation.domain.object_class import Kind, kind_of, kinds_of, named
from common.contract.missions import Category, Mission
from common.contract.questions import CategoryMove, CategoryUse
from common.service.errors import FieldError, Problem, invalid

_NAMED_IN_REFUSAL = 5
_LISTED_IN_REFUSAL = 100


class Move(NamedTuple):
    """What objects are, and what they shall be."""

    before: Kind
    after: Kind


def loses(before: Mission, after: Mission) -> bool:
    """Whether a change of a mission takes away something that objects may be."""
    return not kinds_of(before) <= kinds_of(after)


def homeless(uses: Iterable[CategoryUse], before: Mission, after: Mission) -> list[CategoryUse]:
    """What is used of a mission and would not be there any more after a change of it."""
    gone = kinds_of(before) - kinds_of(after)
    return [use for use in uses if kind_of(use) in gone]


def retained(after: Mission, before: Mission, uses: Iterable[CategoryUse]) -> Mission:
    """A mission as it shall be, and still with what of it is used, at the end: while objects move."""
    kept = {kind_of(use) for use in uses}
    used = {kind.category for kind in kept}
    remaining = {category.id: category for category in after.categories}
    for category in before.categories:
        if category.id not in used:
            continue
        present = remaining.get(category.id, category.model_copy(update={"types": []}))
        ids = {one.id for one in present.types}
        lost = [one for one in category.types if one.id not in ids and (after.id, category.id, one.id) in kept]
        remaining[category.id] = present.model_copy(update={"types": [*present.types, *lost]})
    return after.model_copy(update={"categories": list(remaining.values())})


def destinations(
    uses: Sequence[CategoryUse],
    moves: Sequence[CategoryMove],
    missions: Mapping[str, Mission],
    to_mission: str | None = None,
    leaving: str | None = None,
) -> list[Move]:
    """Where everything that is used goes: as `moves` says, or to what has the same id in `to_mission`; but not to the
    mission that is `leaving`.

    Raises:
        Problem: somebody has to say where something goes, or it would go where nothing is.
    """
    there = [mission for mission in missions.values() if mission.id != leaving]
    if to_mission is not None and named(there, to_mission) is None:
        raise invalid("to_mission", "There is no such mission to move objects to.")
    found = [(use, _destination(kind_of(use), moves, there, to_mission)) for use in uses]
    if lost := [use for use, after in found if after is None]:
        raise in_use(lost, missions)
    return [Move(kind_of(use), after) for use, after in found if after is not None]


def _destination(
    kind: Kind, moves: Sequence[CategoryMove], missions: Sequence[Mission], to_mission: str | None
) -> Kind | None:
    exact = (move for move in moves if (move.category, move.type) == (kind.category, kind.type))
    whole = (move for move in moves if (move.category, move.type) == (kind.category, None))
    move = next(exact, None) or next(whole, None)
    if move is not None:
        return _target(move, kind, missions, to_mission)
    mission = named(missions, to_mission) if to_mission is not None else None
    category = named(mission.categories, kind.category) if mission else None
    if mission is None or category is None:
        return None
    return Kind(mission.id, category.id, _same_type(category, kind.type))


def _target(move: CategoryMove, kind: Kind, missions: Sequence[Mission], to_mission: str | None) -> Kind:
    mission = named(missions, move.to_mission or to_mission or kind.mission)
    category = named(mission.categories, move.to_category) if mission else None
    if mission is None or category is None:
        raise invalid("moves", f"The objects of {move.category!r} cannot go to {move.to_category!r}: it is not there.")
    if move.to_type is None:
        return Kind(mission.id, category.id, _same_type(category, kind.type))
    to_type = named(category.types, move.to_type)
    if to_type is None:
        raise invalid("moves", f"The objects of {move.category!r} cannot go to {move.to_type!r}: it is not there.")
    return Kind(mission.id, category.id, to_type.id)


def _same_type(category: Category, type_id: str | None) -> str | None:
    return type_id if any(one.id == type_id for one in category.types) else None


def in_use(uses: Sequence[CategoryUse], missions: Mapping[str, Mission]) -> Problem:
    """The refusal to take away what objects have, with how many and what."""
    words = [f"{use.objects} of {_words(use, missions)}" for use in uses]
    more = f" and {len(words) - _NAMED_IN_REFUSAL} more kinds" if len(words) > _NAMED_IN_REFUSAL else ""
    total = sum(use.objects for use in uses)
    return Problem(
        409,
        "In use",
        f"{total} objects have it: {', '.join(words[:_NAMED_IN_REFUSAL])}{more}. Say where they go.",
        [FieldError("moves", word) for word in words[:_LISTED_IN_REFUSAL]],
    )


def _words(use: CategoryUse, missions: Mapping[str, Mission]) -> str:
    mission = missions.get(use.mission)
    category = named(mission.categories, use.category) if mission else None
    words = category.name if category else use.category
    if use.type is None:
        return words
    found = named(category.types, use.type) if category else None
    return f"{words}, {found.name if found else use.type}"
