"""CVAT's XML as the layout says; `test_cvat_referees` has it judged."""

from typing import Any

import pytest
from defusedxml import ElementTree

from common.geometry import (
    Bitmap,
    Circle,
    Cuboid,
    Ellipse,
    Keypoint,
    Line,
    Part,
    Points,
    Polygon,
    Polyline,
    Rpy,
    Skeleton,
    Whole,
)
from common.labels import Keyframe
from common.missions import Category, Joints, Mission
from export.domain.carries import KINDS, Feature
from export.domain.dataset import Dataset
from export.domain.formats import cvat_images, cvat_video
from export.domain.rows import NOTHING
from export.domain.texts import REPLACED
from tests.export.made import archive, dataset, drawn, dropped, keyframe, labeled, medium

IMAGES, VIDEO = "CVAT for images 1.1", "CVAT for video 1.1"
RING: list[Any] = [(10, 10), (60, 10), (60, 50), (10, 50)]
HOLE: list[Any] = [(20, 20), (40, 20), (40, 40), (20, 40)]
HOLED = Polygon(parts=[Part(outer=RING, holes=[HOLE])])
PARTS = Polygon(parts=[Part(outer=RING), Part(outer=[(x + 100, y) for x, y in RING])])
PERSON = Mission(
    id="people",
    name="People",
    categories=[
        Category(name="Person", color="#0000ff", joints=Joints(names=["nose", "tail", "ear"], edges=[("nose", "tail")]))
    ],
)


def document(name: str, made: Dataset) -> Any:
    return ElementTree.fromstring(archive(name, made)["annotations.xml"])


def shapes_of(found: Any) -> list[Any]:
    return [shape for holder in found.findall("image") + found.findall("track") for shape in holder]


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
    assert dropped(made) == {cvat_video.CARRIES.changed[Feature.SOURCES]: 1}


def test_labels_are_declared_with_types_attributes_and_those_that_only_objects_have() -> None:
    stranger = labeled("o2", keyframe(0, attributes={"mood": "good"}), category="dog", attributes={"age": 3.0})
    found = document(VIDEO, dataset([medium()], [labeled("o1"), stranger]))

    labels = {label.findtext("name"): label for label in found.iter("label")}
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
    assert declared["dog"] == [("age", "True", "text", "", ""), ("mood", "True", "text", "", "")]


CUBOID = Cuboid(points=[(0, 0), (10, 0), (10, 10), (0, 10), (5, -5), (15, -5), (15, 5), (5, 5)])
AT: list[tuple[Any, str, dict[str, str]]] = [
    (Polygon(parts=[Part(outer=RING)]), "polygon", {"points": "10.00,10.00;60.00,10.00;60.00,50.00;10.00,50.00"}),
    (Polyline(points=[(0, 0), (1.5, 2)]), "polyline", {"points": "0.00,0.00;1.50,2.00"}),
    (Line(x1=0, y1=1, x2=2, y2=3), "polyline", {"points": "0.00,1.00;2.00,3.00"}),
    (Points(points=[(4, 5)]), "points", {"points": "4.00,5.00"}),
    (Circle(cx=1, cy=2, r=3), "ellipse", {"cx": "1.00", "cy": "2.00", "rx": "3.00", "ry": "3.00"}),
    (
        Ellipse(cx=1, cy=2, rx=3, ry=4, rotation=30),
        "ellipse",
        {"cx": "1.00", "cy": "2.00", "rx": "3.00", "ry": "4.00", "rotation": "30.00"},
    ),
    (
        CUBOID,
        "cuboid",
        {"xtl1": "0.00", "ybl1": "10.00", "xtr1": "10.00", "xtl2": "15.00", "ytl2": "-5.00", "xtr2": "5.00"},
    ),
    (
        Bitmap(x=638, y=1, width=4, height=2, runs=[1, 7]),
        "mask",
        {"rle": "1, 3", "left": "638", "top": "1", "width": "2", "height": "2"},
    ),
]


@pytest.mark.parametrize("name", [IMAGES, VIDEO])
@pytest.mark.parametrize(("shape", "tag", "at"), AT)
def test_every_kind_has_its_element(name: str, shape: Any, tag: str, at: dict[str, str]) -> None:
    made = dataset([medium("m1", "a.jpg")], [drawn("o1", shape)])

    (found,) = shapes_of(document(name, made))

    assert found.tag == tag
    assert {key: found.get(key) for key in at} == at
    words = (cvat_images if name == IMAGES else cvat_video).CARRIES.changed
    assert dropped(made) == ({words[shape.kind]: 1} if shape.kind in words else {})


