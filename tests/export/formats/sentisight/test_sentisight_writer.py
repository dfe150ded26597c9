"""SentiSight JSON and CSV."""

import csv
import io
import json
from typing import Any

import pytest

from common.contract.labels import Keyframe
from common.contract.missions import Category, Mission
from common.geometry import types
from export.dataset.dataset import Dataset
from export.formats.sentisight import format as sentisight_format
from export.formats.sentisight.writer_json import LABEL_PROPERTIES, POINT_SETS
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object

JSON, CSV = "SentiSight JSON", "SentiSight CSV"
MEDIA = [medium("m1", "a.mp4", 2), medium("m2", "b c.jpg")]
TAGS = [
    shape_object("t1", types.ImageTag(), frame=1),
    shape_object("t2", types.ImageTag(), media_id="m2"),
    shape_object("t3", types.ImageTag(), media_id="m2", category="Pedestrian", preferred_at=1.0),
]


def items(made: Dataset) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = json.loads(archive(JSON, made)["labels.json"])
    return result


def test_every_frame_is_an_item_and_the_default_label_comes_first() -> None:
    read = items(dataset(MEDIA, TAGS))

    assert [(item["name"], item["classificationLabels"], item["defaultLabel"]) for item in read] == [
        ("a/frame_000000.jpg", [], None),
        ("a/frame_000001.jpg", ["Vehicle"], "Vehicle"),
        ("b c.jpg", ["Pedestrian", "Vehicle"], "Pedestrian"),
    ]


def test_rows_are_image_names_and_labels() -> None:
    made = dataset(MEDIA, [*TAGS, labeled("o1")])

    files = archive(CSV, made)

    assert files == {
        "labels.csv": b"a/frame_000000.jpg\r\na/frame_000001.jpg,Vehicle\r\nb c.jpg,Pedestrian,Vehicle\r\n"
    }
    assert dropped(made) == {"lost_bbox": 1}
    assert set(dropped(made)) <= set(sentisight_format.CSV.losses)


def test_a_box_has_all_its_properties() -> None:
    box = keyframe(
        0,
        1,
        2.004,
        30,
        40,
        occluded=True,
        keypoints=[types.Keypoint(name="nose", x=9, y=8), types.Keypoint(name="tail", x=1, y=1, visible=False)],
        rpy=types.Angles(pitch=10),
    )

    (item,) = items(dataset([medium("m1", "x.jpg")], [labeled("o1", box, type="car-1", attributes={"doors-1": 2.0})]))

    assert item["boundingBoxes"] == [
        {
            "label": "Vehicle",
            "x0": 1,
            "y0": 2,
            "x1": 30,
            "y1": 40,
            "attributes": {"Doors": 2, "type": "Car", "occluded": True},
            "keypoints": [{"name": "nose", "x": 9, "y": 8}, {"name": "tail", "x": 1, "y": 1, "visible": False}],
            "rpy": [0, 10, 0],
        }
    ]


RING: list[Any] = [(10, 10), (60, 10), (60, 50)]
HOLE: list[Any] = [(20, 12), (40, 12), (40, 20)]


@pytest.mark.parametrize(
    ("shape", "kind", "expected"),
    [
        (types.Box(x1=1, y1=2, x2=3, y2=4), "boundingBoxes", [{"x0": 1, "y0": 2, "x1": 3, "y1": 4}]),
        (
            types.Polygon(parts=[types.Part(outer=RING, holes=[HOLE]), types.Part(outer=HOLE)]),
            "polygons",
            [{"parts": [{"points": RING, "holes": [HOLE]}, {"points": HOLE, "holes": []}]}],
        ),
        (
            types.Bitmap(x=3, y=4, width=2, height=1, runs=[0, 2]),
            "polygons",
            [{"parts": [{"points": [(3, 4), (5, 4), (5, 5), (3, 5)], "holes": []}]}],
        ),
        (types.Polyline(points=[(0, 0), (5, 5)]), "polylines", [{"points": [(0, 0), (5, 5)]}]),
        (types.Line(x1=0, y1=0, x2=5, y2=5), "polylines", [{"points": [(0, 0), (5, 5)]}]),
        (types.Points(points=[(3, 4), (5, 6)]), "points", [{"x": 3, "y": 4}, {"x": 5, "y": 6}]),
        (
            types.Rpy(x=5, y=6, angles=types.Angles(yaw=90)),
            "rpyObjects",
            [{"x": 5, "y": 6, "roll": 0, "pitch": 0, "yaw": 90}],
        ),
    ],
)
def test_each_kind_of_shape_has_a_list(shape: Any, kind: str, expected: Any) -> None:
    (item,) = items(dataset([medium("m1", "x.jpg")], [shape_object("o", shape)]))

    assert item[kind] == json.loads(json.dumps([{"label": "Vehicle", **each} for each in expected]))
    assert not any(item[other] for other in item if other not in (kind, "name", "defaultLabel"))


def test_unsupported_content_is_reported_as_lost() -> None:
    spoken = Keyframe(frame=0, geometry=types.ImageTag(), attributes={"truncated-1": "No"})
    objects = [
        labeled("t1", spoken, annotation_type="label"),
        shape_object("o1", types.Points(points=[(1, 1), (2, 2)])),
        shape_object("o2", types.Circle(cx=5, cy=5, r=2)),
        shape_object("o3", types.Skeleton(keypoints=[types.Keypoint(name="nose", x=1, y=1)])),
    ]

    made = dataset([medium("m1", "x.jpg")], objects)
    items(made)

    assert dropped(made) == {
        LABEL_PROPERTIES: 1,
        POINT_SETS: 1,
        sentisight_format.JSON.capabilities.changed["circle"]: 1,
        "lost_skeleton": 1,
    }
    assert set(dropped(made)) <= set(sentisight_format.JSON.losses)


def test_hostile_labels_survive() -> None:
    names = ["=1+1", 'a "quoted", one', "two\nlines", "../up", "夜 🌙"]
    mission = Mission(id="h", name="H", categories=[Category(name=name, color="#000000") for name in names])
    tags = [shape_object(f"t{at}", types.ImageTag(), mission="h", category=name) for at, name in enumerate(names)]

    (item,) = items(dataset([medium("m1", "x.jpg")], tags, [mission]))
    text = archive(CSV, dataset([medium("m1", "x.jpg")], tags, [mission]))["labels.csv"].decode()
    (row,) = csv.reader(io.StringIO(text, newline=""), strict=True)

    assert sorted(item["classificationLabels"]) == sorted(names)
    assert sorted(row) == sorted(["x.jpg", "\t=1+1", *names[1:]])


@pytest.mark.parametrize(("name", "labels"), [(JSON, "labels.json"), (CSV, "labels.csv")])
def test_images_are_stored_in_their_folder(name: str, labels: str) -> None:
    files = archive(name, dataset(MEDIA, images=every_frame))

    assert list(files) == [labels, "images/a/frame_000000.jpg", "images/a/frame_000001.jpg", "images/b c.jpg"]
