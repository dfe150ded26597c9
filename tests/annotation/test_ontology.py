"""Names and ids: what is not there is refused with what is."""

from typing import Any

import pytest

from annotation.domain.errors import Refusal, UnknownName
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
        # Renamed: its first name is another's now.
        Category(id="Bus", name="Coach", color="#112233"),
        Category(id="man", name="Man", color="#112233", joints=SkeletonTemplate(names=["head", "foot"])),
    ],
    behaviors=[BehaviorType(id="turn", name="Turn", attributes=["Left", "Right"])],
)
NAMES = Ontology.of([MISSION, Mission(id="m2", name="Empty")])


def car(**more: Any) -> ObjectState:
    return made(mission="m1", category="car", **more)


def settled_creation(**more: Any) -> Create:
    settled = NAMES.settled(creating(**{"mission": "m1", "category": "car", **more}), None)
    assert isinstance(settled, Create)
    return settled


def test_names_become_ids() -> None:
    one = settled_creation(mission="Traffic", category="Car", type="Van", attributes={"Colour": "red", "Doors": 4.0})

    assert (one.mission, one.category, one.type) == ("m1", "car", "van")
    assert one.attributes == {"colour": "red", "doors": 4.0}


def test_an_id_counts_more_than_a_name() -> None:
    assert settled_creation(category="Bus").category == "Bus"
    assert settled_creation(category="Coach").category == "Bus"
    assert settled_creation(category="bus").category == "bus"
    assert NAMES.ids("Traffic", "Coach") == ("m1", "Bus")


