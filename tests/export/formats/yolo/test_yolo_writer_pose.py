"""Ultralytics YOLO Pose, also read back by supervision."""

import json
from pathlib import Path

import pytest
from hypothesis import given

from common.contract.labels import Keyframe, ObjectState
from common.contract.missions import Category, Mission, SkeletonTemplate
from common.geometry.types import Box, Keypoint, Skeleton
from export.dataset.rows import CUT, NOTHING
from export.formats.yolo.writer_pose import BEYOND, NO_KEYPOINTS
from tests.export import strategies
from tests.export.jpegs import jpegs
from tests.export.made import archive, dataset, dropped, keyframe, labeled, medium, shape_object
from tests.export.ultralytics_reader import Read
from tests.export.validation import unpacked, validated

NAME = "Ultralytics YOLO Pose 1.0"
SQUARE = {"width": 100, "height": 100}
LIVING = Mission(
    id="living",
    name="Living",
    categories=[
        Category(name="stone", color="#000000"),
        Category(name="fish", color="#0000ff", joints=SkeletonTemplate(names=["mouth"])),
        Category(name="person", color="#ff0000", joints=SkeletonTemplate(names=["nose", "left hand", "right hand"])),
    ],
)
POINTS = [Keypoint(name="right hand", x=40, y=60, visible=False), Keypoint(name="nose", x=20, y=10)]


def thing(object_id: str, *keyframes: Keyframe, category: str = "person", kind: str = "skeleton") -> ObjectState:
    return labeled(object_id, *keyframes, mission="living", category=category, annotation_type=kind)


def skeleton(object_id: str, *points: Keypoint, category: str = "person") -> ObjectState:
    shape = Skeleton(keypoints=list(points))
    return shape_object(object_id, shape, mission="living", category=category)


def test_rows_have_a_box_and_the_points_in_the_order_of_the_class() -> None:
    made = dataset([medium("m1", "a.jpg", **SQUARE)], [skeleton("o1", *POINTS)], [LIVING])
    files = archive(NAME, made)

    assert files["data.yaml"].decode() == (
        "# Ultralytics YOLO Pose 1.0\nkpt_shape: [3, 3]\nkpt_names:\n"
        '  0: ["mouth", "1", "2"]\n  1: ["nose", "left hand", "right hand"]\n'
        'names:\n  0: "fish"\n  1: "person"\npath: .\ntrain: train.txt\n'
    )
    assert files["labels/train/a.txt"] == (
        b"1 0.300000 0.350000 0.200000 0.500000 0.200000 0.100000 2 0.000000 0.000000 0 0.400000 0.600000 1\n"
    )
    assert dropped(made) == {}


def test_classes_of_fewer_points_have_as_many_values() -> None:
    fish = skeleton("o1", Keypoint(name="mouth", x=50, y=50), category="fish")

    made = dataset([medium("m1", "a.jpg", **SQUARE)], [fish], [LIVING])

    assert Read(archive(NAME, made)).images()["a.jpg"] == [[0, 0.5, 0.5, 0, 0, 0.5, 0.5, 2, 0, 0, 0, 0, 0, 0]]


def test_a_box_with_keypoints_keeps_its_size() -> None:
    box = Keyframe(frame=0, geometry=Box(x1=0, y1=0, x2=50, y2=80), keypoints=POINTS)

    made = dataset([medium("m1", "a.jpg", **SQUARE)], [thing("o1", box, kind="bbox")], [LIVING])
    (row,) = Read(archive(NAME, made)).images()["a.jpg"]

    assert row[:5] == [1, 0.25, 0.4, 0.5, 0.8]
    assert row[5:8] == [0.2, 0.1, 2]
    assert dropped(made) == {}


def test_boxes_without_points_are_counted() -> None:
    made = dataset([medium("m1", "a.jpg", **SQUARE)], [thing("o1", keyframe(0), kind="bbox")], [LIVING])

    assert "labels/train/a.txt" not in archive(NAME, made)
    assert dropped(made) == {NO_KEYPOINTS: 1}


def test_undeclared_keypoints_come_last_by_name() -> None:
    ghost = [Keypoint(name=name, x=at, y=at) for at, name in ((10, "z"), (20, "nose"), (30, "a"))]

    made = dataset(
        [medium("m1", "a.jpg", **SQUARE)],
        [skeleton("o1", *ghost), skeleton("o2", ghost[0], category="ghost")],
        [LIVING],
    )
    read = Read(archive(NAME, made))

    assert read.names == {0: "fish", 1: "person", 2: "ghost"}
    assert read.config["kpt_names"][1] == ["nose", "left hand", "right hand", "a", "z"]
    rows = {row[0]: row[5:] for row in read.images()["a.jpg"]}
    assert rows[1] == [0.2, 0.2, 2, 0, 0, 0, 0, 0, 0, 0.3, 0.3, 2, 0.1, 0.1, 2]
    assert rows[2] == [0.1, 0.1, 2] + [0] * 12
    assert dropped(made) == {}


def test_keypoints_outside_the_image_are_unlabeled() -> None:
    half = skeleton("o1", Keypoint(name="nose", x=-50, y=10), Keypoint(name="left hand", x=50, y=60))
    gone = skeleton("o2", Keypoint(name="nose", x=-50, y=10))

    made = dataset([medium("m1", "a.jpg", **SQUARE)], [half, gone], [LIVING])

    assert Read(archive(NAME, made)).images()["a.jpg"] == [
        [1, 0.25, 0.35, 0.5, 0.5, 0, 0, 0, 0.5, 0.6, 2, 0, 0, 0],
    ]
    assert dropped(made) == {BEYOND: 2, CUT: 1, NOTHING: 1}


@pytest.mark.validators
def test_supervision_reads_the_boxes_of_poses(tmp_path: Path) -> None:
    media = [medium("m1", "a.jpg", **SQUARE)]
    (tmp_path / "request.json").write_text(json.dumps({"folder": "train"}))

    result = validated(
        "ultralytics_supervision",
        unpacked(archive(NAME, dataset(media, [skeleton("o1", *POINTS)], [LIVING], images=jpegs)), tmp_path),
    )

    assert result["classes"] == ["fish", "person"]
    assert [(each["class"], each["box"]) for each in result["images"]["a.jpg"]] == [("person", [20, 10, 40, 60])]


@pytest.mark.parametrize("missions", [[], [LIVING]])
def test_an_archive_without_labels_is_complete(missions: list[Mission]) -> None:
    read = Read(archive(NAME, dataset([medium("m1", "a.jpg")], missions=missions)))

    assert read.config["kpt_shape"] == [3 if missions else 0, 3]
    assert read.images() == {"a.jpg": []}


@given(strategies.projects(reach=150, most=4))
def test_every_row_is_one_that_trainers_read(written: list[ObjectState]) -> None:
    media = [medium("m1", "a.mp4", 3, **SQUARE), medium("m2", "b.mp4", 3, **SQUARE), medium("i1", "c.jpg", **SQUARE)]

    made = dataset(media, written)
    read = Read(archive(NAME, made))

    assert len(read.images()) == 7
    left_out = {each.annotation_type for each in written} - {"skeleton", "bbox"}
    assert {f"lost_{kind}" for kind in left_out} <= set(dropped(made))
