"""CVAT's XML, validated by a schema and, as far as it supports the content, by Datumaro."""

from pathlib import Path

import pytest
from defusedxml import ElementTree
from hypothesis import HealthCheck, given, settings

from common.contract.labels import ObjectState
from common.geometry.masks import rasterize
from common.geometry.types import Bitmap, ImageTag, Polyline
from tests.export.formats.examples import HOLED, PARTS, skeleton_mission
from tests.export.made import DETECTION, archive, dataset, every_frame, keyframe, labeled, medium, shape_object
from tests.export.strategies import FRAMES, projects
from tests.export.validation import unpacked, validated

IMAGES, VIDEO = "CVAT for images 1.1", "CVAT for video 1.1"
PEOPLE = skeleton_mission("Person", "#0000ff", ["nose", "tail"], [("nose", "tail")])


@pytest.mark.validators
def test_several_media_are_the_tasks_of_a_project(tmp_path: Path) -> None:
    media = [medium("m1", "b.mp4", 3), medium("m2", "a.mp4", 2), medium("m3", "c.mp4", 2)]
    made = dataset(media, [labeled("o1", media_id="m1"), labeled("o2", media_id="m2")], images=every_frame)

    files = archive(VIDEO, made)
    result = ElementTree.fromstring(files["annotations.xml"])

    assert [(task.findtext("id"), task.findtext("name"), task.findtext("size")) for task in result.iter("task")] == [
        ("1", "a.mp4", "2"),
        ("2", "b.mp4", "3"),
        ("3", "c.mp4", "2"),
    ]
    assert [(track.get("task_id"), len(track)) for track in result.findall("track")] == [("2", 3), ("1", 2)]
    assert files["images/a/frame_000001.jpg"] == b"m2 1"
    assert validated("cvat_schema", unpacked(files, tmp_path)) == []


@pytest.mark.validators
def test_datumaro_reads_the_tracks_of_a_video(tmp_path: Path) -> None:
    objects = [
        labeled("o1", keyframe(0, 0, 0, 10, 10), keyframe(2, 4, 0, 14, 10, 90), keyframe(3, outside=True), z_order=1),
        shape_object("o2", Polyline(points=[(0, 0), (5, 5)]), type="car-1", attributes={"doors-1": 4.0}),
    ]
    files = archive(VIDEO, dataset([medium(frames=4)], objects))

    read = validated("cvat_datumaro", unpacked(files, tmp_path))

    assert read["labels"] == ["Vehicle", "Pedestrian"]
    by_item = {item: sorted(each, key=lambda each: each["type"]) for item, each in read["items"].items()}
    assert sorted(by_item) == [f"frame_{number:06d}" for number in range(4)]
    line, turned = by_item["frame_000002"]
    assert line["at"] == [0, 0, 5, 5]
    assert line["attributes"] | {"track_id": 0} == {
        "Doors": 4.0,
        "type": "Car",
        "occluded": False,
        "outside": False,
        "keyframe": False,
        "track_id": 0,
    }
    assert turned["at"] == [9, 5, 10, 10, 90]
    assert turned["attributes"]["keyframe"] is True
    (gone,) = [each for each in by_item["frame_000003"] if each["type"] == "bbox"]
    assert gone["attributes"]["outside"] is True


@pytest.mark.validators
def test_datumaro_reads_images_with_masks_and_tags(tmp_path: Path) -> None:
    blot = Bitmap(x=5, y=6, width=3, height=2, runs=[1, 4, 1])
    objects = [
        labeled("o1", keyframe(0, 1, 2, 3, 4), group="g", z_order=3),
        shape_object("o2", blot),
        shape_object("o3", PARTS, media_id="m2"),
        shape_object("o4", ImageTag(), media_id="m2"),
        shape_object("o5", HOLED),
    ]
    media = [medium("m1", "dir/a.jpg"), medium("m2", "b.jpg"), medium("m3", "c.mp4", 2)]
    files = archive(IMAGES, dataset(media, objects, images=every_frame))

    read = validated("cvat_datumaro", unpacked(files, tmp_path))["items"]

    assert sorted(read) == ["b", "c/frame_000000", "c/frame_000001", "dir/a"]
    box, *masks = sorted(read["dir/a"], key=lambda each: each["type"])
    assert (box["at"], box["z_order"], box["group"]) == ([1, 2, 3, 4], 3, 1)
    expected = [(6, 6), (7, 6), (5, 7), (6, 7)]
    assert sorted(map(tuple, min(masks, key=lambda each: len(each["pixels"]))["pixels"])) == sorted(expected)
    assert max(len(mask["pixels"]) for mask in masks) == sum(rasterize(HOLED).runs[1::2])
    assert [(each["type"], each["label"]) for each in read["b"]] == [
        ("polygon", "Vehicle"),
        ("polygon", "Vehicle"),
        ("label", "Vehicle"),
    ]


@pytest.mark.validators
@pytest.mark.parametrize("name", [IMAGES, VIDEO])
@given(written=projects(most=30))
@settings(max_examples=4, suppress_health_check=list(HealthCheck), deadline=None)
def test_whatever_is_written_keeps_to_the_schema(name: str, written: list[ObjectState], tmp_path: Path) -> None:
    media = [medium("m1", "a.mp4", FRAMES), medium("m2", "b.mp4", FRAMES, width=64, height=48), medium("i1", "c.jpg")]

    files = archive(name, dataset(media, written, [DETECTION, PEOPLE]))

    assert validated("cvat_schema", unpacked(files, tmp_path)) == []


@pytest.mark.validators
@pytest.mark.parametrize("name", [IMAGES, VIDEO])
def test_a_project_without_media_is_a_document_too(name: str, tmp_path: Path) -> None:
    files = archive(name, dataset([]))

    assert validated("cvat_schema", unpacked(files, tmp_path)) == []
