"""Imported objects find their mission and classes by id or name; what lacks is added; ids follow from content."""

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


def test_what_is_there_is_found_by_name_and_told_by_id() -> None:
    place = resolver()
    seen = found(type="Car", attributes={"Doors": 4.0}, behaviors=[turn("Left")])

    place.ensure(seen)
    edit = place.create_edit(seen)

    assert place.changed == []
    assert (edit.mission, edit.category, edit.type, edit.attributes) == (
        "detection",
        "vehicle-1",
        "car-1",
        {"doors-1": 4},
    )
    assert edit.behaviors[0].name == "turn-1"


def turn(way: str | None) -> Behavior:
    return Behavior(id="b-1", name="Turn", attribute=way, first=0, last=3)


def test_an_id_counts_before_a_name() -> None:
    edit = resolver().create_edit(
        found("Renamed", ids=SourceIds(mission="detection", category="vehicle-1"), mission="Old name")
    )

    assert (edit.mission, edit.category) == ("detection", "vehicle-1")


def test_a_category_decides_the_mission_where_the_file_says_none() -> None:
    assert resolver().create_edit(found("Sign")).mission == "signs"
    assert resolver("Object Detection").create_edit(found("Sign")).mission == "detection"


def test_a_description_counts_also_where_objects_name_no_mission_and_brings_what_a_class_belongs_to() -> None:
    tram, group = (
        Category(name="Tram", color="#123456", parent="rail"),
        Category(id="rail", name="Rail", color="#abcdef"),
    )
    looped = group.model_copy(update={"parent": "Tram"})
    for above in (group, looped):
        place = resolver()
        place.declare(Mission(id="m", name="Theirs", categories=[tram, above]))

        for _ in range(2):
            place.ensure(found("Tram"))

        (mission,) = place.changed
        assert mission.categories[-2:] == [group, tram]
        assert place.added == ["Object Detection: Rail", "Object Detection: Tram"]


def test_a_description_as_deep_as_nobody_labels_ends_somewhere() -> None:
    deep = [Category(name=f"c{number}", color="#123456", parent=f"c{number + 1}") for number in range(4000)]
    place = resolver()
    place.declare(Mission(id="m", name="Theirs", categories=deep))

    place.ensure(found("c0"))

    (mission,) = place.changed
    assert mission.categories[-1].name == "c0"
    assert 1 < len(place.added) < 100


def test_what_lacks_is_added_once_and_named() -> None:
    place = resolver()
    keyframes = [
        Keyframe(frame=0, geometry=Box(x1=1, y1=2, x2=3, y2=4), attributes={"lit": True, "Truncated": "Half"}),
    ]
    seen = found(type="Lorry", attributes={"colour": "red", "axles": 3.0}, keyframes=keyframes, behaviors=[turn("U")])

    for _ in range(2):
        place.ensure(seen)
        place.ensure(found("Tram"))

    (mission,) = place.changed
    vehicle, tram = mission.categories[0], mission.categories[-1]
    kinds = {one.name: (one.kind, one.mutable) for one in vehicle.attributes}
    assert kinds == {
        "Truncated": ("select", True), "colour": ("text", False), "axles": ("number", False), "lit": ("bool", True)
    }  # fmt: skip
    assert vehicle.attributes[0].values == ["No", "Yes", "Half"]
    assert [one.name for one in vehicle.types] == ["Car", "Lorry"]
    assert mission.behaviors[0].attributes == ["Left", "Right", "U"]
    assert tram.name == "Tram"
    assert len(place.added) == len(set(place.added))


def test_a_mission_that_the_file_describes_comes_as_it_was() -> None:
    place = ClassResolver("p", [OTHER], None)
    place.declare(DETECTION)
    seen = found(mission="Object Detection", attributes={"Truncated": "No"}, ids=SourceIds(mission="detection"))

    place.ensure(seen)

    (mission,) = place.changed
    assert mission.id == stable_id("mission", "p", "Object Detection")
    assert mission.categories[0].attributes == DETECTION.categories[0].attributes
    assert mission.categories[0].color == "#ff0000"
    assert place.create_edit(seen).mission == mission.id


def test_the_same_object_has_the_same_ids_and_two_alike_have_different_ones() -> None:
    first, second = resolver(), resolver()

    one, other = first.create_edit(found()), first.create_edit(found())
    moved = first.create_edit(found(z_order=1))
    again = second.create_edit(found().model_copy(update={"where": "b.json, 9", "uid": "o-1"}))

    assert (one.id, one.object) == (again.id, again.object)
    assert len({one.object, other.object, moved.object}) == len({one.id, other.id, moved.id}) == 3


def test_a_label_of_the_whole_medium_is_there_once() -> None:
    whole = found(keyframes=[Keyframe(frame=0, geometry=ImageTag())])

    assert resolver().create_edit(whole).object == stable_id("label", "m1", "detection", "vehicle-1")


def test_a_mission_that_was_asked_for_has_to_be_there() -> None:
    with pytest.raises(Problem, match=r"import_mission_unknown.*Signposts"):
        resolver("Signposts")


def test_what_is_more_than_an_edit_can_hold_is_refused() -> None:
    keyframes = [Keyframe(frame=frame, geometry=ImageTag()) for frame in range(20_001)]

    with pytest.raises(ValueError, match="keyframes"):
        resolver().create_edit(found(keyframes=keyframes))
