import numpy as np
import pytest

from inference.domain.nanodet import Level, UnexpectedOutput, decode_nanodet


def test_a_cell_becomes_a_box_around_its_centre() -> None:
    scores, distances = _silent(cells=16, labels=3)
    scores[6, 2] = 0.8  # row 1, column 2 of 4 x 4 cells: centre (20, 12)
    distances[6] = _certain(left=1, top=0, right=2, bottom=3)

    found = decode_nanodet([Level(8, scores, distances)], (32, 32), threshold=0.4)

    assert found.boxes_xyxy.tolist() == [pytest.approx([12, 12, 36, 36], abs=0.01)]
    assert (found.scores.tolist(), found.labels.tolist()) == ([pytest.approx(0.8)], [2])


def test_a_distance_is_the_expectation_over_its_bins() -> None:
    scores, distances = _silent(cells=1, labels=1)
    scores[0, 0] = 1
    distances[0] = 0  # every bin as likely: 5 strides to each side

    found = decode_nanodet([Level(16, scores, distances)], (16, 16), threshold=0.4)

    assert found.boxes_xyxy.tolist() == [pytest.approx([8 - 80, 8 - 80, 8 + 80, 8 + 80])]


def test_levels_are_joined_and_low_scores_left_out() -> None:
    levels = []
    for stride, cells in ((8, 8), (16, 2)):
        scores, distances = _silent(cells, labels=2)
        scores[0, 1], scores[1, 0] = 0.5, 0.39
        levels.append(Level(stride, scores, distances))

    assert len(decode_nanodet(levels, (32, 16), threshold=0.4)) == 2


def test_one_cell_may_show_two_labels() -> None:
    scores, distances = _silent(cells=1, labels=2)
    scores[0] = 0.9
    assert decode_nanodet([Level(32, scores, distances)], (32, 32), 0.4).labels.tolist() == [0, 1]


def test_an_empty_image_has_no_detections() -> None:
    scores, distances = _silent(cells=1, labels=2)
    assert decode_nanodet([Level(32, scores, distances)], (32, 32), 0.4).boxes_xyxy.shape == (0, 4)


@pytest.mark.parametrize(("cells", "width"), [(15, 44), (16, 43)])
def test_an_output_of_another_shape_is_refused(cells: int, width: int) -> None:
    level = Level(8, np.zeros((cells, 3), np.float32), np.zeros((cells, width), np.float32))
    with pytest.raises(UnexpectedOutput, match="stride 8 an input of 32 x 32 has 16 cells"):
        decode_nanodet([level], (32, 32), 0.4)


def _silent(cells: int, labels: int) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((cells, labels), np.float32), np.zeros((cells, 44), np.float32)


def _certain(**sides: int) -> np.ndarray:
    logits = np.full((4, 11), -50, np.float32)
    for row, name in enumerate(("left", "top", "right", "bottom")):
        logits[row, sides[name]] = 50
    return logits.ravel()
