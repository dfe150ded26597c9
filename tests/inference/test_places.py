import numpy as np
import pytest

from inference.domain.cxcywh import boxes_of, limited, overlaps, places_of, prior, within


def test_evenly_from_one_place_to_the_other_and_the_size_by_the_same_share() -> None:
    places = prior(np.array([10, 20, 10, 40.0]), np.array([50, 20, 40, 10.0]), 3)
    assert places == pytest.approx(np.array([[10, 20, 10, 40], [30, 20, 20, 20], [50, 20, 40, 10.0]]))


def test_a_box_without_area_has_a_prior_all_the_same() -> None:
    assert np.isfinite(prior(np.array([5, 5, 0, 0.0]), np.array([9, 9, 10, 10.0]), 5)).all()


@pytest.mark.parametrize(
    ("place", "expected", "result"),
    [
        ([110, 50, 20, 40], [100, 50, 20, 40], [110, 50, 20, 40]),
        ([200, 50, 20, 40], [100, 50, 20, 40], [120, 50, 20, 40]),
        ([100, -90, 20, 40], [100, 50, 20, 40], [100, 30, 20, 40]),
        ([100, 50, 40, 20], [100, 50, 20, 40], [100, 50, 22, 40 / 1.1]),
        ([100, 50, 22, 44], [100, 50, 10, 20], [100, 50, 16, 32]),
    ],
)
def test_neither_leaps_nor_bursts(place: list, expected: list, result: list) -> None:
    before = np.array([100, 50, 20, 40.0])
    assert limited(np.array(place, float), before, np.array(expected, float)) == pytest.approx(result)


def test_boxes_and_places_are_the_same_thing() -> None:
    boxes = np.array([[0, 0, 10, 20], [5, 6, 7, 8.0]])
    assert boxes_of(places_of(boxes)) == pytest.approx(boxes)


@pytest.mark.parametrize(
    ("box", "cut"),
    [
        ([-5, 10, 20, 300], [0, 10, 20, 90]),
        ([-50, -50, -20, -20], [0, 0, 1, 1]),
        ([500, 20, 600, 40], [159, 20, 160, 40]),
        ([-1e300, 0, 1e300, 90], [0, 0, 160, 90]),
    ],
)
def test_a_box_is_cut_at_the_picture_s_edges(box: list, cut: list) -> None:
    assert within(np.array(box, float), (160, 90)).tolist() == cut


def test_overlap_of_places() -> None:
    one, two = np.array([[5, 5, 10, 10], [5, 5, 10, 10.0]]), np.array([[10, 5, 10, 10], [50, 5, 10, 10.0]])
    assert overlaps(one, two) == pytest.approx([1 / 3, 0])
