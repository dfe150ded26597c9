import numpy as np
import pytest

from inference.domain.cxcywh import clip_to_image, cxcywh_of, interpolate_cxcywh, iou_of_cxcywh, limit_motion, xyxy_of


def test_the_centre_moves_evenly_and_the_size_grows_by_the_same_share() -> None:
    boxes_cxcywh = interpolate_cxcywh(np.array([10, 20, 10, 40.0]), np.array([50, 20, 40, 10.0]), 3)
    assert boxes_cxcywh == pytest.approx(np.array([[10, 20, 10, 40], [30, 20, 20, 20], [50, 20, 40, 10.0]]))


def test_a_box_without_area_is_interpolated_too() -> None:
    assert np.isfinite(interpolate_cxcywh(np.array([5, 5, 0, 0.0]), np.array([9, 9, 10, 10.0]), 5)).all()


@pytest.mark.parametrize(
    ("box", "expected", "result"),
    [
        ([110, 50, 20, 40], [100, 50, 20, 40], [110, 50, 20, 40]),
        ([200, 50, 20, 40], [100, 50, 20, 40], [120, 50, 20, 40]),
        ([100, -90, 20, 40], [100, 50, 20, 40], [100, 30, 20, 40]),
        ([100, 50, 40, 20], [100, 50, 20, 40], [100, 50, 22, 40 / 1.1]),
        ([100, 50, 22, 44], [100, 50, 10, 20], [100, 50, 16, 32]),
    ],
)
def test_motion_and_growth_are_limited(box: list[float], expected: list[float], result: list[float]) -> None:
    before = np.array([100, 50, 20, 40.0])
    assert limit_motion(np.array(box, float), before, np.array(expected, float)) == pytest.approx(result)


def test_xyxy_and_cxcywh_convert_both_ways() -> None:
    boxes = np.array([[0, 0, 10, 20], [5, 6, 7, 8.0]])
    assert xyxy_of(cxcywh_of(boxes)) == pytest.approx(boxes)


@pytest.mark.parametrize(
    ("box", "cut"),
    [
        ([-5, 10, 20, 300], [0, 10, 20, 90]),
        ([-50, -50, -20, -20], [0, 0, 1, 1]),
        ([500, 20, 600, 40], [159, 20, 160, 40]),
        ([-1e300, 0, 1e300, 90], [0, 0, 160, 90]),
    ],
)
def test_a_box_is_clipped_to_the_image(box: list[float], cut: list[float]) -> None:
    assert clip_to_image(np.array(box, float), (160, 90)).tolist() == cut


def test_iou_of_pairs() -> None:
    one, two = np.array([[5, 5, 10, 10], [5, 5, 10, 10.0]]), np.array([[10, 5, 10, 10], [50, 5, 10, 10.0]])
    assert iou_of_cxcywh(one, two) == pytest.approx([1 / 3, 0])