def test_mutable_attributes_begin_on_the_first_keyframe() -> None:
    keyframes = [key(9, attributes={"Speed": 9.0}), key(3, attributes={"speed": 3.0})]

    one = settled_creation(attributes={"Speed": 1.0, "Side": "left", "New": True}, keyframes=keyframes)

    assert one.attributes == {"new": True}
    assert [each.attributes for each in one.keyframes] == [{"speed": 9.0}, {"side": "left", "speed": 3.0}]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"mission": "m9"}, "no mission 'm9'; there are: Traffic, Empty"),
        ({"mission": "Empty"}, "no category in Empty 'car'; there are none"),
        ({"category": "Kar"}, "no category in Traffic 'Kar'; there are: .*Man"),
        ({"type": "Tank"}, "no type of Car 'Tank'; there are: Van"),
        ({"attributes": {"Size": 1.0}}, "no attribute of Car 'Size'; there are: .*Colour"),
        ({"attributes": {"Doors": 4.0}}, "no attribute of Car 'Doors'"),
        ({"attributes": {"Side": "up"}}, "Side cannot be 'up'; there are: left, right"),
        ({"attributes": {"Speed": "fast"}}, "Speed is a number, not 'fast'"),
        ({"attributes": {"Speed": True}}, "Speed is a number, not True"),
        ({"attributes": {"New": 1.0}}, "New is yes or no, not 1.0"),
        ({"attributes": {"Colour": True}}, "Colour is a text, not True"),
        ({"attributes": {"Side": 1.0}}, "Side is one of its values, not 1.0"),
        ({"keyframes": [key(0, attributes={"Colour": "red"})]}, "Colour belongs to the whole object"),
        ({"keyframes": [key(0, attributes={"Size": 1.0})]}, "no attribute of Car 'Size'"),
        ({"behaviors": [{"id": "b", "name": "Fly", "first": 0, "last": 1}]}, "no behaviour in Traffic 'Fly'"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        settled_creation(**more)


def test_a_name_that_may_come_later_is_told_from_a_wrong_value() -> None:
    with pytest.raises(UnknownName):
        settled_creation(category="Kar")
    with pytest.raises(UnknownName):
        settled_creation(attributes={"Side": "up"})
    with pytest.raises(Refusal) as refused:
        settled_creation(attributes={"Speed": True})
    assert not isinstance(refused.value, UnknownName)


def test_long_lists_are_cut() -> None:
    many = [Category(name=f"c{number}", color="#112233") for number in range(30)]

    with pytest.raises(Refusal, match=r"c19 and 10 more\.$"):
        Ontology.of([Mission(id="m1", name="M", categories=many)]).settled(creating(mission="m1", category="x"), None)


def test_a_category_is_looked_up_in_the_objects_mission() -> None:
    moved = NAMES.settled(edit("set_category", category="Coach"), car())

    assert isinstance(moved, SetCategory)
    assert (moved.mission, moved.category) == ("m1", "Bus")
    with pytest.raises(UnknownName, match="no category in Empty"):
        NAMES.settled(edit("set_category", mission="m2", category="car"), car())


def test_attributes_are_looked_up_for_the_objects_type() -> None:
    change = edit("set_attributes", attributes={"Doors": 5.0, "Colour": None})

    settled = NAMES.settled(change, car(type="van"))

    assert isinstance(settled, SetAttributes)
    assert settled.attributes == {"doors": 5.0, "colour": None}
    with pytest.raises(UnknownName, match="no attribute of Car 'Doors'"):
        NAMES.settled(change, car())


def test_what_an_object_has_already_may_stay_or_go() -> None:
    old = car(keyframes=[key(0, attributes={"gone": 1.0, "colour": "red"}), key(9)], attributes={"lost": True})

    again = NAMES.settled(edit("put_keyframe", keyframe=key(5, attributes={"gone": 1.0, "colour": "red"})), old)
    away = NAMES.settled(edit("set_attributes", attributes={"gone": None, "lost": None}), old)

    assert isinstance(again, PutKeyframe)
    assert again.keyframe.attributes == {"gone": 1.0, "colour": "red"}
    assert isinstance(away, SetAttributes)
    assert away.attributes == {"gone": None, "lost": None}
    for attributes in ({"gone": 2.0}, {"colour": "blue"}, {"lost": True}):
        with pytest.raises(Refusal):
            NAMES.settled(edit("put_keyframe", keyframe=key(5, attributes=attributes)), old)
    with pytest.raises(UnknownName):
        NAMES.settled(edit("set_attributes", attributes={"never": None}), old)


def test_generated_keyframes_are_looked_up_too() -> None:
    change = edit("put_generated", first=0, last=9, keyframes=[key(3, source="quick", attributes={"Side": "up"})])

    with pytest.raises(UnknownName, match="Side cannot be"):
        NAMES.settled(change, car())


def test_a_behaviour_has_ways_of_its_type() -> None:
    about = {"id": "b", "name": "Turn", "first": 0, "last": 1}

    turn = NAMES.settled(edit("put_behavior", behavior=about | {"attribute": "Left"}), car())

    assert isinstance(turn, PutBehavior)
    assert turn.behavior.name == "turn"
    with pytest.raises(Refusal, match="Turn has no way 'Up'; it has: Left, Right"):
        NAMES.settled(edit("put_behavior", behavior=about | {"attribute": "Up"}), car())


def test_the_points_of_a_skeleton_are_its_categorys() -> None:
    def bones(*names: str) -> Skeleton:
        return Skeleton(keypoints=[Keypoint(name=name, x=0, y=0) for name in names])

    man = made(key(0, bones("head")), mission="m1", category="man")
    hand: Edit = edit("put_keyframe", keyframe=key(5, bones("head", "hand")))

    assert NAMES.settled(edit("put_keyframe", keyframe=key(5, bones("head", "foot"))), man)
    assert NAMES.settled(hand, made(key(0, bones("hand")), mission="m1", category="car"))
    with pytest.raises(Refusal, match="A Man has no point 'hand'; it has: foot, head"):
        NAMES.settled(hand, man)
    with pytest.raises(Refusal, match="A Man has no point 'hand'"):
        NAMES.settled(edit("set_category", category="man"), made(key(0, bones("hand")), mission="m1", category="car"))
    with pytest.raises(Refusal, match="A Man has no point 'hand'"):
        settled_creation(category="man", keyframes=[key(0, bones("hand"))])


def test_an_object_whose_category_is_gone_can_still_be_moved() -> None:
    lost = made(key(0), mission="m9", category="gone")

    assert NAMES.settled(edit("put_keyframe", keyframe=key(5)), lost)
    with pytest.raises(UnknownName, match="attribute of gone"):
        NAMES.settled(edit("set_attributes", attributes={"Speed": 1.0}), lost)
    assert NAMES.attributes("m9", "gone", None) == {}
    assert set(NAMES.attributes("m1", "car", "no such type")) == set(NAMES.attributes("m1", "car", None))
