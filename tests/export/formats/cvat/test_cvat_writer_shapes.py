"""Shapes in CVAT's XML: every kind, with parts, holes and keypoints."""

from typing import Any

import pytest
from defusedxml import ElementTree

from common.geometry import types
from export.dataset.capabilities import Feature
from export.dataset.rows import NOTHING
from export.formats.cvat import format as cvat_format
from export.formats.registry import FORMATS
from tests.export.formats.cvat.documents import IMAGES, VIDEO, document, shapes_of
from tests.export.formats.examples import HOLED, PARTS, RING, skeleton_mission
from tests.export.made import dataset, dropped, medium, shape_object

PERSON = skeleton_mission("Person", "#0000ff", ["nose", "tail", "ear"], [("nose", "tail")])
CUBOID = types.Cuboid(points=[(0, 0), (10, 0), (10, 10), (0, 10), (5, -5), (15, -5), (15, 5), (5, 5)])
AT: list[tuple[Any, str, dict[str, str]]] = [
    (
        types.Polygon(parts=[types.Part(outer=RING)]),
        "polygon",
        {"points": "10.00,10.00;60.00,10.00;60.00,50.00;10.00,50.00"},
    ),
    (types.Polyline(points=[(0, 0), (1.5, 2)]), "polyline", {"points": "0.00,0.00;1.50,2.00"}),
    (types.Line(x1=0, y1=1, x2=2, y2=3), "polyline", {"points": "0.00,1.00;2.00,3.00"}),
    (types.Points(points=[(4, 5)]), "points", {"points": "4.00,5.00"}),
    (types.Circle(cx=1, cy=2, r=3), "ellipse", {"cx": "1.00", "cy": "2.00", "rx": "3.00", "ry": "3.00"}),
    (
        types.Ellipse(cx=1, cy=2, rx=3, ry=4, rotation=30),
        "ellipse",
        {"cx": "1.00", "cy": "2.00", "rx": "3.00", "ry": "4.00", "rotation": "30.00"},
    ),
    (
        CUBOID,
        "cuboid",
        {"xtl1": "0.00", "ybl1": "10.00", "xtr1": "10.00", "xtl2": "15.00", "ytl2": "-5.00", "xtr2": "5.00"},
    ),
    (
        types.Bitmap(x=638, y=1, width=4, height=2, runs=[1, 7]),
        "mask",
        {"rle": "1, 3", "left": "638", "top": "1", "width": "2", "height": "2"},
    ),
]


@pytest.mark.parametrize("name", [IMAGES, VIDEO])
@pytest.mark.parametrize(("shape", "tag", "at"), AT)
def test_every_kind_has_its_element(name: str, shape: Any, tag: str, at: dict[str, str]) -> None:
    made = dataset([medium("m1", "a.jpg")], [shape_object("o1", shape)])

    (item,) = shapes_of(document(name, made))

    assert item.tag == tag
    assert {key: item.get(key) for key in at} == at
    words = FORMATS[name].capabilities.changed
    assert dropped(made) == ({words[shape.kind]: 1} if shape.kind in words else {})


def test_parts_holes_and_empty_shapes_are_written() -> None:
    objects = [
        shape_object("o1", PARTS),
        shape_object("o2", HOLED),
        shape_object("o3", types.Rpy(x=1, y=2, angles={"roll": 1})),
        shape_object("o4", types.Bitmap(x=0, y=0, width=0, height=0, runs=[])),
        shape_object("o5", types.Polygon(parts=[types.Part(outer=RING[:2])])),
    ]
    made = dataset([medium(frames=1)], objects)

    result = shapes_of(document(IMAGES, made))

    assert sorted((shape.tag, shape.get("group_id")) for shape in result) == [
        ("mask", None),
        ("polygon", "1"),
        ("polygon", "1"),
    ]
    words = cvat_format.IMAGES.capabilities.changed
    assert dropped(made) == {
        words[Feature.PARTS]: 1,
        words[Feature.HOLES]: 1,
        "lost_rpy": 1,
        NOTHING: 2,
        Feature.TRACKS.loss: 4,
    }


def test_masks_and_parts_in_videos_are_objects_of_one_frame_in_one_group() -> None:
    small = types.Bitmap(x=0, y=0, width=1, height=1, runs=[0, 1])
    made = dataset([medium(frames=3)], [shape_object("o1", small), shape_object("o2", PARTS, frame=2)])

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
    assert [track.get("part_of") for track in tracks] == ["1", "1", "1", "2", "2"]


@pytest.mark.parametrize("name", [IMAGES, VIDEO])
def test_parts_of_an_object_are_distinct_from_other_members_of_its_group(name: str) -> None:
    alone = types.Polygon(parts=[types.Part(outer=RING)])
    made = dataset([medium(frames=1)], [shape_object("o1", PARTS, group="g"), shape_object("o2", alone, group="g")])

    result = document(name, made)

    shape_elements = shapes_of(result) if name == IMAGES else result.findall("track")
    assert sorted((each.get("group_id"), each.get("part_of") or "") for each in shape_elements) == [
        ("1", ""),
        ("1", "2"),
        ("1", "2"),
    ]


@pytest.mark.parametrize("name", [IMAGES, VIDEO])
def test_skeletons_have_all_points_of_their_label(name: str) -> None:
    nose, tail = types.Keypoint(name="nose", x=1, y=2), types.Keypoint(name="tail", x=3, y=4, visible=False)
    made = dataset(
        [medium(frames=1)],
        [shape_object("o1", types.Skeleton(keypoints=[nose, tail]), mission="people", category="Person")],
        [PERSON],
    )

    result = document(name, made)

    (skeleton,) = shapes_of(result)
    points = [tuple(point.get(key) for key in ("label", "outside", "occluded", "points")) for point in skeleton]
    assert points == [
        ("nose", "0", "0", "1.00,2.00"),
        ("tail", "0", "1", "3.00,4.00"),
        ("ear", "1", "0", "1.00,2.00"),
    ]
    labels = [(each.findtext("name"), each.findtext("type"), each.findtext("parent")) for each in result.iter("label")]
    assert labels == [
        ("Person", "skeleton", None),
        ("nose", "points", "Person"),
        ("tail", "points", "Person"),
        ("ear", "points", "Person"),
    ]
    drawing = ElementTree.fromstring(f"<svg>{result.findtext('.//svg')}</svg>")
    (line,) = drawing.findall("line")
    assert (line.get("data-node-from"), line.get("data-node-to")) == ("1", "2")
    assert [circle.get("data-label-name") for circle in drawing.findall("circle")] == ["nose", "tail", "ear"]
