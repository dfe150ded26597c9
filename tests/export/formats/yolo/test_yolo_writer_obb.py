"""Ultralytics YOLO Oriented Bounding Boxes, also read back by supervision."""

import json
from itertools import pairwise
from math import dist, hypot
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.geometry.boxes import corners as exact_corners
from common.geometry.types import Box
from export.dataset.rows import CUT, NOTHING
from export.formats.yolo.writer_obb import corners
from tests.export.jpegs import jpegs
from tests.export.made import archive, dataset, dropped, keyframe, labeled, medium
from tests.export.ultralytics_reader import Read
from tests.export.validation import unpacked, validated

NAME = "Ultralytics YOLO Oriented Bounding Boxes 1.0"
SQUARE = {"width": 100, "height": 100}


def test_corners_go_clockwise_from_the_one_that_was_top_left() -> None:
    plain, turned = labeled("o1", keyframe(0, 10, 20, 30, 60)), labeled("o2", keyframe(0, 40, 40, 60, 50, 90))

    made = dataset([medium("m1", "a.jpg", **SQUARE)], [plain, turned])

    assert archive(NAME, made)["labels/train/a.txt"] == (
        b"0 0.100000 0.200000 0.300000 0.200000 0.300000 0.600000 0.100000 0.600000\n"
        b"0 0.550000 0.350000 0.550000 0.550000 0.450000 0.550000 0.450000 0.350000\n"
    )
    assert dropped(made) == {}


@given(
    st.lists(st.tuples(*[st.floats(-1e4, 1e4)] * 4, st.floats(-720, 720)), min_size=1, max_size=5),
)
def test_corners_are_those_of_the_product(boxes: list[tuple[float, ...]]) -> None:
    axis_aligned_boxes = [(min(a, c), min(b, d), max(a, c), max(b, d), turned) for a, b, c, d, turned in boxes]

    exact = [exact_corners(Box(x1=a, y1=b, x2=c, y2=d, rotation=turned)) for a, b, c, d, turned in axis_aligned_boxes]

    assert corners(np.array(boxes)) == pytest.approx(np.array(exact), abs=1e-6)


def test_a_box_beyond_the_image_is_clipped_but_keeps_its_rotation() -> None:
    beyond = labeled("o1", keyframe(0, 60, 40, 140, 60, 30))
    gone = labeled("o2", keyframe(0, 200, 40, 240, 60, 30))
    flat = labeled("o3", keyframe(0, 20, 40, 20, 60))

    made = dataset([medium("m1", "a.jpg", **SQUARE)], [beyond, gone, flat])
    (row,) = Read(archive(NAME, made), oriented=True).images()["a.jpg"]

    points = [(100 * x, 100 * y) for x, y in zip(row[1::2], row[2::2], strict=True)]
    sides = [dist(each, other) for each, other in pairwise([*points, points[0]])]
    assert sides[0] == pytest.approx(sides[2], abs=1e-3)
    assert sides[0] < 80
    (x1, y1), (x2, y2) = points[:2]
    assert ((x2 - x1) / hypot(x2 - x1, y2 - y1), (y2 - y1) / sides[0]) == pytest.approx((3**0.5 / 2, 0.5), abs=1e-4)
    assert dropped(made) == {CUT: 1, NOTHING: 2}


@pytest.mark.validators
def test_supervision_reads_the_corners(tmp_path: Path) -> None:
    plain, turned = labeled("o1", keyframe(0, 10, 20, 30, 60)), labeled("o2", keyframe(0, 40, 40, 60, 50, 90))
    media = [medium("m1", "a.jpg", **SQUARE)]
    (tmp_path / "request.json").write_text(json.dumps({"folder": "train", "is_obb": True}))

    result = validated(
        "ultralytics_supervision",
        unpacked(archive(NAME, dataset(media, [plain, turned], images=jpegs)), tmp_path),
    )

    assert [each["corners"] for each in result["images"]["a.jpg"]] == [
        [[10, 20], [30, 20], [30, 60], [10, 60]],
        [[55, 35], [55, 55], [45, 55], [45, 35]],
    ]
