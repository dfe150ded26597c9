"""A photograph of a person, filmed before a wall: quick label beside a straight line, with the real detector."""

from collections.abc import AsyncIterator, Callable, Sequence

import cv2
import numpy as np
import pytest

from common.geometry.types import Box
from inference.clips.repository import DecodedFrame
from inference.domain.crop import crop_for
from inference.domain.cxcywh import interpolate_cxcywh, iou_of_cxcywh, xyxy_of
from inference.domain.fusion import Trajectory
from inference.domain.gap_task import GapTask
from inference.domain.interpolation import expected_path, fill_gap
from inference.models.detector import Detector
from inference.tracking.quick_label import track_between

SIZE = (480, 270)
COUNT = 41
SHARE = np.linspace(0, 1, COUNT)
Stroll = Callable[..., list[np.ndarray]]


def boxes_cxcywh(swing: float, growth: float = 1.0) -> np.ndarray:
    """From left to right, up and down by `swing` pixels on the way."""
    size = np.stack([64 * growth**SHARE, 128 * growth**SHARE], axis=1)
    centre = np.stack([70 + 340 * SHARE, 135 + swing * np.sin(2 * np.pi * SHARE)], axis=1)
    return np.concatenate([centre, size], axis=1)


def gap_of(truth: np.ndarray, *, vanishes: bool = False) -> GapTask:
    first, last = (
        Box(**dict(zip(("x1", "y1", "x2", "y2"), xyxy_of(truth[at]).tolist(), strict=True))) for at in (0, -1)
    )
    return GapTask("p", "r", "m", "o", "person", 0, 0, len(truth) - 1, first, last, vanishes=vanishes, size_wh=SIZE)


async def tracked(
    detector: Detector, gap: GapTask, frames: Sequence[np.ndarray], wanted_until: int | None = None
) -> tuple[Trajectory | None, list[int]]:
    expected = expected_path(gap, SIZE)
    crop = crop_for(expected, SIZE)
    reports: list[int] = []

    async def cropped() -> AsyncIterator[DecodedFrame]:
        width, height = crop.window_wh
        for at, frame in enumerate(frames):
            left, top = crop.corners_xy[at]
            small = cv2.resize(frame, crop.image_wh, interpolation=cv2.INTER_AREA)
            yield DecodedFrame(at, np.ascontiguousarray(small[top : top + height, left : left + width]))

    async def report(done: int) -> bool:
        reports.append(done)
        return wanted_until is None or done < wanted_until

    return await track_between(detector, crop, expected, cropped(), report, vanishes=gap.vanishes), reports


@pytest.mark.parametrize(("swing", "growth"), [(60, 1.0), (45, 0.7)])
async def test_a_swinging_person_is_tracked_better_than_by_a_straight_line(
    detector: Detector, stroll: Stroll, swing: float, growth: float
) -> None:
    truth = boxes_cxcywh(swing, growth)
    trajectory, reports = await tracked(detector, gap_of(truth), stroll(truth))

    assert trajectory is not None
    straight = iou_of_cxcywh(interpolate_cxcywh(truth[0], truth[-1], COUNT), truth)[1:-1].mean()
    quick = iou_of_cxcywh(trajectory.boxes_cxcywh, truth)[1:-1]
    assert straight < 0.7
    assert (quick.mean() > 0.85, quick.min() > 0.6) == (True, True)
    assert reports == sorted(reports)
    assert reports[-1] == COUNT - 2


async def test_a_straight_path_is_tracked(detector: Detector, stroll: Stroll) -> None:
    truth = boxes_cxcywh(0)
    trajectory, _ = await tracked(detector, gap_of(truth), stroll(truth))
    assert trajectory is not None
    assert iou_of_cxcywh(trajectory.boxes_cxcywh, truth).mean() > 0.9


async def test_a_hidden_person_is_lost_only_while_hidden(detector: Detector, stroll: Stroll) -> None:
    truth = boxes_cxcywh(60)
    trajectory, _ = await tracked(detector, gap_of(truth), stroll(truth, behind=slice(12, 29)))

    assert trajectory is not None
    found, stopped_at = fill_gap(gap_of(truth), "x", trajectory, SIZE)
    assert stopped_at == pytest.approx(12, abs=2)
    frames = [key.frame for key in found.tracks[0].keyframes]
    assert not [frame for frame in frames if 14 < frame < 27]
    sure = np.r_[1:10, 31:40]
    assert iou_of_cxcywh(trajectory.boxes_cxcywh[sure], truth[sure]).mean() > 0.8


async def test_a_person_who_vanishes_is_tracked_until_then(detector: Detector, stroll: Stroll) -> None:
    truth = boxes_cxcywh(60)
    gap = gap_of(truth, vanishes=True)
    trajectory, _ = await tracked(detector, gap, stroll(truth, behind=slice(36, None)))
    assert trajectory is not None
    assert iou_of_cxcywh(trajectory.boxes_cxcywh[:35], truth[:35]).mean() > 0.8
    assert fill_gap(gap, "x", trajectory, SIZE)[1] is None


async def test_the_same_frames_give_the_same_keyframes(detector: Detector, stroll: Stroll) -> None:
    truth = boxes_cxcywh(60)[::2]
    frames = stroll(truth)
    trajectories = [(await tracked(detector, gap_of(truth), frames))[0] for _ in range(2)]
    files = {
        fill_gap(gap_of(truth), "x", trajectory, SIZE)[0].model_dump_json()
        for trajectory in trajectories
        if trajectory is not None
    }
    assert len(files) == 1


async def test_a_cancelled_run_stops_the_tracking(detector: Detector, stroll: Stroll) -> None:
    truth = boxes_cxcywh(0)
    trajectory, reports = await tracked(detector, gap_of(truth), stroll(truth), wanted_until=0)
    assert trajectory is None
    assert len(reports) == 1


async def test_missing_frames_are_an_error(detector: Detector, stroll: Stroll) -> None:
    truth = boxes_cxcywh(0)
    with pytest.raises(LookupError, match="40 of 41 frames"):
        await tracked(detector, gap_of(truth), stroll(truth)[:-1])
