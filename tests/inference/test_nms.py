from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.geometry.iou import iou_matrix
from inference.domain.detections import Detections, no_detections
from inference.domain.nms import nms


@pytest.mark.parametrize(
    ("one", "other", "iou"),
    [
        ([0, 0, 10, 10], [0, 0, 10, 10], 1.0),
        ([0, 0, 10, 10], [5, 0, 15, 10], 1 / 3),
        ([0, 0, 10, 10], [10, 0, 20, 10], 0.0),
        ([0, 0, 10, 10], [2, 2, 4, 4], 0.04),
        ([0, 0, 0, 10], [0, 0, 0, 10], 0.0),
        ([10, 10, 0, 0], [0, 0, 10, 10], 0.0),
    ],
)
def test_overlap_of_two_boxes(one: list[float], other: list[float], iou: float) -> None:
    assert iou_matrix(np.array([one], np.float32), np.array([other], np.float32))[0, 0] == pytest.approx(iou)


def test_no_boxes_overlap_nothing() -> None:
    assert iou_matrix(no_detections().boxes_xyxy, np.ones((3, 4), np.float32)).shape == (0, 3)


def test_the_better_of_two_duplicates_stays() -> None:
    found = _found([[0, 0, 10, 10], [1, 0, 11, 10], [50, 0, 60, 10]], [0.5, 0.9, 0.4], [1, 1, 1])
    kept = nms(found, max_iou=0.6, most=100)
    assert kept.scores.tolist() == pytest.approx([0.9, 0.4])


def test_boxes_of_two_labels_do_not_suppress_each_other() -> None:
    found = _found([[0, 0, 10, 10], [0, 0, 10, 10]], [0.5, 0.9], [1, 2])
    assert nms(found, max_iou=0.6, most=100).labels.tolist() == [2, 1]


def test_a_box_is_suppressed_only_by_a_kept_box() -> None:
    chain = _found([[0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10]], [0.9, 0.8, 0.7], [0, 0, 0])
    assert nms(chain, max_iou=0.5, most=100).scores.tolist() == pytest.approx([0.9, 0.7])


def test_only_the_best_are_kept() -> None:
    found = _found([[20 * i, 0, 20 * i + 10, 10] for i in range(5)], [0.1, 0.5, 0.3, 0.4, 0.2], [0] * 5)
    assert nms(found, max_iou=0.5, most=2).scores.tolist() == pytest.approx([0.5, 0.4])


side = st.floats(0, 100, width=32)


@given(st.lists(st.tuples(side, side, side, side, st.floats(0, 1, width=32), st.integers(0, 2)), max_size=30))
def test_kept_boxes_do_not_overlap_and_every_suppressed_one_overlaps_a_kept_one(rows: list[tuple[float, ...]]) -> None:
    found = _found([row[:4] for row in rows], [row[4] for row in rows], [int(row[5]) for row in rows])

    kept = nms(found, max_iou=0.5, most=100)

    same = kept.labels[:, None] == kept.labels[None, :]
    assert not ((iou_matrix(kept.boxes_xyxy, kept.boxes_xyxy) > 0.5) & same & ~np.eye(len(kept), dtype=bool)).any()
    explained = (iou_matrix(found.boxes_xyxy, kept.boxes_xyxy) > 0.5) & (found.labels[:, None] == kept.labels)
    survived = (found.boxes_xyxy[:, None] == kept.boxes_xyxy[None]).all(axis=2).any(axis=1)
    assert (explained.any(axis=1) | survived).all()


def _found(boxes: Sequence[Sequence[float]], scores: list[float], labels: list[int]) -> Detections:
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32), np.array(labels, np.int64)
    )
