"""Validation of missions, built-in missions, and plans to move objects."""

from typing import Any

import pytest

from annotation.domain.mission_validation import normalize_mission
from annotation.domain.missions import (
    OBJECT_DETECTION,
    builtin_missions,
    category_of,
    missing_categories,
    mission_id,
)
from annotation.domain.object_class import ObjectClass, resolve_class
from annotation.domain.reclassification import Reclassification, orphans, plan_reclassifications, with_used_classes
from common.contract.errors import ErrorKind, Problem
from common.contract.missions import Attribute, BehaviorType, Category, Mission, SkeletonTemplate, Type
from common.contract.palette import color_of
from common.contract.questions import CategoryMove, CategoryUse
from tests.annotation.mission_builders import CARS, category, mission


def _select(name: str, known_as: str = "", **more: Any) -> Attribute:
    return Attribute.model_validate({"id": known_as, "name": name, "values": ["a", "b"]} | more)


def ids(things: list[Any]) -> dict[str, str]:
    return {one.name: one.id for one in things}


def test_every_project_has_four_missions_with_stable_ids() -> None:
    missions = builtin_missions("p1")

    names = [one.name for one in missions]
    assert names == [OBJECT_DETECTION, "Traffic Sign and Light", "Road Segmentation", "Behavior"]
    assert [one.name for one in missions[0].categories] == ["Vehicle", "Pedestrian", "Scooter", "Bicycle"]
    assert missions == builtin_missions("p1")
    assert missions[0].id == mission_id("p1", OBJECT_DETECTION) != mission_id("p2", OBJECT_DETECTION)
    for one in missions:
        assert normalize_mission(one, one) == one


def test_changing_built_in_attributes_are_mutable() -> None:
    missions = builtin_missions("p1")
    found = {
        (attribute.name, attribute.mutable, attribute.kind)
        for one in missions
        for kind in one.categories
        for attribute in kind.attributes
    }

    assert found == {
        ("Occlusion", True, "select"), ("Truncated", True, "select"), ("Direction", True, "select"),
        ("State", True, "select"), ("Colour", False, "select"),
    }  # fmt: skip
    assert [one.attributes for one in missions[3].behaviors[:2]] == [["Left", "Right", "U"], ["Left", "Right"]]
    assert missions[2].annotation_types == ["polygon", "bitmap"]


def test_a_detected_label_gets_a_category_with_a_distinct_colour() -> None:
    detection = builtin_missions("p1")[0]

    added = missing_categories(detection, ["dog", "Vehicle", "dog", "person"])

    colors = [one.color for one in (*detection.categories, *added)]
    assert [one.name for one in added] == ["dog", "person"]
    assert len(set(colors)) == len(colors)
    assert color_of("dog") == color_of("dog", taken=["#ffffff"]) != color_of("dog", taken=[color_of("dog")])


@pytest.mark.parametrize(
    ("label", "found"), [("dog", "dog-2"), ("Dog", "dog"), ("cat", None), (" dog ", "dog-2"), ("", None)]
)
def test_a_label_prefers_the_current_name_of_a_category(label: str, found: str | None) -> None:
    known = mission(category("Dog", id="dog"), category("dog", id="dog-2"))

    assert category_of(known, label) == found


def test_a_label_of_a_renamed_category_creates_no_new_one() -> None:
    assert missing_categories(mission(category("Dog", id="dog")), ["dog"]) == []


def test_an_invalid_label_gets_a_name() -> None:
    (added,) = missing_categories(mission(), ["  "])

    assert added.name == "object"


@pytest.mark.parametrize(
    ("stored", "given", "expected"),
    [
        pytest.param([], [category("Car")], {"Car": "Car"}, id="new"),
        pytest.param([category("Car")], [category("Auto", id="Car")], {"Auto": "Car"}, id="renamed"),
        pytest.param(
            [category("Car")],
            [category("Auto", id="Car"), category("Car")],
            {"Auto": "Car", "Car": "Car-2"},
            id="another's id",
        ),
        pytest.param(
            [category("Auto", id="Car"), category("Car", id="Car-2")],
            [category("Car"), category("Auto", id="Car")],
            {"Auto": "Car", "Car": "Car-2"},
            id="again",
        ),
        pytest.param(
            [category("Auto", id="Car"), category("Car", id="Car-2")],
            [category("Auto"), category("Car")],
            {"Auto": "Car", "Car": "Car-2"},
            id="all without ids",
        ),
        pytest.param([category("Auto", id="Car")], [category("Car", id="Car")], {"Car": "Car"}, id="renamed back"),
        pytest.param(
            [],
            [category("A", id="Car"), category("B", id="Car-2"), category("Car")],
            {"A": "Car", "B": "Car-2", "Car": "Car-3"},
            id="suffix taken",
        ),
    ],
)
def test_entries_without_ids_are_matched_by_name_or_get_new_ids(
    stored: list[Category], given: list[Category], expected: dict[str, str]
) -> None:
    after = normalize_mission(mission(*given), mission(*stored))

    assert ids(after.categories) == expected
    assert normalize_mission(mission(*given), after) == after


