"""Open Images V6 1.0, validated by Datumaro."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from common.contract.labels import ObjectState
from common.contract.missions import Category, Mission
from common.geometry.masks import decode_bitmap, rasterize
from common.geometry.types import Bitmap, Circle, Ellipse, ImageTag, Part, Polygon
from export.dataset.known_attributes import OTHER_ATTRIBUTES
from export.dataset.rows import AROUND, CUT, NOTHING
from export.formats.open_images import format as open_images_format
from export.formats.open_images.writer import AREA_ATTRIBUTES, NOT_BOOLEAN
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

NAME = "Open Images V6 1.0"
MEDIA = [medium("m1", "a.mp4", 3), medium("m2", "dir/b c.jpg"), medium("m3", "empty.jpg")]
ATTRIBUTES = Mission(id="x", name="X", categories=[Category(id="car-9", name="Car", color="#000000")])
BOX_COLUMNS = (
    "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside"
)
MASK_ROW = "dir_b c_Pedestrian_00000000.png,dir/b c,Pedestrian,00000000,0.015625,0.09375,0.0208333333,0.104166667,,"


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def objects() -> list[ObjectState]:
    ring = [(10.0, 10.0), (60.0, 10.0), (60.0, 50.0), (10.0, 50.0)]
    return [
        labeled("o1", keyframe(0, 0, 0, 64, 48), keyframe(2, 32, 24, 96, 72, score=0.5, occluded=True)),
        shape_object("o2", Polygon(parts=[Part(outer=ring)]), media_id="m2", category="Pedestrian"),
        shape_object("o3", ImageTag(), media_id="m2", score=0.25),
        labeled("o4", keyframe(0, 64, 48, 128, 96), media_id="m2", attributes={"truncated": True, "is_group_of": "no"}),
    ]


def test_each_kind_of_label_has_a_table() -> None:
    made = dataset(MEDIA, objects())

    files = archive(NAME, made)

    tables = ("images-with-rotation", "annotations-human-imagelabels", "annotations-bbox")
    first, *others = [f"annotations/default-{table}.csv" for table in (*tables, "annotations-object-segmentation")]
    shared = [
        f"annotations/{name}" for name in ("class-descriptions.csv", "bbox_labels_600_hierarchy.json", "images.meta")
    ]
    assert list(files) == [first, "masks/default/dir_b c_Pedestrian_00000000.png", *others, *shared]
    assert rows(files["annotations/default-images-with-rotation.csv"])[1][:2] == ["a/frame_000000", "default"]
    assert rows(files["annotations/default-annotations-human-imagelabels.csv"])[1] == ["dir/b c", "", "Vehicle", "0.25"]
    assert rows(files["annotations/default-annotations-bbox.csv"]) == [
        BOX_COLUMNS.split(","),
        ["a/frame_000000", "", "Vehicle", "1", "0", "0.1", "0", "0.1", "0", "-1", "-1", "-1", "-1"],
        ["a/frame_000001", "", "Vehicle", "1", "0.025", "0.125", "0.025", "0.125", "0", "-1", "-1", "-1", "-1"],
        ["a/frame_000002", "", "Vehicle", "0.5", "0.05", "0.15", "0.05", "0.15", "1", "-1", "-1", "-1", "-1"],
        ["dir/b c", "", "Vehicle", "1", "0.1", "0.2", "0.1", "0.2", "0", "1", "0", "-1", "-1"],
    ]
    assert rows(files["annotations/default-annotations-object-segmentation.csv"])[1] == MASK_ROW.split(",")
    assert files["annotations/images.meta"].endswith(b"'dir/b c' 480 640\nempty 480 640\n")
    assert dropped(made) == {
        "lost_tracks": 1,
        open_images_format.FORMAT.capabilities.changed["polygon"]: 1,
    }


@pytest.mark.validators
def test_datumaro_reads_boxes_masks_and_labels(tmp_path: Path) -> None:
    folder = unpacked(archive(NAME, dataset(MEDIA, objects())), tmp_path / "open_images")

    read = validated("named_by_folder", folder)

    assert read["labels"] == ["Vehicle", "Pedestrian"]
    assert list(read["items"]) == [*(f"a/frame_00000{number}" for number in range(3)), "dir/b c", "empty"]
    assert [annotation["box"] for annotation in read["items"]["a/frame_000001"]["annotations"]] == [[16, 12, 64, 48]]
    label, box, mask = read["items"]["dir/b c"]["annotations"]
    assert label == {"type": "label", "label": "Vehicle", "attributes": {"score": 0.25}}
    assert (box["box"], box["label"]) == ([64, 48, 64, 48], "Vehicle")
    assert box["attributes"] == {"score": 1.0, "occluded": False, "truncated": True, "is_group_of": False}
    assert (mask["label"], mask["area"]) == ("Pedestrian", 2000)


@pytest.mark.parametrize(
    "shape",
    [
        Polygon(parts=[Part(outer=[(0, 0), (9, 0), (9, 300)], holes=[[(2, 2), (4, 2), (4, 9)]])]),
        Bitmap(x=630, y=470, width=20, height=20, runs=[0, 400]),
        Circle(cx=100, cy=100, r=50),
        Ellipse(cx=100, cy=400, rx=60, ry=20, rotation=30),
    ],
)
def test_a_mask_has_ones_where_the_shape_is(shape: Polygon | Bitmap | Circle | Ellipse) -> None:
    files = archive(NAME, dataset([medium("m1", "x.jpg")], [shape_object("o", shape, score=0.5)]))

    image = cv2.imdecode(np.frombuffer(files["masks/default/x_Vehicle_00000000.png"], np.uint8), cv2.IMREAD_UNCHANGED)

    assert image is not None
    expected = rasterize(shape, (640, 480))
    whole = np.zeros((480, 640), np.uint8)
    whole[expected.y : expected.y + expected.height, expected.x : expected.x + expected.width] = decode_bitmap(expected)
    assert np.array_equal(image, whole)
    assert rows(files["annotations/default-annotations-object-segmentation.csv"])[1][-2:] == ["0.5", ""]


def test_unsupported_content_is_reported_as_lost() -> None:
    attributes = {"truncated": "half", "color": "red"}
    square = Polygon(parts=[Part(outer=[(0, 0), (5, 0), (5, 5)])])
    far = Bitmap(x=700, y=0, width=2, height=2, runs=[0, 4])
    result = [
        labeled("o1", keyframe(0, -10, 0, 10, 10, 45), attributes=attributes),
        labeled("o2", keyframe(0, 700, 0, 710, 10)),
        shape_object("o3", square, attributes={"truncated": True}),
        shape_object("o4", far),
    ]

    made = dataset([medium("m1", "x.jpg")], result)
    archive(NAME, made)

    assert dropped(made) == {
        OTHER_ATTRIBUTES: 1,
        NOT_BOOLEAN: 1,
        AREA_ATTRIBUTES: 1,
        AROUND: 1,
        CUT: 1,
        NOTHING: 2,
        open_images_format.FORMAT.capabilities.changed["polygon"]: 1,
    }
    assert set(dropped(made)) <= set(open_images_format.FORMAT.losses)


@pytest.mark.validators
def test_hostile_labels_and_names_survive(tmp_path: Path) -> None:
    names = ["../up", 'a "quoted", one', "two\nlines", "=1+1", "夜 🌙", "/m/0"]
    mission = Mission(id="h", name="H", categories=[Category(name=name, color="#000000") for name in names])
    media = [medium("m1", "it's, a # name.jpg")]
    square = Polygon(parts=[Part(outer=[(0, 0), (5, 0), (5, 5)])])
    boxes = [labeled(f"b{at}", mission="h", category=name) for at, name in enumerate(names)]
    areas = [shape_object(f"p{at}", square, mission="h", category=name) for at, name in enumerate(names)]

    folder = unpacked(archive(NAME, dataset(media, boxes + areas, [mission])), tmp_path / "open_images")
    read = validated("named_by_folder", folder)

    assert sorted(read["labels"]) == sorted(names)
    result = read["items"]["it's, a # name"]["annotations"]
    for kind in ("bbox", "mask"):
        assert sorted(entry["label"] for entry in result if entry["type"] == kind) == sorted(names)


@pytest.mark.validators
def test_each_subset_has_its_own_tables_and_images(tmp_path: Path) -> None:
    made = dataset(MEDIA, objects(), images=every_frame)
    made.media = [replace(each, subset="val" if each.kind == "video" else "train") for each in made.media]

    files = archive(NAME, made)
    read = validated("named_by_folder", unpacked(files, tmp_path / "open_images"))

    assert files["images/val/a/frame_000001.jpg"] == b"m1 1"
    assert {name: item["subset"] for name, item in read["items"].items() if item["annotations"]} == {
        "a/frame_000000": "val",
        "a/frame_000001": "val",
        "a/frame_000002": "val",
        "dir/b c": "train",
    }


def test_empty_tables_are_not_written() -> None:
    files = archive(NAME, dataset([medium("m1", "x.jpg")]))

    assert [name for name in files if "annotations-" in name] == []
