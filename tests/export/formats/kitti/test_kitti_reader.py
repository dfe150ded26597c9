"""KITTI 1.0: boxes and masks survive export and import; archives of other programs are imported."""

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap, Box
from tests.export.formats.skipped import assert_skipped
from tests.export.made import dataset, keyframe, labeled, medium, shape_object
from tests.export.parsing import painted
from tests.export.parsing.alike import Row, pixels, regions, row
from tests.export.parsing.made_archives import objects, opened, packed, read, reasons, targets, written
from tests.export.parsing.returned import assert_rows_return
from tests.export.strategies import projects

NAME = "KITTI 1.0"
MEDIA = [*painted.MEDIA[:2], medium("i1", "c.jpg", **painted.SIZE)]
THIRD = "-1 -1 -1 -1 -1 -1 -1"


def rows(files: dict[str, bytes]) -> list[Row]:
    """The content of every frame, by class name."""
    lines = files["label_colors.txt"].decode().split("\n")[:-1]
    names = [line.split(" ", 3)[3] for line in lines]
    colors = {_number(line.split(" ")[:3]): line.split(" ", 3)[3] for line in lines}
    result = []
    for name, content in files.items():
        if name.endswith(".txt") and name != "label_colors.txt":
            result += [row([name, line]) for line in content.decode().split("\n")]
        elif "/instance/" in name:
            result += [row([name, region]) for region in regions(pixels(content), lambda number: names[number >> 8])]
        elif "/semantic/" in name:
            result += [row([name, region]) for region in regions(pixels(content), names.__getitem__)]
        elif "/semantic_rgb/" in name:
            result += [row([name, region]) for region in regions(pixels(content), colors.__getitem__)]
    return result


def _number(channels: list[str]) -> int:
    red, green, blue = map(int, channels)
    return red << 16 | green << 8 | blue


@given(projects(reach=500, most=4))
def test_a_project_survives_export_and_import_frame_by_frame(states: list[ObjectState]) -> None:
    assert_rows_return(NAME, MEDIA, states, rows)


def test_a_box_just_above_the_image_survives_a_round_trip() -> None:
    assert_rows_return(NAME, MEDIA, [labeled("o1", keyframe(0, 0, -0.004, 30, 40))], rows)


def test_boxes_and_areas_survive_a_round_trip() -> None:
    states = [
        labeled(
            "o1", keyframe(0, 1, 2, 30, 40, score=0.5, occluded=True), media_id="i1", attributes={"truncated": 0.25}
        ),
        labeled("o2", keyframe(3, 1, 2, 30, 40), keyframe(4, outside=True), category="a b"),
        shape_object("o3", Bitmap(x=3, y=4, width=3, height=2, runs=[1, 5]), media_id="i1", category="Pedestrian"),
    ]

    imported = objects(read(NAME, written(NAME, dataset(MEDIA, states)), targets(MEDIA)))

    plain, seen, area = sorted(imported, key=lambda each: (each.kind == "bitmap", each.media_id))
    (first,) = plain.keyframes
    assert first.geometry == Box(x1=1, y1=2, x2=30, y2=40)
    assert (first.score, first.occluded, plain.attributes) == (0.5, True, {"truncated": 0.25})
    assert (seen.media_id, seen.category, seen.keyframes[0].score) == ("m1", "a_b", None)
    assert [(key.frame, key.outside) for key in seen.keyframes] == [(3, False), (4, True)]
    assert (area.category, area.keyframes[0].geometry) == ("Pedestrian", states[2].keyframes[0].geometry)


def from_files(**files: bytes | str) -> list[Any]:
    made = {name: content.encode() if isinstance(content, str) else content for name, content in files.items()}
    return read(NAME, opened(packed(made)), targets(MEDIA))


def test_rows_of_the_benchmark_are_read() -> None:
    result = from_files(
        **{
            "training/label_2/c.txt": "Truck 0.30 2 -1.57 1 2 3 4 1.5 1.6 3.7 -2 1 8 -1.5\r\n"
            f"DontCare -1 -1 -10 5 6 7 8 {THIRD[:-3]} -10\r\n"
            f"traffic light 0 3 0 5 6 7 8 {THIRD} 7.5\r\n"
            f"traffic_light 0 0 0 5 6 7 8 {THIRD} 1.0\r\n",
            "label_colors.txt": "0 0 0 background\n9 9 9 traffic light\n",
        }
    )

    reported = [
        (entry.category, entry.attributes, entry.keyframes[0].occluded, entry.keyframes[0].score) for entry in result
    ]
    assert reported == [
        ("Truck", {"truncated": 0.3}, True, None),
        ("DontCare", {}, False, None),
        ("traffic light", {}, False, None),
        ("traffic light", {}, False, None),
    ]


def png(numbers: Any) -> bytes:
    return cv2.imencode(".png", numbers)[1].tobytes()


def test_areas_without_instances_are_those_of_classes() -> None:
    instances, classes = np.zeros((2, 48, 64), np.uint16)
    classes[0, :4], instances[0, :2] = 2, 2 * 256 + 7
    classes[1, :2] = 9
    colors = np.zeros((48, 64, 3), np.uint8)
    colors[5, :3] = 30, 20, 10
    files: dict[str, bytes | str] = {
        "label_colors.txt": "0 0 0 background\n10 20 30 road\n1 1 1 car\n",
        "training/instance/c.png": png(instances),
        "training/semantic/c.png": png(classes),
        "training/semantic_rgb/a/frame_000002.png": png(colors),
    }

    result = from_files(**files)

    assert [(imported.category, imported.media_id, imported.keyframes[0].geometry) for imported in objects(result)] == [
        ("car", "i1", Bitmap(x=2, y=0, width=2, height=1, runs=[0, 2])),
        ("car", "i1", Bitmap(x=0, y=0, width=2, height=1, runs=[0, 2])),
        ("road", "m1", Bitmap(x=0, y=5, width=3, height=1, runs=[0, 3])),
    ]
    (skipped,) = [entry for entry in result if isinstance(entry, SkippedRow)]
    assert skipped.reason.code == "colors_without_class"


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("Car 1 2", "values_too_few"),
        (f"Car 0 0 0 1 2 3 4 {THIRD[3:]}", "values_too_few"),
        (f"Car 0 0 0 1 2 wide 4 {THIRD}", "not_a_number"),
        (f"Car 0 0 0 1 2 nan 4 {THIRD}", "finite_number"),
        ("x" * 300 + f" 0 0 0 1 2 3 4 {THIRD}", "string_too_long"),
        ("\x00\xff", "values_too_few"),
    ],
)
def test_a_malformed_row_is_skipped_with_a_reason(broken: str, code: str) -> None:
    result = from_files(**{"label_2/c.txt": f"{broken}\nCar 0 0 0 1 2 3 4 {THIRD}\n"})

    assert_skipped(result, "label_2/c.txt, line 1", code)
    assert len(objects(result)) == 1


def test_malformed_masks_and_missing_frames_are_reported() -> None:
    row_ = f"Car 0 0 0 1 2 3 4 {THIRD}\n"

    result = from_files(**{"label_2/gone.txt": row_ * 2, "instance/c.png": "x", "semantic/c.png": "y"})

    assert reasons(result) == [
        ("instance/c.png", "mask_not_png", 1),
        ("label_2/gone.txt", "no_such_file", 2),
    ]