def test_types_attributes_and_behaviours_get_ids_like_categories() -> None:
    car = category(
        "Car", types=[{"id": "SUV", "name": "Jeep"}, {"name": "SUV"}], attributes=[_select("Paint", "State")]
    )
    car = car.model_copy(update={"attributes": [*car.attributes, _select("State")]})
    behaviors = [BehaviorType(id="Turn", name="Bend"), BehaviorType(name="Turn")]

    after = normalize_mission(mission(car, behaviors=behaviors), None)

    assert ids(after.categories[0].types) == {"Jeep": "SUV", "SUV": "SUV-2"}
    assert ids(after.categories[0].attributes) == {"Paint": "State", "State": "State-2"}
    assert ids(after.behaviors) == {"Bend": "Turn", "Turn": "Turn-2"}


def test_an_attribute_of_a_type_gets_an_id_unique_in_its_category() -> None:
    own = Type(name="SUV", attributes=[_select("State")])

    after = normalize_mission(mission(category("Car", types=[own], attributes=[_select("Paint", "State")])), None)

    assert after.categories[0].types[0].attributes[0].id == "State-2"


def test_a_long_name_still_fits_with_a_suffix() -> None:
    name = "x" * 200

    after = normalize_mission(mission(category("Short", id=name), category(name)), None)

    assert Mission.model_validate_json(after.model_dump_json()) == after


def with_attribute(**more: Any) -> Mission:
    return mission(category("Car", attributes=[{"name": "S", "values": ["a", "b"]} | more]))


def with_many_values() -> Mission:
    values = [f"{number:0200}" for number in range(1000)]
    return mission(*(category(f"c{number}", attributes=[_select("S", values=values)]) for number in range(11)))


TWO_TYPES = [{"name": "a"}, {"name": "a", "id": "b"}]


SUV = Type(name="SUV", attributes=[_select("S")])


NUMBER = {"kind": "number", "values": []}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param(mission(category("Car"), category("Car", id="x")), "duplicate_name", id="two categories"),
        pytest.param(mission(category("A", id="x"), category("B", id="x")), "duplicate_name", id="two ids"),
        pytest.param(mission(category("Car", types=TWO_TYPES)), "duplicate_name", id="types"),
        pytest.param(mission(category(" Car")), "name_not_trimmed", id="blank"),
        pytest.param(mission(name="M "), "name_not_trimmed", id="blank mission"),
        pytest.param(with_attribute(values=["x", "x"]), "duplicate_name", id="values"),
        pytest.param(with_attribute(values=[]), "values_required", id="no values"),
        pytest.param(with_attribute(values=[""]), "value_length", id="empty value"),
        pytest.param(with_attribute(kind="bool"), "values_not_allowed", id="values of a bool"),
        pytest.param(with_attribute(default="z"), "default_does_not_fit", id="default"),
        pytest.param(with_attribute(**NUMBER, default="1"), "default_does_not_fit", id="number"),
        pytest.param(with_attribute(**NUMBER, default=float("nan")), "default_does_not_fit", id="nan"),
        pytest.param(
            mission(category("Car", types=[SUV], attributes=[_select("S")])),
            "duplicate_name",
            id="of category and type",
        ),
        pytest.param(mission(category("Car", parent="Thing")), "parent_not_found", id="parent"),
        pytest.param(mission(category("A", parent="B"), category("B", parent="A")), "parent_cycle", id="cycle"),
        pytest.param(mission(category("A", joints=SkeletonTemplate(names=["x", "x"]))), "duplicate_name", id="joints"),
        pytest.param(
            mission(category("A", joints=SkeletonTemplate(names=["x"], edges=[("x", "y")]))),
            "unknown_skeleton_point",
            id="edge",
        ),
        pytest.param(mission(annotation_types=["blob"]), "unknown_annotation_type", id="annotation type"),
        pytest.param(mission(annotation_types=[]), "annotation_type_required", id="no annotation type"),
        pytest.param(mission(behaviors=[{"name": "Turn", "attributes": ["L", "L"]}]), "duplicate_name", id="behavior"),
        pytest.param(with_many_values(), "mission_too_large", id="too large"),
    ],
)
def test_an_invalid_mission_is_refused(given: Mission, code: str) -> None:
    with pytest.raises(Problem) as refused:
        normalize_mission(given, None)

    assert refused.value.kind == ErrorKind.INVALID
    assert refused.value.errors[0].reason.code == code


