"""Both LabelMe formats: XML, validated by Datumaro, and the JSON of today's labelme."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from defusedxml import ElementTree

from common.contract.labels import Keyframe
from common.geometry.types import Bitmap, Circle, Ellipse, ImageTag, Line, Part, Points, Polygon, Polyline
from export.dataset.capabilities import Feature
from export.dataset.dataset import Dataset
from export.dataset.rows import NOTHING
from export.dataset.texts import REPLACED
from export.formats.labelme import format as labelme_format
from export.formats.labelme import writer_json as labelme_json
from export.formats.labelme.writer_xml import attribute_list
from tests.export.formats.examples import HOLED, PARTS, RING
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

XML, JSON = "LabelMe 3.0", "LabelMe JSON"
BLOT = Bitmap(x=638, y=6, width=4, height=2, runs=[1, 7])


def test_an_xml_file_is_written_as_the_layout_says() -> None:
    car = labeled("o1", keyframe(0, 1, 2, 3.126, 4, occluded=True), type="car-1", attributes={"doors-1": 4.0})

    files = archive(XML, dataset([medium("m1", "dir/a.jpg")], [car]))

    assert {name: content.decode() for name, content in files.items()} == {
        "default/dir/a.xml": "<annotation>\n<filename>a.jpg</filename>\n<folder>dir</folder>\n"
        "<source><sourceImage></sourceImage><sourceAnnotation></sourceAnnotation></source>\n"
        "<imagesize><nrows>480</nrows><ncols>640</ncols></imagesize>\n"
        "<object>\n<name>Vehicle</name>\n<deleted>0</deleted>\n<verified>0</verified>\n<occluded>yes</occluded>\n"
        "<date></date>\n<id>0</id>\n<parts><hasparts></hasparts><ispartof></ispartof></parts>\n"
        "<type>bounding_box</type>\n<polygon>\n<pt><x>1.00</x><y>2.00</y></pt>\n<pt><x>3.13</x><y>2.00</y></pt>\n"
        "<pt><x>3.13</x><y>4.00</y></pt>\n<pt><x>1.00</x><y>4.00</y></pt>\n<username></username>\n</polygon>\n"
        "<attributes>Doors=4, type=Car</attributes>\n</object>\n</annotation>\n"
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('a=b, "c" \\', 'a\\=b\\, \\"c\\" \\\\'),
        ("12", '"12"'),
        ("-1e3", '"-1e3"'),
        ("True", '"True"'),
        ("", '""'),
        (" x ", '" x "'),
        ("plain", "plain"),
        (True, "true"),
        (1.5, "1.5"),
        (2.0, "2"),
    ],
)
def test_attributes_keep_their_kind(value: Any, text: str) -> None:
    assert attribute_list([("a=b", value), ("x", 1.0)]) == f"a\\=b={text}, x=1"


@pytest.mark.validators
def test_datumaro_reads_the_xml(tmp_path: Path) -> None:
    objects = [
        labeled("o1", keyframe(0, 1, 2, 30, 40), group="g", attributes={"x": "1", "a=b": 'say "no", \\o', "y": True}),
        labeled("o2", keyframe(0, 0, 0, 10, 20, 90), group="g"),
        shape_object("o3", PARTS, media_id="m2"),
        shape_object("o4", HOLED, media_id="m3"),
        shape_object("o5", BLOT, media_id="m3", frame=1, category="Pedestrian"),
        shape_object("o6", Polyline(points=[(0, 0), (1, 1)])),
    ]
    made = dataset([medium("m1", "a.jpg"), medium("m2", "b.jpg"), medium("m3", "c.mp4", 2)], objects)

    read = validated("labelme", unpacked(archive(XML, made), tmp_path))

    assert sorted(read) == ["c/frame_000000", "c/frame_000001", "default/a", "default/b"]
    turned, box = read["default/a"]
    assert (box["type"], box["at"], box["group"]) == ("bbox", [1, 2, 30, 40], 1)
    assert box["attributes"] == {"x": "1", "a=b": 'say "no", \\o', "y": True, "occluded": False, "username": ""}
    assert (turned["type"], turned["at"], turned["group"]) == ("polygon", [15, 5, 15, 15, -5, 15, -5, 5], 1)
    assert [(each["type"], each["group"]) for each in read["default/b"]] == [("polygon", 1), ("polygon", 1)]
    first, second = read["c/frame_000000"], read["c/frame_000001"]
    assert [(each["type"], each["pixels"]) for each in first] == [("mask", 1600)]
    assert sorted((each["label"], each["pixels"]) for each in second) == [("Pedestrian", 3), ("Vehicle", 1600)]
    assert {each["attributes"]["track_id"] for each in first + second} == {3, 4}
    words = labelme_format.XML.capabilities.changed
    assert dropped(made) == {
        words[Feature.GROUPS]: 2,
        words[Feature.ROTATION]: 1,
        words[Feature.PARTS]: 1,
        words[Feature.HOLES]: 1,
        "lost_polyline": 1,
    }


def test_masks_are_yellow_inside_the_object_and_stored_apart_from_images() -> None:
    media = [medium("m1", "a.jpg"), medium("m2", "masks/a_mask_0.png", content_type="image/png")]
    made = dataset(media, [shape_object("o1", BLOT)], images=every_frame)

    files = archive(XML, made)

    paths = ("Masks/a_mask_0.png", "a.xml", "_masks/a_mask_0.xml", "a.jpg", "_masks/a_mask_0.png")
    assert list(files) == [f"default/{path}" for path in paths]
    painted = cv2.imdecode(np.frombuffer(files["default/Masks/a_mask_0.png"], np.uint8), cv2.IMREAD_UNCHANGED)
    assert painted is not None
    assert painted.shape == (480, 640, 4)
    assert [(x, y) for y, x in np.argwhere(painted.any(axis=2)).tolist()] == [(639, 6), (638, 7), (639, 7)]
    assert painted[7, 638].tolist() == [0, 203, 255, 153]
    (box,) = ElementTree.fromstring(files["default/a.xml"]).iter("box")
    assert [side.text for side in box] == ["638", "6", "640", "8"]
    assert dropped(made) == {REPLACED: 1}


def files_of(made: Dataset) -> dict[str, Any]:
    return {name: json.loads(content) for name, content in archive(JSON, made).items()}


def test_a_json_file_equals_that_of_labelme() -> None:
    car = labeled("o1", keyframe(0, 1, 2, 3.126, 4, occluded=True), type="car-1", attributes={"doors-1": 4.0})
    made = dataset([medium("m1", "dir/a b.jpg")], [car, shape_object("o2", ImageTag(), category="Pedestrian")])

    assert files_of(made) == {
        "dir/a b.json": {
            "version": labelme_json.VERSION,
            "flags": {"Pedestrian": True},
            "shapes": [
                {
                    "label": "Vehicle",
                    "points": [[1, 2], [3.13, 4]],
                    "group_id": None,
                    "description": "",
                    "shape_type": "rectangle",
                    "flags": {},
                    "mask": None,
                    "attributes": {"Doors": 4.0, "type": "Car", "occluded": True},
                }
            ],
            "imagePath": "a b.jpg",
            "imageData": None,
            "imageHeight": 480,
            "imageWidth": 640,
        }
    }
    assert dropped(made) == {}


@pytest.mark.parametrize(
    ("shape", "kind", "points"),
    [
        (Polygon(parts=[Part(outer=RING)]), "polygon", RING),
        (Polyline(points=[(0, 0), (1.5, 2)]), "linestrip", [(0, 0), (1.5, 2)]),
        (Line(x1=0, y1=1, x2=2, y2=3), "line", [(0, 1), (2, 3)]),
        (Points(points=[(4, 5)]), "point", [(4, 5)]),
        (Points(points=[(4, 5), (6, 7)]), "points", [(4, 5), (6, 7)]),
        (Circle(cx=10, cy=20, r=3), "circle", [(10, 20), (13, 20)]),
        (BLOT, "mask", [(638, 6), (639, 7)]),
        (HOLED, "mask", [(10, 10), (59, 49)]),
    ],
)
def test_every_kind_has_its_shape_type(shape: Any, kind: str, points: list[Any]) -> None:
    (item,) = files_of(dataset([medium("m1", "a.jpg")], [shape_object("o1", shape)]))["a.json"]["shapes"]

    assert item["shape_type"] == kind
    assert [tuple(point) for point in item["points"]] == points
    assert (item["mask"] is None) == (kind != "mask")
    if shape is BLOT:
        mask = cv2.imdecode(np.frombuffer(b64decode(item["mask"]), np.uint8), cv2.IMREAD_UNCHANGED)
        assert mask is not None
        assert mask.tolist() == [[0, 1], [1, 1]]


def test_shapes_of_an_object_have_one_group_id() -> None:
    objects = [
        labeled("o1", keyframe(0)),
        shape_object("o2", PARTS, media_id="m2"),
        shape_object("o3", Ellipse(cx=50, cy=50, rx=20, ry=10, rotation=45), media_id="m2"),
        shape_object("o4", Bitmap(x=0, y=0, width=0, height=0, runs=[]), media_id="m2"),
    ]
    made = dataset([medium("m1", "a.mp4", 2), medium("m2", "b.jpg")], objects)

    files = files_of(made)

    groups = {name: [shape["group_id"] for shape in file["shapes"]] for name, file in files.items()}
    assert groups["a/frame_000000.json"] == groups["a/frame_000001.json"] == [1]
    assert sorted(groups["b.json"], key=str) in ([2, 2, None], [3, 3, None], [4, 4, None])
    words = labelme_format.JSON.capabilities.changed
    assert dropped(made) == {words["ellipse"]: 1, words[Feature.PARTS]: 1, words[Feature.ROTATION]: 1, NOTHING: 1}


def test_labels_of_files_hold_on_their_frames_and_lose_attributes() -> None:
    spans = [Keyframe(frame=1, geometry=ImageTag()), Keyframe(frame=2, geometry=ImageTag(), outside=True)]
    made = dataset([medium(frames=3)], [labeled("o1", *spans, annotation_type="label", attributes={"x": 1.0})])

    assert [file["flags"] for file in files_of(made).values()] == [{}, {"Vehicle": True}, {}]
    assert dropped(made) == {labelme_json.TAG_ATTRIBUTES: 1}


@pytest.mark.parametrize("name", [XML, JSON])
def test_any_text_survives(name: str) -> None:
    hostile = "a/..\\\"'<&>%s\n 夜"
    car = labeled("o1", keyframe(0), category=hostile, attributes={"x": hostile})
    made = dataset([medium("m1", "../é %d.jpg")], [car])

    (content,) = archive(name, made).values()

    if name == JSON:
        (shape,) = json.loads(content)["shapes"]
        assert (shape["label"], shape["attributes"]) == (hostile, {"x": hostile})
    else:
        result = ElementTree.fromstring(content)
        assert result.findtext("filename") == "é %d.jpg"
        assert result.findtext("object/name") == hostile
        assert result.findtext("object/attributes") == attribute_list([("x", hostile)])
    assert dropped(made) == {}
