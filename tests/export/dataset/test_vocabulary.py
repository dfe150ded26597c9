"""Ids become names, whatever has been renamed or deleted since."""

from common.contract.missions import Attribute, Category, Mission, Type
from export.dataset.vocabulary import Term, Vocabulary
from tests.export.made import DETECTION


def test_ids_are_called_what_people_call_them_now() -> None:
    meaning = Vocabulary([DETECTION]).meaning("detection", "vehicle-1", "car-1")

    assert meaning.mission == Term("detection", "Object Detection")
    assert meaning.category == Term("vehicle-1", "Vehicle")
    assert meaning.type == Term("car-1", "Car")
    assert meaning.named({"doors-1": 4, "truncated-1": "No"}) == {"Doors": 4, "Truncated": "No"}
    assert meaning.behaviors.of("turn-1") == "Turn"


def test_names_stand_for_themselves_and_so_does_what_nobody_declares() -> None:
    vocabulary = Vocabulary([DETECTION])

    assert vocabulary.meaning("Object Detection", "Vehicle", "Car").mission == Term(
        "Object Detection", "Object Detection"
    )
    assert vocabulary.meaning("detection", "dog", "pug").type == Term("pug", "pug")
    assert vocabulary.meaning("gone", "dog", None).mission == Term("gone", "gone")
    assert vocabulary.meaning("gone", "dog", None).type is None


def test_two_attributes_never_have_one_name() -> None:
    same = [Attribute(id="a-1", name="Colour"), Attribute(id="a-2", name="Colour")]
    category = Category(name="Car", color="#000000", attributes=same, types=[Type(name="Van", attributes=same[:1])])
    meaning = Vocabulary([Mission(id="m", name="M", categories=[category])]).meaning("m", "Car", "Van")

    named = meaning.named({"a-1": "red", "a-2": "blue", "Colour": "green", "Colour (2)": "grey"})

    assert len(named) == 4
    assert named["Colour"] == "red"
    assert named == meaning.named({"a-1": "red", "a-2": "blue", "Colour": "green", "Colour (2)": "grey"})