def test_a_parent_may_be_given_by_name() -> None:
    after = normalize_mission(mission(category("Thing", id="t"), category("Car", parent="Thing")), None)

    assert after.categories[1].parent == "t"


def test_built_in_missions_stay_built_in() -> None:
    stored = mission(builtin=True)

    assert normalize_mission(mission(), stored).builtin
    assert not normalize_mission(mission(builtin=True), None).builtin


def use(category: str, type_id: str | None = None, objects: int = 1, mission: str = "m") -> CategoryUse:
    return CategoryUse(mission=mission, category=category, type=type_id, objects=objects)


def test_only_removed_classes_in_use_need_a_target() -> None:
    after = mission(category("Car", types=[{"name": "Van"}]))
    uses = [use("Car"), use("Car", "SUV"), use("Car", "Van"), use("Dog"), use("Unheard of")]

    assert orphans(uses, CARS, after) == [use("Car", "SUV"), use("Dog")]


def test_used_classes_exist_while_objects_are_moved() -> None:
    after = mission(category("Car"), category("Cat"))

    kept = with_used_classes(after, CARS, [use("Car", "SUV"), use("Dog")])

    assert [one.name for one in kept.categories] == ["Car", "Cat", "Dog"]
    assert [one.name for one in kept.categories[0].types] == ["SUV"]


@pytest.mark.parametrize(
    ("moves", "to_mission", "expected"),
    [
        ([CategoryMove(category="Car", to_category="Auto")], None, ObjectClass("m", "auto", "SUV")),
        ([CategoryMove(category="Car", to_category="auto", to_type="Limo")], None, ObjectClass("m", "auto", "Limo")),
        (
            [
                CategoryMove(category="Car", to_category="auto"),
                CategoryMove(category="Car", type="SUV", to_category="Tank"),
            ],
            None,
            ObjectClass("m", "Tank", None),
        ),
        ([CategoryMove(category="Car", to_mission="N", to_category="Car")], None, ObjectClass("n", "Car", None)),
        ([], "n", ObjectClass("n", "Car", None)),
    ],
)
def test_the_most_specific_move_applies(
    moves: list[CategoryMove], to_mission: str | None, expected: ObjectClass
) -> None:
    after = mission(category("Auto", id="auto", types=[{"name": "SUV"}, {"name": "Limo"}]), category("Tank"))
    missions = {"m": after, "n": mission(category("Car"), id="n", name="N")}

    assert plan_reclassifications([use("Car", "SUV")], moves, missions, to_mission) == [
        Reclassification(ObjectClass("m", "Car", "SUV"), expected)
    ]


def test_a_missing_target_is_refused_with_the_uses() -> None:
    with pytest.raises(Problem) as refused:
        plan_reclassifications([use("Car", "SUV", 3), use("Dog", None, 2)], [], {"m": CARS})

    assert refused.value.code == "classes_in_use"
    assert refused.value.params == {"objects": 5, "classes": "Car, SUV (3), Dog (2)"}
    assert [error.reason.params["objects"] for error in refused.value.errors] == [3, 2]


@pytest.mark.parametrize(
    "move",
    [
        CategoryMove(category="Car", to_category="Nothing"),
        CategoryMove(category="Car", to_category="Dog", to_type="Nothing"),
        CategoryMove(category="Car", to_mission="nowhere", to_category="Dog"),
    ],
)
def test_moves_to_missing_classes_are_refused(move: CategoryMove) -> None:
    with pytest.raises(Problem) as refused:
        plan_reclassifications([use("Car")], [move], {"m": CARS})

    assert refused.value.code == "target_class_not_found"


def test_a_category_is_resolved_in_one_or_all_missions() -> None:
    missions = [CARS, mission(category("Cat", id="c"), id="n", name="N")]

    assert resolve_class(missions, None, "Cat") == ObjectClass("n", "c")
    assert resolve_class(missions, "N", "c") == ObjectClass("n", "c")
    assert resolve_class(missions, "M", "Cat") is None
    assert resolve_class(missions, "nowhere", "Cat") is None
