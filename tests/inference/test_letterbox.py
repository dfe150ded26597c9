import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.domain.detections import Detections
from inference.domain.letterbox import letterbox


@pytest.mark.parametrize(
    ("frame", "image", "model_input"),
    [
        ((1920, 1080), (416, 234), (416, 256)),
        ((1080, 1920), (234, 416), (256, 416)),
        ((768, 576), (416, 312), (416, 320)),
        ((416, 416), (416, 416), (416, 416)),
        ((60_000, 1), (416, 1), (416, 32)),
        ((16, 16), (416, 416), (416, 416)),
    ],
)
def test_the_input_has_the_frame_s_aspect(
    frame: tuple[int, int], image: tuple[int, int], model_input: tuple[int, int]
) -> None:
    box = letterbox(frame, long_side=416, multiple=32)
    assert (box.image_wh, box.input_wh) == (image, model_input)


@given(st.integers(8, 8000), st.integers(8, 8000), st.tuples(*[st.floats(0, 1)] * 4))
def test_boxes_are_mapped_back_to_the_frame(width: int, height: int, shares: tuple[float, ...]) -> None:
    frame = np.array([width, height, width, height])
    left, top, right, bottom = np.array(shares) * frame
    true = np.array([min(left, right), min(top, bottom), max(left, right), max(top, bottom)])
    box = letterbox((width, height), 416, 32)
    scale, offset = np.array(box.image_wh * 2) / frame, np.array(box.offset_xy * 2)

    mapped = box.to_frame(_one(true * scale + offset))

    for found in mapped.boxes_xyxy:
        assert found == pytest.approx(true, abs=width * 1e-4 + height * 1e-4)
    assert len(mapped) == int((true[2:] - true[:2] >= 1).all()) or np.abs(true[2:] - true[:2] - 1).min() < 0.01


def test_boxes_are_clipped_to_the_frame() -> None:
    box = letterbox((100, 50), 416, 32)
    found = box.to_frame(_one(np.array([-50, -50, 1000, 1000])))
    assert found.boxes_xyxy.tolist() == [[0, 0, 100, 50]]


def test_a_box_in_the_padding_is_dropped() -> None:
    box = letterbox((1920, 1080), 416, 32)
    assert len(box.to_frame(_one(np.array([10, 0, 50, 9])))) == 0


def _one(box_xyxy: np.ndarray) -> Detections:
    return Detections(box_xyxy[None].astype(np.float32), np.ones(1, np.float32), np.zeros(1, np.int64))
