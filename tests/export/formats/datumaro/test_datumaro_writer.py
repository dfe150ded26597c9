"""Datumaro 1.0, read back by the public library."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pycocotools import mask as validator

from common.contract.labels import Keyframe
from common.geometry import types
from export.codecs.rle import compressed
from export.formats.datumaro.format import FORMAT
from tests.export.formats.examples import HOLE, RING, skeleton_mission
from tests.export.made import DETECTION, archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

FILE = "annotations/default.json"
PEOPLE = skeleton_mission("person", "#ff0000", ["a", "b"], [("a", "b")])


def test_a_file_says_every_frame_its_labels_and_then_the_classes() -> None:
    car = labeled("o1", keyframe(0, 1, 2, 11.126, 5, 30), keyframe(1, outside=True), type="car-1", score=0.5, z_order=3)
    made = dataset([medium(frames=2), medium("m2", "sub/b c.jpg")], [car])

    result = json.loads(archive("Datumaro 1.0", made)[FILE])

    size = [480, 640]
    assert result["items"] == [
        {
            "id": "a/frame_000000",
            "annotations": [
                {
                    "id": 1,
                    "type": "bbox",
                    "bbox": [1, 2, 10.13, 3],
                    "label_id": 0,
                    "group": 0,
                    "attributes": {
                        "type": "Car",
                        "occluded": False,
                        "rotation": 30,
                        "track_id": 0,
                        "keyframe": True,
                        "score": 0.5,
                    },
                    "z_order": 3,
                }
            ],
            "attr": {"frame": 0},
            "image": {"path": "a/frame_000000.jpg", "size": size},
        },
        {
            "id": "a/frame_000001",
            "annotations": [],
            "attr": {"frame": 1},
            "image": {"path": "a/frame_000001.jpg", "size": size},
        },
        {
            "id": "sub/b c",
            "annotations": [],
            "attr": {"frame": 0},
            "image": {"path": "sub/b c.jpg", "size": size},
        },
    ]
    assert [label["name"] for label in result["categories"]["label"]["labels"]] == ["Vehicle", "Pedestrian"]


KINDS: list[tuple[Any, str, list[float], str | None]] = [
    (types.Box(x1=1, y1=2, x2=4, y2=8), "bbox", [1, 2, 4, 8], None),
    (types.Polygon(parts=[types.Part(outer=RING)]), "polygon", [10, 10, 60, 10, 60, 50, 10, 50], None),
    (
        types.Polygon(parts=[types.Part(outer=RING, holes=[HOLE])]),
        "mask",
        [1600, 10, 10, 50, 40],
        FORMAT.capabilities.changed["holes"],
    ),
    (types.Bitmap(x=0, y=3, width=3, height=400, runs=[1, 1199]), "mask", [1199, 0, 3, 3, 400], None),
    (types.Polyline(points=[(0, 0), (5.555, 5)]), "polyline", [0, 0, 5.55, 5], None),
    (types.Line(x1=1, y1=2, x2=3, y2=4), "polyline", [1, 2, 3, 4], FORMAT.capabilities.changed["line"]),
    (types.Points(points=[(3, 4)]), "points", [3, 4], None),
    (types.Circle(cx=50, cy=60, r=10), "ellipse", [40, 50, 60, 70], FORMAT.capabilities.changed["circle"]),
    (types.Ellipse(cx=50, cy=60, rx=10, ry=5, rotation=45), "ellipse", [40, 55, 60, 65], None),
    (types.ImageTag(), "label", [], None),
]


@pytest.mark.validators
def test_the_library_reads_every_kind(tmp_path: Path) -> None:
    media = [medium(f"m{number}", f"{number}.jpg") for number in range(len(KINDS))]
    objects = [
        shape_object(f"o{number}", shape, media_id=f"m{number}", category="夜 “x”/\n")
        for number, (shape, _, _, _) in enumerate(KINDS)
    ]
    made = dataset(media, objects)

    result = validated("datumaro_json", unpacked(archive("Datumaro 1.0", made), tmp_path))

    for number, (_, kind, numbers, _) in enumerate(KINDS):
        (item,) = result["items"][str(number)]["annotations"]
        assert (item["type"], item["label"]) == (kind, "夜 “x”/\n")
        assert item["numbers"] == pytest.approx(numbers, abs=0.011)
    assert dropped(made) == {changed: 1 for _, _, _, changed in KINDS if changed}


@pytest.mark.validators
def test_the_library_reads_tracks_groups_skeletons_and_labels_of_spans(tmp_path: Path) -> None:
    two = types.Polygon(parts=[types.Part(outer=RING), types.Part(outer=[(x + 100, y) for x, y in RING])])
    known = types.Skeleton(keypoints=[types.Keypoint(name="b", x=3, y=4, visible=False)])
    label = labeled(
        "o4", Keyframe(frame=1, geometry=types.ImageTag()), annotation_type="label", attributes={"truncated-1": "No"}
    )
    objects = [
        labeled("o1", keyframe(0), group="g-1"),
        shape_object("o2", two),
        shape_object("o3", known, mission="people", category="person", group="g-1"),
        label,
    ]
    made = dataset([medium(frames=2)], objects, [DETECTION, PEOPLE], images=None)

    result = validated("datumaro_json", unpacked(archive("Datumaro 1.0", made), tmp_path))

    first, second = (result["items"][f"a/frame_00000{number}"]["annotations"] for number in (0, 1))
    assert result["points"] == {"person": [["a", "b"], [[1, 2]]]}
    assert sorted((each["type"], each["group"]) for each in first) == [
        ("bbox", 1),
        ("points", 1),
        ("polygon", 2),
        ("polygon", 2),
    ]
    assert [each["visibility"] for each in first if each["type"] == "points"] == [[0, 1]]
    assert {each["attributes"]["track_id"] for each in first} == {0, 1, 2}
    assert [each["attributes"] for each in second if each["type"] == "label"] == [{"Truncated": "No"}]
    assert len(first) == 4
    assert len(second) == 5


@pytest.mark.validators
def test_each_subset_has_a_file_and_frames_without_labels_are_listed(tmp_path: Path) -> None:
    made = dataset([medium(frames=5), medium("m2", "a.jpg"), medium("m3", "a.jpeg")], [], images=every_frame)
    image, other, video = sorted(made.media, key=lambda each: each.path)
    made.media = [replace(each, subset="val") for each in (image, other)] + [
        replace(video, subset="train", picked=[1, 4])
    ]

    files = archive("Datumaro 1.0", made)

    assert {name for name in files if name.startswith("annotations")} == {
        "annotations/train.json",
        "annotations/val.json",
    }
    assert [item["id"] for item in json.loads(files["annotations/val.json"])["items"]] == ["a", "a (2)"]
    result = validated("datumaro_json", unpacked({name: files[name] for name in files if "val" not in name}, tmp_path))
    assert {name: item["frame"] for name, item in result["items"].items()} == {"a/frame_000001": 1, "a/frame_000004": 4}


@pytest.mark.parametrize("runs", [[], [0, 5, 3], [100000, 1, 2, 3, 70000, 2, 5, 900], [0, 307200]])
def test_packed_runs_are_those_of_the_reference(runs: list[int]) -> None:
    rest = 640 * 480 - sum(runs)
    full = [*runs, rest] if rest else runs

    assert compressed(full) == validator.frPyObjects({"counts": full, "size": [480, 640]}, 480, 640)["counts"].decode()
