"""COCO Keypoints, also read back by pycocotools and Datumaro."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.contract.labels import Keyframe
from common.contract.missions import Category, Mission, SkeletonTemplate
from common.geometry.types import Box, Keypoint, Part, Polygon, Skeleton
from export.dataset.dataset import Dataset
from export.formats.coco.format import COCO_KEYPOINTS
from export.formats.coco.writer_keypoints import NO_KEYPOINTS
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

FILE = "annotations/person_keypoints_default.json"
PEOPLE = Mission(
    id="people",
    name="People",
    annotation_types=["skeleton"],
    categories=[
        Category(
            name="person",
            color="#ff0000",
            joints=SkeletonTemplate(
                names=["nose", "left hand", "right hand"], edges=[("nose", "right hand"), ("nose", "left hand")]
            ),
        ),
        Category(name="car", color="#00ff00"),
    ],
)


def person(*points: tuple[str, float, float, bool]) -> Skeleton:
    return Skeleton(keypoints=[Keypoint(name=name, x=x, y=y, visible=seen) for name, x, y, seen in points])


HIDDEN_HAND = person(("right hand", 30.123, 60, False), ("nose", 10, 20, True))


def document(made: Dataset) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(archive("COCO Keypoints 1.0", made)[FILE])
    return result


def test_keypoints_are_in_class_order_and_unlabeled_ones_are_zero() -> None:
    walker = shape_object("o1", HIDDEN_HAND, mission="people", category="person", score=0.5)

    result = document(dataset([medium("m1", "a.jpg")], [walker], [PEOPLE]))

    assert result["categories"] == [
        {
            "id": 1,
            "name": "person",
            "supercategory": "",
            "keypoints": ["nose", "left hand", "right hand"],
            "skeleton": [[1, 3], [1, 2]],
        },
        {"id": 2, "name": "car", "supercategory": "", "keypoints": [], "skeleton": []},
    ]
    assert result["annotations"] == [
        {
            "id": 1,
            "image_id": 1,
            "category_id": 1,
            "segmentation": [],
            "area": 804.8,
            "bbox": [10.0, 20.0, 20.12, 40.0],
            "iscrowd": 0,
            "keypoints": [10.0, 20.0, 2, 0.0, 0.0, 0, 30.12, 60.0, 1],
            "num_keypoints": 2,
            "attributes": {"occluded": False},
            "score": 0.5,
        }
    ]


def test_names_that_only_objects_use_follow_those_of_the_mission_on_every_annotation() -> None:
    plain = shape_object("o1", person(("nose", 1, 1, True)), mission="people", category="person")
    tailed = shape_object("o2", person(("tail", 5, 5, True)), media_id="m2", mission="people", category="person")
    other = shape_object("o3", person(("b", 5, 5, True), ("a", 5, 5, True)), media_id="m2", category="dog \n“夜”/x")

    result = document(dataset([medium("m1", "a.jpg"), medium("m2", "b.jpg")], [plain, tailed, other], [PEOPLE]))

    by_name = {category["name"]: category for category in result["categories"]}
    assert by_name["person"]["keypoints"] == ["nose", "left hand", "right hand", "tail"]
    assert by_name["dog \n“夜”/x"]["keypoints"] == ["a", "b"]
    exported = [
        (annotation["category_id"], annotation["image_id"], len(annotation["keypoints"]))
        for annotation in result["annotations"]
    ]
    assert sorted(exported) == [(1, 1, 12), (1, 2, 12), (3, 2, 6)]
    assert {annotation["num_keypoints"] for annotation in result["annotations"]} == {1, 2}


def test_boxes_and_polygons_keep_themselves_beside_their_points_and_others_are_counted() -> None:
    points = [Keypoint(name="nose", x=11, y=12)]
    ring: list[Any] = [(0, 0), (10, 0), (10, 10)]
    boxed = labeled("o1", keyframe(0, 10, 10, 20, 30, 15, keypoints=points), mission="people", category="person")
    outlined = labeled(
        "o2",
        Keyframe(frame=0, geometry=Polygon(parts=[Part(outer=ring)]), keypoints=points),
        annotation_type="polygon",
        mission="people",
        category="person",
    )
    made = dataset([medium(frames=2)], [boxed, outlined, labeled("o3")], [PEOPLE])

    result = document(made)["annotations"]

    assert [entry["bbox"] for entry in result[:2]] == [[10, 10, 10, 20], [0, 0, 10, 10]]
    assert result[0]["attributes"] == {"occluded": False, "rotation": 15, "track_id": 0, "keyframe": True}
    assert result[1]["segmentation"] == [[0, 0, 10, 0, 10, 10]]
    assert len(result) == 4
    assert dropped(made) == {NO_KEYPOINTS: 2}
    assert NO_KEYPOINTS in COCO_KEYPOINTS.losses


def test_without_labels_every_frame_and_class_is_listed() -> None:
    made = dataset([medium(frames=3), medium("m2", "b.jpg")], [], [PEOPLE], images=every_frame)

    files = archive("COCO Keypoints 1.0", made)
    result = json.loads(files[FILE])

    assert {f"images/default/{image['file_name']}" for image in result["images"]} == set(files) - {FILE}
    assert len(result["images"]) == 4
    assert result["annotations"] == []
    assert len(result["categories"]) == 2


def test_losses_are_reported_once_although_labels_are_read_twice() -> None:
    made = dataset([medium(frames=1)], [shape_object("o1", Box(x1=0, y1=0, x2=1, y2=1), done=True)])

    document(made)

    assert dropped(made) == {NO_KEYPOINTS: 1, "lost_done": 1}


@pytest.mark.validators
def test_pycocotools_and_datumaro_read_points_names_and_lines(tmp_path: Path) -> None:
    full = person(("nose", 50, 20, True), ("left hand", 30, 60, False), ("right hand", 70, 80, True))
    moved = person(("nose", 54, 24, True), ("left hand", 34, 64, False), ("right hand", 74, 84, True))
    frames = [Keyframe(frame=0, geometry=full), Keyframe(frame=2, geometry=moved)]
    walker = labeled("o1", *frames, annotation_type="skeleton", mission="people", category="person")
    partial = shape_object("o2", HIDDEN_HAND, media_id="m2", mission="people", category="person")
    made = dataset([medium(frames=3), medium("m2", "b c.jpg")], [walker, partial], [PEOPLE])

    result = validated("coco_keypoints", unpacked(archive("COCO Keypoints 1.0", made), tmp_path))

    assert result["pycocotools"]["precision"] == 1
    assert result["pycocotools"]["images"] == 4
    assert [annotation["num_keypoints"] for annotation in result["pycocotools"]["annotations"]] == [3, 3, 3, 2]
    assert result["datumaro"]["joints"]["0"] == [["nose", "left hand", "right hand"], [[1, 2], [1, 3]]]
    assert [
        [name, pytest.approx(points, abs=0.001), seen] for name, points, seen in sorted(result["datumaro"]["points"])
    ] == [
        ["a/frame_000000", [50, 20, 30, 60, 70, 80], [2, 1, 2]],
        ["a/frame_000001", [52, 22, 32, 62, 72, 82], [2, 1, 2]],
        ["a/frame_000002", [54, 24, 34, 64, 74, 84], [2, 1, 2]],
        ["b c", [10, 20, 0, 0, 30.12, 60], [2, 0, 1]],
    ]


def test_each_subset_has_a_file_with_its_exported_frames() -> None:
    objects = [
        shape_object("o1", HIDDEN_HAND, mission="people", category="person"),
        shape_object("o2", HIDDEN_HAND, media_id="m2", mission="people", category="person"),
    ]
    made = dataset([medium(frames=5), medium("m2", "b.jpg")], objects, [PEOPLE], images=every_frame)
    video, image = made.media
    made.media = [replace(video, subset="train", picked=[1, 4]), replace(image, subset="val")]

    files = archive("COCO Keypoints 1.0", made)
    train, val = (json.loads(files[f"annotations/person_keypoints_{name}.json"]) for name in ("train", "val"))

    names = {image["id"]: image["file_name"] for image in train["images"]}
    assert [names[annotation["image_id"]] for annotation in train["annotations"]] == [
        "a/frame_000001.jpg",
        "a/frame_000004.jpg",
    ]
    assert len(names) == 2
    assert [image["file_name"] for image in val["images"]] == ["b.jpg"]
    assert len(val["annotations"]) == 1
    assert {"images/train/a/frame_000004.jpg", "images/val/b.jpg"} <= set(files)
