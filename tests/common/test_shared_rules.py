"""Shared rules: colours of classes, IoU, angles, box corners, CSV."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.palette import PALETTE, color_of
from common.geometry.angles import short_arc
from common.geometry.boxes import corners, corners_of_boxes
from common.geometry.iou import box_areas, iou_matrix, iou_pairs
from common.geometry.types import Box
from common.service.csv import csv_bytes, csv_chunks, guard_formula, unguard_formula

# ---- colours ----


def test_a_name_always_has_the_same_colour() -> None:
    assert color_of("Car") == color_of("Car")
    assert color_of("Car") in PALETTE


def test_classes_get_different_colours_while_available() -> None:
    colors: list[str] = []
    for number in range(len(PALETTE) + 1):
        colors.append(color_of(f"class {number}", colors))

    assert len(set(colors[:-1])) == len(PALETTE)
    assert colors[-1] == color_of("class 18")


# ---- IoU ----

BOXES = np.array([[0, 0, 10, 10], [5, 5, 15, 15], [20, 20, 30, 30], [3, 3, 3, 3], [9, 9, 1, 1]], float)


def test_iou_matrix_covers_all_pairs() -> None:
    found = iou_matrix(BOXES, BOXES)

    assert np.diag(found).tolist() == [1, 1, 1, 0, 0]
    assert found[0, 1] == pytest.approx(25 / 175)
    assert found[0, 2] == 0
    assert np.array_equal(found, found.T)


def test_iou_in_pairs_is_the_diagonal() -> None:
    others = BOXES[::-1].copy()

    assert np.array_equal(iou_pairs(BOXES, others), np.diag(iou_matrix(BOXES, others)))


def test_iou_keeps_the_precision_of_its_boxes() -> None:
    assert iou_matrix(BOXES.astype(np.float32), BOXES.astype(np.float32)).dtype == np.float32


def test_infinite_boxes_overlap_nothing() -> None:
    everything = np.array([[0, 0, np.inf, np.inf]])

    assert iou_matrix(everything, everything).tolist() == [[0.0]]


def test_box_areas_are_products_of_sides() -> None:
    assert box_areas(BOXES).tolist() == [100, 100, 100, 0, 0]


# ---- angles ----


@pytest.mark.parametrize(
    ("turn", "expected"), [(0, 0), (180, 180), (-180, 180), (181, -179), (350, -10), (-350, 10), (720, 0)]
)
def test_short_arc_is_at_most_half_a_turn(turn: float, expected: float) -> None:
    assert short_arc(float(turn)) == expected
    assert short_arc(np.array([turn], float)).tolist() == [expected]


# ---- corners ----

ANGLES = st.floats(-720, 720)
NUMBERS = st.floats(-1e4, 1e4)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, ANGLES)
def test_corners_of_one_box_and_of_many_agree(x1: float, y1: float, x2: float, y2: float, rotation: float) -> None:
    box = Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation)

    many = corners_of_boxes(np.array([[x1, y1, x2, y2, rotation]] * 3))

    assert many.shape == (3, 4, 2)
    assert np.allclose(many[1], corners(box), atol=1e-6)


def test_a_box_rotated_by_90_degrees_has_its_first_corner_top_right() -> None:
    assert corners(Box(x1=0, y1=0, x2=4, y2=2, rotation=90))[0] == pytest.approx((3, -1))


# ---- CSV ----


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM", "\t=1", "\rx", "\nx"])
def test_formulas_are_guarded(text: str) -> None:
    assert guard_formula(text) == f"\t{text}"


@given(st.text())
def test_guarding_round_trips(text: str) -> None:
    assert unguard_formula(guard_formula(text)) == text


def test_other_texts_are_unchanged() -> None:
    assert guard_formula("1-2") == "1-2"
    assert guard_formula("") == ""


def test_chunks_form_the_file() -> None:
    rows = [(number, f"a,{number}", None, 0.5) for number in range(3000)]

    chunks = list(csv_chunks(rows))

    assert len(chunks) == 3
    assert b"".join(chunks) == csv_bytes(rows)
    assert len(list(csv.reader(io.StringIO(csv_bytes(rows).decode())))) == 3000