def test_parts_and_holes_and_what_is_not_there() -> None:
    objects = [
        drawn("o1", PARTS),
        drawn("o2", HOLED),
        drawn("o3", Rpy(x=1, y=2, angles={"roll": 1})),
        drawn("o4", Bitmap(x=0, y=0, width=0, height=0, runs=[])),
        drawn("o5", Polygon(parts=[Part(outer=RING[:2])])),
    ]
    made = dataset([medium(frames=1)], objects)

    found = shapes_of(document(IMAGES, made))

    assert sorted((shape.tag, shape.get("group_id")) for shape in found) == [
        ("mask", None),
        ("polygon", "1"),
        ("polygon", "1"),
    ]
    words = cvat_images.CARRIES.changed
    assert dropped(made) == {
        words[Feature.PARTS]: 1,
        words[Feature.HOLES]: 1,
        KINDS["rpy"]: 1,
        NOTHING: 2,
        Feature.TRACKS: 4,
    }


def test_masks_and_parts_in_videos_are_objects_of_one_frame_in_one_group() -> None:
    small = Bitmap(x=0, y=0, width=1, height=1, runs=[0, 1])
    made = dataset([medium(frames=3)], [drawn("o1", small), drawn("o2", PARTS, frame=2)])

    tracks = document(VIDEO, made).findall("track")

    rows = [[(shape.tag, shape.get("frame"), shape.get("outside")) for shape in track] for track in tracks]
    assert rows == [
        [("mask", "0", "0"), ("mask", "1", "1")],
        [("mask", "1", "0"), ("mask", "2", "1")],
        [("mask", "2", "0")],
        [("polygon", "2", "0")],
        [("polygon", "2", "0")],
    ]
    assert [track.get("group_id") for track in tracks] == ["1", "1", "1", "2", "2"]


@pytest.mark.parametrize("name", [IMAGES, VIDEO])
def test_skeletons_have_all_points_of_their_label(name: str) -> None:
    nose, tail = Keypoint(name="nose", x=1, y=2), Keypoint(name="tail", x=3, y=4, visible=False)
    made = dataset(
        [medium(frames=1)],
        [drawn("o1", Skeleton(keypoints=[nose, tail]), mission="people", category="Person")],
        [PERSON],
    )

    found = document(name, made)

    (skeleton,) = shapes_of(found)
    points = [tuple(point.get(key) for key in ("label", "outside", "occluded", "points")) for point in skeleton]
    assert points == [
        ("nose", "0", "0", "1.00,2.00"),
        ("tail", "0", "1", "3.00,4.00"),
        ("ear", "1", "0", "1.00,2.00"),
    ]
    labels = [(one.findtext("name"), one.findtext("type"), one.findtext("parent")) for one in found.iter("label")]
    assert labels == [
        ("Person", "skeleton", None),
        ("nose", "points", "Person"),
        ("tail", "points", "Person"),
        ("ear", "points", "Person"),
    ]
    drawing = ElementTree.fromstring(f"<svg>{found.findtext('.//svg')}</svg>")
    (line,) = drawing.findall("line")
    assert (line.get("data-node-from"), line.get("data-node-to")) == ("1", "2")
    assert [circle.get("data-label-name") for circle in drawing.findall("circle")] == ["nose", "tail", "ear"]


def test_labels_of_files_are_tags_on_their_frames() -> None:
    keyframes = [
        Keyframe(frame=1, geometry=Whole(), attributes={"truncated-1": "No"}),
        Keyframe(frame=2, geometry=Whole(), attributes={"truncated-1": "Yes"}),
        Keyframe(frame=3, geometry=Whole(), outside=True),
    ]
    whole = labeled("o1", *keyframes, annotation_type="label")
    made = dataset([medium(frames=4)], [whole])

    found = document(IMAGES, made)

    tags = [[(tag.get("label"), tag[0].text) for tag in image] for image in found.findall("image")]
    assert tags == [[], [("Vehicle", "No")], [("Vehicle", "Yes")], []]
    assert dropped(made) == {}


@pytest.mark.parametrize("name", [IMAGES, VIDEO])
def test_any_text_survives(name: str) -> None:
    hostile = "a\"'<&>%s\n\r\t\u2028 夜"
    mission = Mission(id="m", name="M", categories=[Category(name=hostile, color="#010203")])
    car = labeled("o1", mission="m", category=hostile, attributes={"x\x01": f"{hostile}\ufffe", "y": True, "z": 1.5})
    made = dataset([medium(frames=1)], [car], [mission])

    found = document(name, made)

    assert found.find(".//label").findtext("name") == hostile
    (shape,) = shapes_of(found)
    holder = shape if name == IMAGES else found.find("track")
    assert holder.get("label") == hostile
    said = {attribute.get("name"): attribute.text for attribute in shape}
    assert said == {"x�": f"{hostile}�", "y": "true", "z": "1.5"}
    assert dropped(made)[REPLACED] > 0
