"""Names of ids, also after renaming and deletion."""

from common.contract.missions import Attribute, Category, Mission, Type
from export.dataset.vocabulary import Term, Vocabulary
from tests.export.made import DETECTION


def test_ids_have_their_current_names() -> None:
    resolved_class = Vocabulary([DETECTION]).resolved_class("detection", "vehicle-1", "car-1")

    assert resolved_class.mission == Term("detection", "Object Detection")
    assert resolved_class.category == Term("vehicle-1", "Vehicle")
    assert resolved_class.type == Term("car-1", "Car")
    assert resolved_class.named({"doors-1": 4, "truncated-1": "No"}) == {"Doors": 4, "Truncated": "No"}
    assert resolved_class.behaviors.of("turn-1") == "Turn"


def test_names_and_undeclared_ids_are_their_own_names() -> None:
    vocabulary = Vocabulary([DETECTION])

    assert vocabulary.resolved_class("Object Detection", "Vehicle", "Car").mission == Term(
        "Object Detection", "Object Detection"
    )
    assert vocabulary.resolved_class("detection", "dog", "pug").type == Term("pug", "pug")
    assert vocabulary.resolved_class("gone", "dog", None).mission == Term("gone", "gone")
    assert vocabulary.resolved_class("gone", "dog", None).type is None


def test_two_attributes_never_have_one_name() -> None:
    same = [Attribute(id="a-1", name="Colour"), Attribute(id="a-2", name="Colour")]
    category = Category(name="Car", color="#000000", attributes=same, types=[Type(name="Van", attributes=same[:1])])
    resolved_class = Vocabulary([Mission(id="m", name="M", categories=[category])]).resolved_class("m", "Car", "Van")

    named = resolved_class.named({"a-1": "red", "a-2": "blue", "Colour": "green", "Colour (2)": "grey"})

    assert len(named) == 4
    assert named["Colour"] == "red"
    assert named == resolved_class.named({"a-1": "red", "a-2": "blue", "Colour": "green", "Colour (2)": "grey"})
