"""Ultralytics YOLO Oriented Bounding Boxes: rotated boxes survive export and import, with corners in any order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.boxes import corners
from common.geometry.masks import bitmap_iou, rasterize
from common.geometry.types import Box
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from tests.export.formats.yolo.yolo_rows import rows, same
from tests.export.made import keyframe, labeled, medium
from tests.export.parsing.made_archives import objects, opened, packed, read, targets
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

NAME = "Ultralytics YOLO Oriented Bounding Boxes 1.0"
SMALL = {"width": 64, "height": 48}
MEDIA = [medium("m1", "a.mp4", FRAMES, **SMALL), medium("m2", "b.mp4", FRAMES), medium("i1", "c.jpg")]
YAML = b"names: [car]\n"
CORNERS = "0 0.25 0.25 0.5 0.25 0.5 0.5 0.25 0.5"
UPRIGHT = Box(x1=160, y1=120, x2=320, y2=240)


@given(projects(reach=500, most=4))
def test_an_imported_archive_is_exported_with_the_same_rows(states: list[ObjectState]) -> None:
    round_trip = returned(NAME, MEDIA, states)

    assert not round_trip.skipped
    assert same(rows(round_trip.before), rows(round_trip.after), turned=True)


@pytest.mark.parametrize("rotation", [0.0, 30.0, 45.55, 90.0, -17.25, 179.99, 135.0])
def test_rotated_boxes_survive_a_round_trip(rotation: float) -> None:
    box = (200.25, 150.5, 300.01, 190.99)

    (imported,) = returned(NAME, MEDIA, [labeled("o1", keyframe(0, *box, rotation), media_id="i1")]).objects

    x1, y1, x2, y2 = box
    assert imported.keyframes[0].geometry == Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation)


def test_a_full_turn_is_none() -> None:
    (imported,) = returned(NAME, MEDIA, [labeled("o1", keyframe(0, 10, 10, 40, 30, 365.0), media_id="i1")]).objects

    assert imported.keyframes[0].geometry == Box(x1=10, y1=10, x2=40, y2=30, rotation=5)


def single(*lines: str) -> list[object]:
    files = {"data.yaml": YAML, "labels/train/c.txt": "\n".join(lines).encode()}
    return list(read(NAME, opened(packed(files)), targets(MEDIA)))


@given(st.floats(-180, 180), st.integers(0, 3), st.booleans())
def test_any_order_of_corners_is_the_same_area(turned: float, first: int, is_mirrored: bool) -> None:
    box = Box(x1=200, y1=180, x2=330, y2=240, rotation=turned)
    points = corners(box)
    points = points[first:] + points[:first]
    points = points[::-1] if is_mirrored else points
    row = " ".join(f"{x / 640:.6f} {y / 480:.6f}" for x, y in points)

    (imported,) = objects(single(f"0 {row}"))  # type: ignore[arg-type]

    geometry = imported.keyframes[0].geometry
    assert isinstance(geometry, Box)
    assert bitmap_iou(rasterize(geometry), rasterize(box)) > 0.97


def test_corners_that_are_no_rectangle_become_their_minimum_area_box() -> None:
    (imported,) = objects(single("0 0.25 0.25 0.5 0.25 0.5 0.5 0.3 0.5"))  # type: ignore[arg-type]

    assert imported.keyframes[0].geometry == UPRIGHT


def test_scores_come_after_corners_and_other_archives_are_detected() -> None:
    bundle = opened(packed({"data.yaml": YAML, "labels/train/c.txt": f"{CORNERS} 0.75\n{CORNERS}\n".encode()}))

    assert detect_format(bundle, None, READERS)[0] == NAME
    first, second = objects(read(NAME, bundle, targets(MEDIA)))
    assert (first.keyframes[0].geometry, first.keyframes[0].score) == (UPRIGHT, 0.75)
    assert second.keyframes[0].score is None


@pytest.mark.parametrize(
    ("row", "code"),
    [("0 0.5 0.5 0.25 0.5", "values_too_few"), (CORNERS.replace("0.25", "inf"), "coordinate_not_relative")],
)
def test_a_malformed_row_is_skipped_with_a_reason(row: str, code: str) -> None:
    skipped, entries = single(row, CORNERS)

    assert isinstance(skipped, SkippedRow)
    assert skipped.reason.code == code
    assert entries not in (None, skipped)
