"""Names and ids: unknown names are refused with the known ones."""

from typing import Any

import pytest

from annotation.domain.errors import EditRefused, UnknownName
from annotation.domain.ontology import Ontology
from common.contract.edits import Create, Edit, PutBehavior, PutKeyframe, SetAttributes, SetCategory
from common.contract.labels import ObjectState
from common.contract.missions import Attribute, BehaviorType, Category, Mission, SkeletonTemplate, Type
from common.geometry.types import Keypoint, Skeleton
from tests.annotation.builders import creating, edit, key, made

SPEED = Attribute(id="speed", name="Speed", kind="number", mutable=True)
SIDE = Attribute(id="side", name="Side", values=["left", "right"], mutable=True)
COLOUR = Attribute(id="colour", name="Colour", kind="text")
NEW = Attribute(id="new", name="New", kind="bool")
DOORS = Attribute(id="doors", name="Doors", kind="number")
VAN = Type(id="van", name="Van", attributes=[DOORS])
MISSION = Mission(
    id="m1",
    name="Traffic",
    categories=[
        Category(id="car", name="Car", color="#112233", attributes=[SPEED, SIDE, COLOUR, NEW], types=[VAN]),
        Category(id="bus", name="Bus", color="#112233", attributes=[COLOUR]),
        # Renamed: its original name is now used by another one.
        Category(id="Bus", name="Coach", color="#112233"),
        Category(id="man", name="Man", color="#112233", joints=SkeletonTemplate(names=["head", "foot"])),
    ],
    behaviors=[BehaviorType(id="turn", name="Turn", attributes=["Left", "Right"])],
)
NAMES = Ontology([MISSION, Mission(id="m2", name="Empty")])


def car(**more: Any) -> ObjectState:
    return made(mission="m1", category="car", **more)


def normalized_creation(**more: Any) -> Create:
    normalized = NAMES.normalized(creating(**{"mission": "m1", "category": "car", **more}), None)
    assert isinstance(normalized, Create)
    return normalized


def test_names_become_ids() -> None:
    one = normalized_creation(mission="Traffic", category="Car", type="Van", attributes={"Colour": "red", "Doors": 4.0})

    assert (one.mission, one.category, one.type) == ("m1", "car", "van")
    assert one.attributes == {"colour": "red", "doors": 4.0}


def test_an_id_takes_precedence_over_a_name() -> None:
    assert normalized_creation(category="Bus").category == "Bus"
    assert normalized_creation(category="Coach").category == "Bus"
    assert normalized_creation(category="bus").category == "bus"
    assert NAMES.ids("Traffic", "Coach") == ("m1", "Bus")


