"""Classes of imported objects are found by id or name or added; object ids derive from content."""

from typing import Any

import pytest

from common.contract.errors import Problem
from common.contract.labels import Behavior, Keyframe
from common.contract.missions import Category, Mission
from common.geometry.types import Box, ImageTag
from common.service.ids import stable_id
from export.parsing.class_resolver import ClassResolver
from export.parsing.imported_object import ImportedObject, SourceIds
from tests.export.made import DETECTION

OTHER = Mission(id="signs", name="Signs", categories=[Category(name="Sign", color="#000000")])


def found(category: str = "Vehicle", **more: Any) -> ImportedObject:
    keyframes = more.pop("keyframes", [Keyframe(frame=0, geometry=Box(x1=1, y1=2, x2=3, y2=4))])
    return ImportedObject(where="a.json, 1", media_id="m1", category=category, keyframes=keyframes, **more)


def resolver(asked: str | None = None) -> ClassResolver:
    return ClassResolver("p", [DETECTION, OTHER], asked)


def test_existing_classes_are_found_by_name_and_stored_by_id() -> None:
    classes = resolver()
    seen = found(type="Car", attributes={"Doors": 4.0}, behaviors=[turn("Left")])

    classes.ensure(seen)
    edit = classes.create_edit(seen)

    assert classes.changed == []
    assert (edit.mission, edit.category, edit.type, edit.attributes) == (
        "detection",
        "vehicle-1",
        "car-1",
        {"doors-1": 4},
    )
    assert edit.behaviors[0].name == "turn-1"


def turn(direction: str | None) -> Behavior:
    return Behavior(id="b-1", name="Turn", attribute=direction, first=0, last=3)


def test_an_id_takes_precedence_over_a_name() -> None:
    edit = resolver().create_edit(
        found("Renamed", ids=SourceIds(mission="detection", category="vehicle-1"), mission="Old name")
    )

    assert (edit.mission, edit.category) == ("detection", "vehicle-1")


def test_the_category_decides_the_mission_if_the_file_has_none() -> None:
    assert resolver().create_edit(found("Sign")).mission == "signs"
    assert resolver("Object Detection").create_edit(found("Sign")).mission == "detection"


def test_a_declared_mission_applies_to_objects_without_a_mission_and_adds_parent_categories() -> None:
    tram, group = (
        Category(name="Tram", color="#123456", parent="rail"),
        Category(id="rail", name="Rail", color="#abcdef"),
    )
    looped = group.model_copy(update={"parent": "Tram"})
    for above in (group, looped):
        classes = resolver()
        classes.declare(Mission(id="m", name="Foreign", categories=[tram, above]))

        for _ in range(2):
            classes.ensure(found("Tram"))

        (mission,) = classes.changed
        assert mission.categories[-2:] == [group, tram]
        assert classes.added == ["Object Detection: Rail", "Object Detection: Tram"]


def test_the_depth_of_parent_categories_is_limited() -> None:
    deep = [Category(name=f"c{number}", color="#123456", parent=f"c{number + 1}") for number in range(4000)]
    classes = resolver()
    classes.declare(Mission(id="m", name="Foreign", categories=deep))

    classes.ensure(found("c0"))

    (mission,) = classes.changed
    assert mission.categories[-1].name == "c0"
    assert 1 < len(classes.added) < 100


def test_missing_classes_are_added_once_and_listed() -> None:
    classes = resolver()
    keyframes = [
        Keyframe(frame=0, geometry=Box(x1=1, y1=2, x2=3, y2=4), attributes={"lit": True, "Truncated": "Half"}),
    ]
    seen = found(type="Lorry", attributes={"colour": "red", "axles": 3.0}, keyframes=keyframes, behaviors=[turn("U")])

    for _ in range(2):
        classes.ensure(seen)
        classes.ensure(found("Tram"))

    (mission,) = classes.changed
    vehicle, tram = mission.categories[0], mission.categories[-1]
    kinds = {attribute.name: (attribute.kind, attribute.mutable) for attribute in vehicle.attributes}
    assert kinds == {
        "Truncated": ("select", True), "colour": ("text", False), "axles": ("number", False), "lit": ("bool", True)
    }  # fmt: skip
    assert vehicle.attributes[0].values == ["No", "Yes", "Half"]
    assert [each.name for each in vehicle.types] == ["Car", "Lorry"]
    assert mission.behaviors[0].attributes == ["Left", "Right", "U"]
    assert tram.name == "Tram"
    assert len(classes.added) == len(set(classes.added))


def test_a_declared_mission_is_added_unchanged() -> None:
    classes = ClassResolver("p", [OTHER], None)
    classes.declare(DETECTION)
    seen = found(mission="Object Detection", attributes={"Truncated": "No"}, ids=SourceIds(mission="detection"))

    classes.ensure(seen)

    (mission,) = classes.changed
    assert mission.id == stable_id("mission", "p", "Object Detection")
    assert mission.categories[0].attributes == DETECTION.categories[0].attributes
    assert mission.categories[0].color == "#ff0000"
    assert classes.create_edit(seen).mission == mission.id


def test_ids_are_stable_and_unique() -> None:
    first, second = resolver(), resolver()

    edit, duplicate = first.create_edit(found()), first.create_edit(found())
    moved = first.create_edit(found(z_order=1))
    again = second.create_edit(found().model_copy(update={"where": "b.json, 9", "uid": "o-1"}))

    assert (edit.id, edit.object) == (again.id, again.object)
    assert len({edit.object, duplicate.object, moved.object}) == len({edit.id, duplicate.id, moved.id}) == 3


def test_a_label_of_the_whole_medium_has_one_id() -> None:
    whole = found(keyframes=[Keyframe(frame=0, geometry=ImageTag())])

    assert resolver().create_edit(whole).object == stable_id("label", "m1", "detection", "vehicle-1")


def test_a_requested_mission_must_exist() -> None:
    with pytest.raises(Problem, match=r"import_mission_unknown.*Signposts"):
        resolver("Signposts")


def test_an_object_that_is_too_large_for_an_edit_is_refused() -> None:
    keyframes = [Keyframe(frame=frame, geometry=ImageTag()) for frame in range(20_001)]

    with pytest.raises(ValueError, match="keyframes"):
        resolver().create_edit(found(keyframes=keyframes))
