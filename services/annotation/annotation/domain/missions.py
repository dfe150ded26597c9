"""Built-in missions, and categories of detections."""

from collections.abc import Iterable, Mapping

from common.contract.errors import Problem
from common.contract.missions import Attribute, BehaviorType, Category, Mission, Type
from common.contract.palette import color_of
from common.service.ids import stable_id

OBJECT_DETECTION = "Object Detection"
BUILTINS = (OBJECT_DETECTION, "Traffic Sign and Light", "Road Segmentation", "Behavior")
# Attributes of built-in missions whose value may change between keyframes.
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


def _category(name: str, types: Iterable[str] = (), attributes: Mapping[str, list[str]] | None = None) -> Category:
    return Category(
        name=name,
        color=color_of(name),
        types=[Type(name=type_name) for type_name in types],
        attributes=[
            Attribute(name=attribute, values=values, mutable=attribute in MUTABLE)
            for attribute, values in (attributes or {}).items()
        ],
    )


def _distinct_colors(categories: Iterable[Category], taken: Iterable[str] = ()) -> list[Category]:
    """The categories with distinct colors that are not in `taken`."""
    used, colored = list(taken), []
    for category in categories:
        colored.append(category.model_copy(update={"color": color_of(category.name, used)}))
        used.append(colored[-1].color)
    return colored


def mission_id(project_id: str, name: str) -> str:
    """The id of a built-in mission, derived from project and name, so that the mission is created once."""
    return stable_id("mission", project_id, name)


def builtin_missions(project_id: str) -> list[Mission]:
    """The missions that every project starts with."""
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
        categories=_distinct_colors(categories),
        behaviors=list(behaviors),
    )


def category_of(mission: Mission, label: str) -> str | None:
    """The id of the category for a detector's label: by name, otherwise by id, which is the original name."""
    name = _name_of(label)
    by_name = (category.id for category in mission.categories if category.name == name)
    by_id = (category.id for category in mission.categories if category.id == name)
    return next(by_name, None) or next(by_id, None)


def missing_categories(mission: Mission, labels: Iterable[str]) -> list[Category]:
    """New categories for labels that the mission does not have.

    Raises:
        Problem: The mission would have too many categories.
    """
    missing = sorted({_name_of(label) for label in labels if category_of(mission, label) is None})
    if missing and len(mission.categories) + len(missing) > MAX_CATEGORIES:
        raise Problem("too_many_categories", limit=MAX_CATEGORIES)
    return _distinct_colors(map(_category, missing), (category.color for category in mission.categories))


def _name_of(label: str) -> str:
    return label.strip()[:200] or "object"