def test_mutable_attributes_start_on_the_first_keyframe() -> None:
    keyframes = [key(9, attributes={"Speed": 9.0}), key(3, attributes={"speed": 3.0})]

    one = normalized_creation(attributes={"Speed": 1.0, "Side": "left", "New": True}, keyframes=keyframes)

    assert one.attributes == {"new": True}
    assert [each.attributes for each in one.keyframes] == [{"speed": 9.0}, {"side": "left", "speed": 3.0}]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"mission": "m9"}, "no mission m9. Missions: Traffic, Empty"),
        ({"mission": "Empty"}, "Empty has no category car. Categories: –"),
        ({"category": "Kar"}, "Traffic has no category Kar. Categories: .*Man"),
        ({"type": "Tank"}, "Car has no type Tank. Types: Van"),
        ({"attributes": {"Size": 1.0}}, "Car has no attribute Size. Attributes: .*Colour"),
        ({"attributes": {"Doors": 4.0}}, "Car has no attribute Doors"),
        ({"attributes": {"Side": "up"}}, "Side has no value 'up'. Values: left, right"),
        ({"attributes": {"Speed": "fast"}}, "Speed must be a number, not 'fast'"),
        ({"attributes": {"Speed": True}}, "Speed must be a number, not True"),
        ({"attributes": {"New": 1.0}}, "New must be yes or no, not 1.0"),
        ({"attributes": {"Colour": True}}, "Colour must be text, not True"),
        ({"attributes": {"Side": 1.0}}, "Side must be one of its values, not 1.0"),
        ({"keyframes": [key(0, attributes={"Colour": "red"})]}, "attribute_not_mutable"),
        ({"keyframes": [key(0, attributes={"Size": 1.0})]}, "Car has no attribute Size"),
        ({"behaviors": [{"id": "b", "name": "Fly", "first": 0, "last": 1}]}, "Traffic has no behavior Fly"),
    ],
)
def test_unknown_names_are_refused_with_the_known_ones(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(EditRefused, match=reason):
        normalized_creation(**more)


def test_unknown_names_are_distinguished_from_wrong_values() -> None:
    with pytest.raises(UnknownName):
        normalized_creation(category="Kar")
    with pytest.raises(UnknownName):
        normalized_creation(attributes={"Side": "up"})
    with pytest.raises(EditRefused) as refused:
        normalized_creation(attributes={"Speed": True})
    assert not isinstance(refused.value, UnknownName)


def test_long_lists_are_truncated() -> None:
    many = [Category(name=f"c{number}", color="#112233") for number in range(30)]

    with pytest.raises(EditRefused, match=r"c19, …\.$"):
        Ontology([Mission(id="m1", name="M", categories=many)]).normalized(creating(mission="m1", category="x"), None)


def test_a_category_is_looked_up_in_the_objects_mission() -> None:
    moved = NAMES.normalized(edit("set_category", category="Coach"), car())

    assert isinstance(moved, SetCategory)
    assert (moved.mission, moved.category) == ("m1", "Bus")
    with pytest.raises(UnknownName, match="Empty has no category"):
        NAMES.normalized(edit("set_category", mission="m2", category="car"), car())


def test_attributes_are_looked_up_for_the_objects_type() -> None:
    change = edit("set_attributes", attributes={"Doors": 5.0, "Colour": None})

    normalized = NAMES.normalized(change, car(type="van"))

    assert isinstance(normalized, SetAttributes)
    assert normalized.attributes == {"doors": 5.0, "colour": None}
    with pytest.raises(UnknownName, match="Car has no attribute Doors"):
        NAMES.normalized(change, car())


def test_existing_values_may_be_kept_or_removed() -> None:
    old = car(keyframes=[key(0, attributes={"gone": 1.0, "colour": "red"}), key(9)], attributes={"lost": True})

    again = NAMES.normalized(edit("put_keyframe", keyframe=key(5, attributes={"gone": 1.0, "colour": "red"})), old)
    away = NAMES.normalized(edit("set_attributes", attributes={"gone": None, "lost": None}), old)

    assert isinstance(again, PutKeyframe)
    assert again.keyframe.attributes == {"gone": 1.0, "colour": "red"}
    assert isinstance(away, SetAttributes)
    assert away.attributes == {"gone": None, "lost": None}
    for attributes in ({"gone": 2.0}, {"colour": "blue"}, {"lost": True}):
        with pytest.raises(EditRefused):
            NAMES.normalized(edit("put_keyframe", keyframe=key(5, attributes=attributes)), old)
    with pytest.raises(UnknownName):
        NAMES.normalized(edit("set_attributes", attributes={"never": None}), old)


def test_generated_keyframes_are_normalized() -> None:
    change = edit("put_generated", first=0, last=9, keyframes=[key(3, source="quick", attributes={"Side": "up"})])

    with pytest.raises(UnknownName, match="unknown_attribute_value"):
        NAMES.normalized(change, car())


def test_a_behaviour_has_attributes_of_its_type() -> None:
    about = {"id": "b", "name": "Turn", "first": 0, "last": 1}

    turn = NAMES.normalized(edit("put_behavior", behavior=about | {"attribute": "Left"}), car())

    assert isinstance(turn, PutBehavior)
    assert turn.behavior.name == "turn"
    with pytest.raises(EditRefused, match=r"Turn has no attribute Up\. Attributes: Left, Right"):
        NAMES.normalized(edit("put_behavior", behavior=about | {"attribute": "Up"}), car())


def test_keypoints_must_exist_in_the_category() -> None:
    def bones(*names: str) -> Skeleton:
        return Skeleton(keypoints=[Keypoint(name=name, x=0, y=0) for name in names])

    man = made(key(0, bones("head")), mission="m1", category="man")
    source: Edit = edit("put_keyframe", keyframe=key(5, bones("head", "hand")))

    assert NAMES.normalized(edit("put_keyframe", keyframe=key(5, bones("head", "foot"))), man)
    assert NAMES.normalized(source, made(key(0, bones("hand")), mission="m1", category="car"))
    with pytest.raises(EditRefused, match=r"Man has no keypoint hand\. Keypoints: foot, head"):
        NAMES.normalized(source, man)
    with pytest.raises(EditRefused, match="Man has no keypoint hand"):
        NAMES.normalized(
            edit("set_category", category="man"), made(key(0, bones("hand")), mission="m1", category="car")
        )
    with pytest.raises(EditRefused, match="Man has no keypoint hand"):
        normalized_creation(category="man", keyframes=[key(0, bones("hand"))])


def test_an_object_of_a_removed_category_can_be_moved() -> None:
    lost = made(key(0), mission="m9", category="gone")

    assert NAMES.normalized(edit("put_keyframe", keyframe=key(5)), lost)
    with pytest.raises(UnknownName, match="category gone has no attribute Speed"):
        NAMES.normalized(edit("set_attributes", attributes={"Speed": 1.0}), lost)
    assert NAMES.attributes("m9", "gone", None) == {}
    assert set(NAMES.attributes("m1", "car", "no such type")) == set(NAMES.attributes("m1", "car", None))
