import numpy as np
import pytest

from common.contract.labels import Keyframe
from common.geometry.shapes import geometry_at
from common.geometry.types import Box
from inference.domain.crop import crop_for
from inference.domain.fusion import Trajectory
from inference.domain.gap_task import GapTask
from inference.domain.interpolation import expected_path, fill_gap

SIZE = (640, 360)


def gap(first: Box, last: Box, count: int = 41) -> GapTask:
    return GapTask("p", "r", "m", "o", "person", 0, 100, 100 + count - 1, first, last, vanishes=False, size_wh=SIZE)


LEVEL = gap(Box(x1=40, y1=100, x2=60, y2=140), Box(x1=240, y1=100, x2=260, y2=140))


def test_even_motion_needs_one_keyframe_of_source_quick() -> None:
    trajectory = Trajectory(expected_path(LEVEL, SIZE), np.full(41, 0.8))
    found, stopped_at = fill_gap(LEVEL, "x", trajectory, SIZE)
    (track,) = found.tracks
    assert (track.id, track.label, track.score, stopped_at) == ("o", "person", 0.8, None)
    assert [(key.frame, key.source, key.score) for key in track.keyframes] == [(101, "quick", 0.8)]
    assert track.keyframes[0].geometry == Box(x1=45, y1=100, x2=65, y2=140)


def test_keyframes_lie_strictly_inside_and_stay_within_the_tolerance() -> None:
    boxes_cxcywh = expected_path(LEVEL, SIZE)
    boxes_cxcywh[:, 1] += 60 * np.sin(np.linspace(0, np.pi, 41))
    found, _ = fill_gap(LEVEL, "x", Trajectory(boxes_cxcywh, np.full(41, 0.8)), SIZE)
    keyframes = found.tracks[0].keyframes
    assert 3 <= len(keyframes) <= 12
    assert all(100 < key.frame < 140 for key in keyframes)
    whole = [Keyframe(frame=100, geometry=LEVEL.first_box), *keyframes, Keyframe(frame=140, geometry=LEVEL.last_box)]
    for at in range(41):
        box = geometry_at(whole, 100 + at)
        assert isinstance(box, Box)
        assert (box.y1 + box.y2) / 2 == pytest.approx(boxes_cxcywh[at, 1], abs=2.5)


def test_only_confident_frames_are_filled_and_the_first_lost_frame_is_reported() -> None:
    scores = np.full(41, 0.8)
    scores[15:30] = 0
    found, stopped_at = fill_gap(LEVEL, "x", Trajectory(expected_path(LEVEL, SIZE), scores), SIZE)
    frames = [key.frame for key in found.tracks[0].keyframes]
    assert stopped_at == 115
    assert frames == [101, 114, 130]


def test_a_gap_that_is_lost_at_once_has_no_keyframes() -> None:
    scores = np.zeros(41)
    scores[[0, -1]] = 1
    found, stopped_at = fill_gap(LEVEL, "x", Trajectory(expected_path(LEVEL, SIZE), scores), SIZE)
    assert (found.tracks[0].keyframes, found.tracks[0].score, stopped_at) == ([], 0, 101)


def test_filled_boxes_stay_in_the_image() -> None:
    leaving = gap(Box(x1=500, y1=100, x2=540, y2=180), Box(x1=620, y1=100, x2=660, y2=180))
    boxes_cxcywh = expected_path(leaving, SIZE)
    boxes_cxcywh[1:-1, 0] += 200
    found, _ = fill_gap(leaving, "x", Trajectory(boxes_cxcywh, np.full(41, 0.8)), SIZE)
    assert all(key.geometry.x2 <= 640 for key in found.tracks[0].keyframes)  # type: ignore[union-attr]


def test_a_turned_box_turns_by_the_short_arc_and_keeps_its_shape() -> None:
    turning = gap(
        Box(x1=100, y1=100, x2=160, y2=140, rotation=350), Box(x1=100, y1=100, x2=160, y2=140, rotation=30), count=21
    )
    expected = expected_path(turning, SIZE)
    found, _ = fill_gap(turning, "x", Trajectory(expected, np.full(21, 0.8)), SIZE)
    first = found.tracks[0].keyframes[0].geometry
    assert isinstance(first, Box)
    assert first.rotation == pytest.approx(352)
    assert (first.x2 - first.x1, first.y2 - first.y1) == pytest.approx((60, 40), abs=2)
    width, height = expected[0, 2:]
    assert width == pytest.approx(60 * np.cos(np.pi / 18) + 40 * np.sin(np.pi / 18))
    assert height == pytest.approx(60 * np.sin(np.pi / 18) + 40 * np.cos(np.pi / 18))


@pytest.mark.parametrize(
    ("frame_wh", "side", "image_wh", "window_wh"),
    [
        ((640, 360), 40, (640, 360), (240, 240)),
        ((640, 360), 10, (640, 360), (128, 128)),
        ((3840, 2160), 160, (1920, 1080), (480, 480)),
        ((1920, 1080), 900, (171, 96), (171, 96)),
    ],
)
def test_the_size_of_a_crop_has_limits(
    frame_wh: tuple[int, int], side: int, image_wh: tuple[int, int], window_wh: tuple[int, int]
) -> None:
    boxes_cxcywh = np.tile(np.array([100, 100, side, side], float), (5, 1))
    crop = crop_for(boxes_cxcywh, frame_wh)
    assert (crop.image_wh, crop.window_wh) == (image_wh, window_wh)
    assert crop.on_frame(crop.seen(boxes_cxcywh)) == pytest.approx(boxes_cxcywh)
    assert (crop.corners_xy >= 0).all()
    assert (crop.corners_xy + np.array(window_wh) <= np.array(image_wh)).all()
