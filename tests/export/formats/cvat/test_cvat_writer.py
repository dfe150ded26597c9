"""The layout of CVAT's XML; `test_cvat_writer_validators` validates it with other programs."""

import pytest

from common.contract.labels import Keyframe
from common.contract.missions import Category, Mission
from common.geometry.types import (
    ImageTag,
)
from export.dataset.capabilities import Feature
from export.dataset.texts import REPLACED
from export.formats.cvat import format as cvat_format
from tests.export.formats.cvat.documents import IMAGES, VIDEO, document, shapes_of
from tests.export.made import archive, dataset, dropped, keyframe, labeled, medium


def test_an_image_is_written_as_the_layout_says() -> None:
    car = labeled(
        "o1",
        keyframe(0, 1, 2, 3.126, 4, -90, occluded=True),
        type="car-1",
        attributes={"truncated-1": "No", "doors-1": 4.0},
        source="model",
        z_order=2,
        group="g",
    )
    made = dataset([medium("m1", "b & <c>.jpg")], [car])

    text = archive(IMAGES, made)["annotations.xml"].decode()

    assert text.startswith(
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n<meta>\n<task>'
    )
    assert text.endswith(
        '<image id="0" name="b &amp; _c_.jpg" width="640" height="480">\n'
        '<box label="Vehicle" source="manual" occluded="1" xtl="1.00" ytl="2.00" xbr="3.13" ybr="4.00"'
        ' rotation="270.00" z_order="2" group_id="1">\n'
        '<attribute name="Truncated">No</attribute>\n'
        '<attribute name="Doors">4</attribute>\n'
        '<attribute name="type">Car</attribute>\n'
        "</box>\n</image>\n</annotations>\n"
    )


def test_a_track_is_written_as_the_layout_says() -> None:
    car = labeled(
        "o1", keyframe(1, 0, 0, 10, 10), keyframe(3, 4, 0, 14, 10, outside=True), keyframe(5), source="import"
    )
    made = dataset([medium(frames=7)], [car])

    text = archive(VIDEO, made)["annotations.xml"].decode()

    rows = [
        '1" keyframe="1" outside="0" occluded="0" xtl="0.00" ytl="0.00" xbr="10.00" ybr="10.00',
        '2" keyframe="0" outside="0" occluded="0" xtl="2.00" ytl="0.00" xbr="12.00" ybr="10.00',
        '3" keyframe="1" outside="1" occluded="0" xtl="4.00" ytl="0.00" xbr="14.00" ybr="10.00',
        '5" keyframe="1" outside="0" occluded="0" xtl="10.00" ytl="20.00" xbr="30.00" ybr="60.00',
        '6" keyframe="0" outside="0" occluded="0" xtl="10.00" ytl="20.00" xbr="30.00" ybr="60.00',
    ]
    body = "".join(f'<box frame="{row}" z_order="0">\n</box>\n' for row in rows)
    assert text.endswith(f'<track id="0" label="Vehicle" source="file">\n{body}</track>\n</annotations>\n')
    assert dropped(made) == {cvat_format.VIDEO.capabilities.changed[Feature.SOURCES]: 1}


def test_labels_are_declared_with_types_attributes_and_those_that_only_objects_have() -> None:
    stranger = labeled("o2", keyframe(0, attributes={"mood": "good"}), category="dog", attributes={"age": 3.0})
    result = document(VIDEO, dataset([medium()], [labeled("o1"), stranger]))

    labels = {label.findtext("name"): label for label in result.iter("label")}
    declared = {
        name: [tuple(part.text or "" for part in attribute) for attribute in label.iter("attribute")]
        for name, label in labels.items()
    }

    assert list(labels) == ["Vehicle", "Pedestrian", "dog"]
    assert labels["Vehicle"].findtext("color") == "#ff0000"
    assert declared["Vehicle"] == [
        ("type", "False", "select", "", "Car"),
        ("Truncated", "True", "select", "", "No\nYes"),
        ("Doors", "False", "number", "", ""),
    ]
    assert declared["dog"] == [("age", "True", "number", "", ""), ("mood", "True", "text", "", "")]


def test_labels_of_files_are_tags_on_their_frames() -> None:
    keyframes = [
        Keyframe(frame=1, geometry=ImageTag(), attributes={"truncated-1": "No"}),
        Keyframe(frame=2, geometry=ImageTag(), attributes={"truncated-1": "Yes"}),
        Keyframe(frame=3, geometry=ImageTag(), outside=True),
    ]
    whole = labeled("o1", *keyframes, annotation_type="label")
    made = dataset([medium(frames=4)], [whole])

    result = document(IMAGES, made)

    tags = [[(tag.get("label"), tag[0].text) for tag in image] for image in result.findall("image")]
    assert tags == [[], [("Vehicle", "No")], [("Vehicle", "Yes")], []]
    assert dropped(made) == {}


@pytest.mark.parametrize("name", [IMAGES, VIDEO])
def test_any_text_survives(name: str) -> None:
    hostile = "a\"'<&>%s\n\r\t\u2028 夜"
    mission = Mission(id="m", name="M", categories=[Category(name=hostile, color="#010203")])
    car = labeled("o1", mission="m", category=hostile, attributes={"x\x01": f"{hostile}\ufffe", "y": True, "z": 1.5})
    made = dataset([medium(frames=1)], [car], [mission])

    result = document(name, made)

    assert result.find(".//label").findtext("name") == hostile
    (shape,) = shapes_of(result)
    holder = shape if name == IMAGES else result.find("track")
    assert holder.get("label") == hostile
    attributes = {attribute.get("name"): attribute.text for attribute in shape}
    assert attributes == {"x�": f"{hostile}�", "y": "true", "z": "1.5"}
    assert dropped(made)[REPLACED] > 0
