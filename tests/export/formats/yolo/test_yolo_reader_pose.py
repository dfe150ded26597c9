"""Ultralytics YOLO Pose: skeletons, and boxes with keypoints, keep their keypoint names."""

import pytest
from hypothesis import given

from common.contract.labels import Keyframe, ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Box, Keypoint, Skeleton
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from tests.export.formats.yolo.yolo_rows import Row, rows, same
from tests.export.made import labeled, medium, shape_object
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

NAME = "Ultralytics YOLO Pose 1.0"
SMALL = {"width": 64, "height": 48}
MEDIA = [medium("m1", "a.mp4", FRAMES, **SMALL), medium("m2", "b.mp4", FRAMES), medium("i1", "c.jpg")]
YAML = b"names: [car]\nkpt_shape: [2, 3]\n"
POSE = "0 0.5 0.5 0.25 0.5 0.25 0.25 2 0.5 0.5 1"
BOX = Box(x1=240, y1=120, x2=400, y2=360)
POINTS = [
    Keypoint(name="nose", x=100.25, y=90.5),
    Keypoint(name='left "hand", 夜', x=40.01, y=300, visible=False),
]


@given(projects(reach=500, most=4))
def test_an_imported_archive_is_exported_with_the_same_rows(states: list[ObjectState]) -> None:
    round_trip = returned(NAME, MEDIA, states)

    assert not round_trip.skipped
    assert same(keypoint_rows(round_trip.before), keypoint_rows(round_trip.after))


def keypoint_rows(files: dict[str, bytes]) -> list[Row]:
    """The rows without unused keypoints; boxes with all keypoints outside the image are imported as boxes without
    keypoints, which this format does not export."""
    result = []
    for path, name, values in rows(files):
        points = [values[at : at + 3] for at in range(4, len(values), 3)]
        known = sorted(point for point in points if point[2])
        if known:
            result.append((path, name, values[:4] + [number for point in known for number in point]))
    return result


def test_skeletons_keep_their_keypoint_names() -> None:
    (imported,) = returned(NAME, MEDIA, [shape_object("o1", Skeleton(keypoints=POINTS), media_id="i1")]).objects

    geometry = imported.keyframes[0].geometry
    assert isinstance(geometry, Skeleton)
    assert {point.name: point for point in geometry.keypoints} == {point.name: point for point in POINTS}


def test_a_box_keeps_its_size_beside_its_points() -> None:
    box = Keyframe(frame=0, geometry=BOX, keypoints=POINTS)

    (imported,) = returned(NAME, MEDIA, [labeled("o1", box, media_id="i1")]).objects

    assert imported.keyframes[0].geometry == BOX
    assert {point.name for point in imported.keyframes[0].keypoints} == {point.name for point in POINTS}


def single(yaml: bytes, *lines: str) -> list[object]:
    files = {"data.yaml": yaml, "labels/train/c.txt": "\n".join(lines).encode()}
    return list(read(NAME, opened(packed(files)), targets(MEDIA)))


@pytest.mark.parametrize(
    ("yaml", "row", "names"),
    [
        (YAML, POSE, ["0", "1"]),
        (YAML + b"kpt_names:\n  0:\n    - nose\n    - 'left eye'\n", POSE, ["nose", "left eye"]),
        (YAML + b"kpt_names: [[nose]]\n", POSE, ["nose", "1"]),
        (YAML.replace(b"3", b"2"), "0 0.5 0.5 0.25 0.5 0.25 0.25 0.5 0.5", ["0", "1"]),
        (YAML.replace(b"3", b"2"), "0 0.5 0.5 0.25 0.5 0 0 0.5 0.5", ["1"]),
        (YAML, f"{POSE} 0.5", ["0", "1"]),
    ],
)
def test_archives_of_other_programs_are_detected_and_imported(yaml: bytes, row: str, names: list[str]) -> None:
    bundle = opened(packed({"data.yaml": yaml, "labels/train/c.txt": row.encode()}))

    assert detect_format(bundle, None, READERS)[0] == NAME
    (imported,) = objects(read(NAME, bundle, targets(MEDIA)))
    key = imported.keyframes[0]
    assert key.geometry == BOX
    assert [point.name for point in key.keypoints] == names
    assert (key.keypoints[-1].x, key.keypoints[-1].y) == (320, 240)


@pytest.mark.parametrize(
    ("yaml", "row", "code"),
    [
        (YAML, "0 0.5 0.5 0.25 0.5", "values_too_few"),
        (YAML, POSE.replace("0.25 0.25", "nan 3"), "coordinate_not_relative"),
        (YAML.replace(b"3", b"7"), POSE, "keypoint_shape_invalid"),
        (YAML.replace(b"2", b"-2"), POSE, "keypoint_shape_invalid"),
        (YAML.replace(b"[2, 3]", b"17"), POSE, "keypoint_shape_missing"),
    ],
)
def test_a_malformed_row_is_reported(yaml: bytes, row: str, code: str) -> None:
    (skipped,) = single(yaml, row)

    assert isinstance(skipped, SkippedRow)
    assert skipped.reason.code == code
