"""CVAT task annotations JSON, validated by CVAT's own library."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from common.contract.labels import Keyframe, ObjectState
from common.contract.missions import Attribute, Category, Mission
from common.geometry import types as geometry
from export.dataset.capabilities import Feature
from export.dataset.dataset import Dataset
from export.formats.cvat.format import JSON
from export.formats.cvat.writer_json import HELD, SCORES
from export.formats.cvat.writer_specs import FIXED, LONG
from tests.export.formats.examples import HOLE, RING, skeleton_mission
from tests.export.made import DETECTION, archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.strategies import FRAMES, projects
from tests.export.validation import unpacked, validated

NAME = "CVAT task annotations JSON"
PEOPLE = skeleton_mission("person", "#ff0000", ["a", "b"], [("a", "b")])


def read(made: Dataset, file: str = "annotations/a.mp4.json") -> tuple[dict[str, Any], list[dict[str, Any]]]:
    files = archive(NAME, made)
    return json.loads(files[file]), json.loads(files["labels.json"])


def test_an_object_of_a_video_is_a_track_of_its_keyframes() -> None:
    car = labeled(
        "o1",
        keyframe(2, 0, 0, 10.126, 10, -30, attributes={"truncated-1": "No"}),
        keyframe(5, 8, 0, 18, 10, occluded=True),
        keyframe(7, outside=True),
        type="car-1",
        attributes={"doors-1": 4.0},
        source="model",
        group="g-1",
        z_order=3,
    )

    made = dataset([medium(frames=9)], [car])
    entries, labels = read(made)

    vehicle, _ = labels
    specs = {attribute["name"]: attribute["id"] for attribute in vehicle["attributes"]}
    (track,) = entries["tracks"]
    assert (entries["version"], entries["shapes"], entries["tags"]) == (0, [], [])
    assert {name: track[name] for name in ("frame", "label_id", "group", "source")} == {
        "frame": 2,
        "label_id": vehicle["id"],
        "group": 1,
        "source": "auto",
    }
    assert track["attributes"] == [
        {"spec_id": specs["Doors"], "value": "4"},
        {"spec_id": specs["type"], "value": "Car"},
    ]
    assert track["shapes"][0] == {
        "frame": 2,
        "type": "rectangle",
        "points": [0, 0, 10.13, 10],
        "rotation": 330,
        "occluded": False,
        "z_order": 3,
        "outside": False,
        "attributes": [{"spec_id": specs["Truncated"], "value": "No"}],
    }
    seen = [(shape["frame"], shape["occluded"], shape["outside"]) for shape in track["shapes"]]
    assert seen == [(2, False, False), (5, True, False), (7, False, True)]
    assert set(dropped(made)) == {JSON.capabilities.changed[Feature.GROUPS], JSON.capabilities.changed[Feature.SOURCES]}


def test_labels_are_declared_with_attributes_and_points() -> None:
    kinds = Mission(
        id="kinds",
        name="Kinds",
        categories=[
            Category(
                name="thing",
                color="#0000ff",
                attributes=[
                    Attribute(name="broken", kind="bool", default=True),
                    Attribute(name="size", kind="number", mutable=True),
                    Attribute(name="side", values=["Left", "Right"], default="Right"),
                ],
            )
        ],
    )

    _, labels = read(dataset([medium()], [], [kinds, PEOPLE]))

    thing, person = labels
    assert [
        (attribute["name"], attribute["input_type"], attribute["mutable"]) for attribute in thing["attributes"]
    ] == [
        ("broken", "checkbox", False),
        ("size", "text", True),
        ("side", "select", False),
    ]
    assert [attribute["default_value"] for attribute in thing["attributes"]] == ["true", "", "Right"]
    assert (thing["type"], thing["color"], person["type"]) == ("any", "#0000ff", "skeleton")
    assert [(sublabel["name"], sublabel["type"]) for sublabel in person["sublabels"]] == [
        ("a", "points"),
        ("b", "points"),
    ]
    assert 'data-node-from="1" data-node-to="2"' in person["svg"]


@pytest.mark.validators
def test_images_have_shapes_of_every_kind_that_the_library_takes(tmp_path: Path) -> None:
    shapes: list[tuple[Any, str, list[float]]] = [
        (geometry.Polygon(parts=[geometry.Part(outer=RING)]), "polygon", [10, 10, 60, 10, 60, 50, 10, 50]),
        (geometry.Polygon(parts=[geometry.Part(outer=RING[:3], holes=[HOLE])]), "mask", []),
        (geometry.Bitmap(x=1, y=2, width=3, height=2, runs=[1, 5]), "mask", [1, 5, 1, 2, 3, 3]),
        (geometry.Polyline(points=[(0, 0), (5.555, 5)]), "polyline", [0, 0, 5.55, 5]),
        (geometry.Line(x1=1, y1=2, x2=3, y2=4), "polyline", [1, 2, 3, 4]),
        (geometry.Points(points=[(3, 4)]), "points", [3, 4]),
        (geometry.Circle(cx=50, cy=60, r=10), "ellipse", [50, 60, 60, 50]),
        (geometry.Ellipse(cx=50, cy=60, rx=10, ry=5, rotation=-45), "ellipse", [50, 60, 60, 55]),
        (
            geometry.Cuboid(points=[(0, 0), (4, 0), (4, 4), (0, 4), (2, 2), (6, 2), (6, 6), (2, 6)]),
            "cuboid",
            [0, 0, 0, 4, 4, 0, 4, 4, 6, 2, 6, 6, 2, 2, 2, 6],
        ),
        (geometry.ImageTag(), "tag", []),
    ]
    media = [medium(f"m{number}", f"{number}.jpg") for number in range(len(shapes))]
    objects = [
        shape_object(f"o{number}", shape, media_id=f"m{number}", category="夜 “x”/\n", score=0.5)
        for number, (shape, _, _) in enumerate(shapes)
    ]

    files = archive(NAME, dataset(media, objects))
    result = validated("cvat_sdk_models", unpacked(files, tmp_path))

    for number, (_, kind, points) in enumerate(shapes):
        each, written = result["files"][f"{number}.jpg.json"], json.loads(files[f"annotations/{number}.jpg.json"])
        assert (each["shapes"], each["tags"]) == (([], 1) if kind == "tag" else ([kind], 0))
        assert not points or written["shapes"][0]["points"] == points
        assert all(shape["score"] == 0.5 for shape in written["shapes"])
    assert result["labels"] == ["Vehicle", "Pedestrian", "夜 “x”/\n"]


@pytest.mark.validators
def test_skeletons_have_an_element_for_every_point(tmp_path: Path) -> None:
    known = geometry.Skeleton(keypoints=[geometry.Keypoint(name="b", x=3, y=4, visible=False)])
    complete = geometry.Skeleton(
        keypoints=[geometry.Keypoint(name="b", x=5, y=6), geometry.Keypoint(name="a", x=7, y=8)]
    )
    frames = [Keyframe(frame=0, geometry=known), Keyframe(frame=4, geometry=complete)]
    video = labeled("o1", *frames, annotation_type="skeleton", mission="people", category="person")
    image = shape_object("o2", known, media_id="m2", mission="people", category="person")
    made = dataset([medium(), medium("m2", "b.jpg")], [video, image], [PEOPLE])

    files = archive(NAME, made)

    (label,) = json.loads(files["labels.json"])
    a, b = (sublabel["id"] for sublabel in label["sublabels"])
    (track,) = json.loads(files["annotations/a.mp4.json"])["tracks"]
    elements = {element["label_id"]: element["shapes"] for element in track["elements"]}
    assert [(element["frame"], element["points"], element["outside"]) for element in elements[a]] == [
        (0, [3, 4], True),
        (4, [7, 8], False),
    ]
    assert [(element["occluded"], element["outside"]) for element in elements[b]] == [(True, False), (False, False)]
    (shape,) = json.loads(files["annotations/b.jpg.json"])["shapes"]
    assert [(element["label_id"], element["outside"]) for element in shape["elements"]] == [(a, True), (b, False)]
    assert validated("cvat_sdk_models", unpacked(files, tmp_path))["files"]["a.mp4.json"]["tracks"] == [
        ["skeleton"] * 2
    ]


def test_masks_of_a_video_are_a_group_of_shapes_and_labels_are_tags_on_their_frames() -> None:
    spot = shape_object("o1", geometry.Bitmap(x=1, y=2, width=2, height=1, runs=[0, 2]), frame=1)
    spans = [
        Keyframe(frame=1, geometry=geometry.ImageTag()),
        Keyframe(frame=2, geometry=geometry.ImageTag(), outside=True),
    ]
    label = labeled("o2", *spans, annotation_type="label", attributes={"truncated-1": "No"})

    made = dataset([medium(frames=3)], [spot, label])
    entries, labels = read(made)

    assert [(shape["type"], shape["frame"], shape["group"]) for shape in entries["shapes"]] == [
        ("mask", 1, 1),
        ("mask", 2, 1),
    ]
    assert [tag["frame"] for tag in entries["tags"]] == [1]
    (spec,) = (attribute["id"] for attribute in labels[0]["attributes"] if attribute["name"] == "Truncated")
    assert entries["tags"][0]["attributes"] == [{"spec_id": spec, "value": "No"}]
    assert dropped(made) == {JSON.capabilities.changed["bitmap"]: 1}


def test_where_keyframes_follow_the_end_the_last_frame_has_one() -> None:
    made = dataset([medium(frames=5)], [labeled("o1", keyframe(0, 0, 0, 10, 10), keyframe(8, 8, 0, 18, 10))])

    entries, _ = read(made)

    assert [(shape["frame"], shape["points"]) for shape in entries["tracks"][0]["shapes"]] == [
        (0, [0, 0, 10, 10]),
        (4, [4, 0, 14, 10]),
    ]
    assert dropped(made) == {Feature.AFTER_END.loss: 1}


def test_further_losses_of_the_format_are_counted() -> None:
    pair = geometry.Points(points=[(1, 2), (3, 4)])
    objects = [
        labeled("o1", keyframe(0, score=0.5), attributes={"note": "x" * 5000}),
        labeled("o2", Keyframe(frame=0, geometry=pair), Keyframe(frame=2, geometry=pair), annotation_type="points"),
        labeled("o3", keyframe(0), keyframe(2, attributes={"doors-1": 2.0}), type="car-1"),
    ]

    made = dataset([medium()], objects)
    entries, _ = read(made)

    assert dropped(made) == {SCORES: 1, HELD: 1, FIXED: 1, LONG: 1}
    assert set(dropped(made)) <= set(JSON.losses)
    assert len(entries["tracks"]) == 3


def test_without_labels_every_medium_has_a_file() -> None:
    made = dataset([medium(frames=2), medium("m2", "x/b.jpg")], images=every_frame)

    files = archive(NAME, made)

    images = [f"images/{path}" for path in ("a/frame_000000.jpg", "a/frame_000001.jpg", "x/b.jpg")]
    assert list(files) == ["annotations/a.mp4.json", "annotations/x/b.jpg.json", "labels.json", *images]
    assert json.loads(files["annotations/x/b.jpg.json"]) == {"version": 0, "shapes": [], "tags": [], "tracks": []}


@given(written=projects(reach=500, most=6))
def test_every_attribute_and_label_is_declared(written: list[ObjectState]) -> None:
    media = [medium("m1", "a.mp4", FRAMES), medium("m2", "b.mp4", FRAMES), medium("i1", "c.jpg")]

    files = archive(NAME, dataset(media, written, [DETECTION, PEOPLE]))

    labels = json.loads(files.pop("labels.json"))
    specs = {
        label["id"]: {attribute["id"]: attribute["mutable"] for attribute in label["attributes"]} for label in labels
    }
    for content in files.values():
        result = json.loads(content)
        for each in (*result["shapes"], *result["tags"]):
            assert {value["spec_id"] for value in each["attributes"]} <= specs[each["label_id"]].keys()
        for track in result["tracks"]:
            known = specs[track["label_id"]]
            assert not any(known[value["spec_id"]] for value in track["attributes"])
            assert all(known[value["spec_id"]] for shape in track["shapes"] for value in shape["attributes"])
            assert [shape["frame"] for shape in track["shapes"]] == sorted({each["frame"] for each in track["shapes"]})
