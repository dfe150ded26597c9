"""Missions: the four that every project starts with, and the categories that detected labels get."""

import colorsys
import hashlib
from collections.abc import Iterable, Mapping

from common.contract.missions import Attribute, BehaviorType, Category, Mission, Type
from common.service.errors import Problem
from common.service.ids import same_id

OBJECT_DETECTION = "Object Detection"
BUILTINS = (OBJECT_DETECTION, "Traffic Sign and Light", "Road Segmentation", "Behavior")
# The names of what may change from one keyframe to the next, in the built-in missions.
MUTABLE = frozenset({"Occlusion", "Truncated", "Direction", "State"})
MAX_CATEGORIES = 5000

_TRAFFIC = {
    "Occlusion": ["None", "Partial", "Heavy"],
    "Truncated": ["No", "Yes"],
    "Direction": ["Same", "Oncoming", "Crossing"],
}
_STATE = {"State": ["Red", "Yellow", "Green", "Off"]}
_PLAIN_BEHAVIORS = ("Brake", "Overtake", "Park", "Walk", "Run", "Stand", "Cross", "Ride", "Stop", "Cut-in")
_PIXELS = ["polygon", "bitmap"]


def _shade(number: int) -> str:
    hue, lightness = number / HUES, 0.66 if number % 2 else 0.5
    return "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hls_to_rgb(hue, lightness, 0.85))


HUES = 18
# Neighbouring hues differ in lightness too, so that all are told apart on video.
PALETTE = [_shade(number) for number in range(HUES)]
# Far apart, and every colour comes up: 7 and 18 have no common divisor.
_NEXT_HUE = 7


def color_of(name: str, taken: Iterable[str] = ()) -> str:
    """A colour `#rrggbb` for a name: the same for the same name, unless another category has it already."""
    used = set(taken)
    start = hashlib.sha256(name.encode()).digest()[0]
    choices = [PALETTE[(start + step * _NEXT_HUE) % HUES] for step in range(HUES)]
    return next((color for color in choices if color not in used), choices[0])


def _category(name: str, types: Iterable[str] = (), attributes: Mapping[str, list[str]] | None = None) -> Category:
    return Category(
        name=name,
        color=color_of(name),
        types=[Type(name=one) for one in types],
        attributes=[
            Attribute(name=one, values=values, mutable=one in MUTABLE) for one, values in (attributes or {}).items()
        ],
    )


def _told_apart(categories: Iterable[Category], taken: Iterable[str] = ()) -> list[Category]:
    """The same categories, none in a colour that is taken or that one before it has."""
    used, apart = list(taken), []
    for category in categories:
        apart.append(category.model_copy(update={"color": color_of(category.name, used)}))
        used.append(apart[-1].color)
    return apart


def mission_id(project_id: str, name: str) -> str:
    """The id of a built-in mission: the same whenever it is made, so that it is made once."""
    return same_id("mission", project_id, name)


def builtin_missions(project_id: str) -> list[Mission]:
    """The missions that a project has from its first day."""
    return [
        _builtin(
            project_id,
            OBJECT_DETECTION,
            [
                _category("Vehicle", ["Car", "Truck", "Bus", "Van"], _TRAFFIC),
                _category("Pedestrian", ["Adult", "Child"], _TRAFFIC),
                _category("Scooter", ["Ridden", "Parked"], _TRAFFIC),
                _category("Bicycle", ["Ridden", "Parked"], _TRAFFIC),
            ],
        ),
        _builtin(
            project_id,
            "Traffic Sign and Light",
            [
                _category("Light", ["Car", "Pedestrian"], _STATE),
                _category("Sign", ["Speed", "Stop", "Warning", "Other"]),
            ],
        ),
        _builtin(
            project_id,
            "Road Segmentation",
            [
                _category("Road", ["Main", "Alternative"]),
                _category("Lane Line", ["Solid", "Dashed", "Double"], {"Colour": ["White", "Yellow", "Other"]}),
                _category("Sidewalk"),
                _category("Crosswalk"),
            ],
            annotation_types=_PIXELS,
        ),
        _builtin(
            project_id,
            "Behavior",
            [_category("Vehicle"), _category("Pedestrian"), _category("Rider")],
            behaviors=[
                BehaviorType(name="Turn", attributes=["Left", "Right", "U"]),
                BehaviorType(name="Lane change", attributes=["Left", "Right"]),
                *(BehaviorType(name=name) for name in _PLAIN_BEHAVIORS),
            ],
        ),
    ]


def _builtin(
    project_id: str,
    name: str,
    categories: list[Category],
    annotation_types: list[str] | None = None,
    behaviors: Iterable[BehaviorType] = (),
) -> Mission:
    return Mission(
        id=mission_id(project_id, name),
        name=name,
        builtin=True,
        annotation_types=annotation_types or ["bbox"],
        categories=_told_apart(categories),
        behaviors=list(behaviors),
    )


def category_of(mission: Mission, label: str) -> str | None:
    """The id of the category that a detector's label means: the one of that name, else the one that had it first."""
    name = _name_of(label)
    named = (category.id for category in mission.categories if category.name == name)
    first = (category.id for category in mission.categories if category.id == name)
    return next(named, None) or next(first, None)


def missing_categories(mission: Mission, labels: Iterable[str]) -> list[Category]:
    """Categories for those labels that the mission lacks.

    Raises:
        Problem: with them the mission would have too many.
    """
    missing = sorted({_name_of(label) for label in labels if category_of(mission, label) is None})
    if missing and len(mission.categories) + len(missing) > MAX_CATEGORIES:
        raise Problem(409, "Too many categories", f"A mission has at most {MAX_CATEGORIES} categories.")
    return _told_apart(map(_category, missing), (category.color for category in mission.categories))


def _name_of(label: str) -> str:
    return label.strip()[:200] or "object"
