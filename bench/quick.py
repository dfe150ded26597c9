"""How well quick label fills the frames between two keyframes, beside a straight line between them.

`python -m bench.quick [--gap N] [--video FILE [--most N]]` prints mean IoU and processor time. Without a video it is
the demo clip, whose prints' true places are known to a fraction of a pixel. In a video (of people, cars or what else
the detector knows) what the detector and the tracker say of every frame is the reference: things seen on nearly every
frame of a gap, given only by their boxes on its two ends.
"""

import argparse
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

import inference
from bench.report import Report, run
from common.geometry.types import Box
from deploy.local.demo.render import CLIP, FPS, HEIGHT, WIDTH, prints
from inference.clips.repository import DecodedFrame
from inference.domain.crop import Crop, crop_for
from inference.domain.cxcywh import clip_to_image, cxcywh_of, interpolate_cxcywh, iou_of_cxcywh, xyxy_of
from inference.domain.fusion import lost_frames, median_filter
from inference.domain.gap_task import GapTask
from inference.domain.interpolation import expected_path, fill_gap
from inference.domain.letterbox import letterbox
from inference.domain.tracker import Tracker, tracking_for
from inference.models.detector import Detector
from inference.models.registry import ModelRegistry
from inference.tracking.quick_label import track_between

MODEL = "nanodet-g-416"
SEEN_SHARE = 0.85
REFERENCE_SIDE = 640
SURE_SCORE = 0.55


@dataclass(frozen=True)
class Case:
    """The true boxes (center and size) of an object on frames from `first` on, and where they are known."""

    first: int
    boxes_cxcywh: np.ndarray
    known: np.ndarray


@dataclass(frozen=True)
class Result:
    """Mean IoU with the ground truth between the keyframes: of linear interpolation and of quick label on all frames,
    of both on filled frames; the share of frames not filled; keyframes; CPU seconds."""

    straight: float
    quick: float
    straight_filled: float
    quick_filled: float
    lost_frames: float
    keyframes: int
    cpu_s: float


def frames_of(path: Path) -> list[np.ndarray]:
    """All frames of a video as BGR."""
    with av.open(path) as file:
        return [frame.to_ndarray(format="bgr24") for frame in file.decode(video=0)]


def demo_cases(count: int, gap: int) -> Iterator[Case]:
    """The prints of the demo clip while they are completely in the frame. The detector does not know the last one."""
    for layer in prints():
        rows, columns = layer.image.shape[:2]
        for first in range(0, count - gap, 3 * gap // 4):
            times = [(first + at) / FPS for at in range(gap + 1)]
            sizes = [(layer.height(at) * columns / rows, layer.height(at)) for at in times]
            boxes_cxcywh = np.array([(*layer.center(at), *size) for at, size in zip(times, sizes, strict=True)])
            if (clip_to_image(xyxy_of(boxes_cxcywh), (WIDTH, HEIGHT)) == xyxy_of(boxes_cxcywh)).all():
                yield Case(first, boxes_cxcywh, np.ones(gap + 1, bool))


def seen_cases(detector: Detector, frames: list[np.ndarray], gap: int) -> Iterator[Case]:
    """Smoothed tracks of the tracker that cover at least one gap."""
    height, width = frames[0].shape[:2]
    box = letterbox((width, height), REFERENCE_SIDE, detector.manifest.input.multiple)
    tracker = Tracker(tracking_for(detector.manifest.threshold, len(frames)))
    for number, frame in enumerate(frames):
        small = cv2.resize(frame, box.image_wh, interpolation=cv2.INTER_AREA)
        tracker.update(number, detector.detect(np.asarray(small, np.uint8), box, tracker.tracking.low))
    for track in tracker.tracks():
        seen, boxes_cxcywh = np.array(track.frames), median_filter(cxcywh_of(np.array(track.boxes_xyxy, np.float64)))
        if np.mean(track.scores) < SURE_SCORE or np.ptp(boxes_cxcywh[:, :2], axis=0).max() < boxes_cxcywh[:, 2:].min():
            continue
        for start in range(0, len(seen) - gap, gap):
            frame_range = seen[start] + np.arange(gap + 1)
            known = np.isin(frame_range, seen)
            if known[0] and known[-1] and known.mean() >= SEEN_SHARE:
                boxes_of_range = np.stack(
                    [np.interp(frame_range, seen, boxes_cxcywh[:, side]) for side in range(4)], axis=1
                )
                yield Case(int(frame_range[0]), boxes_of_range, known)


async def measure(detector: Detector, frames: list[np.ndarray], case: Case) -> Result:
    """Fill one gap from its two keyframes."""
    frame_wh = (frames[0].shape[1], frames[0].shape[0])
    count = len(case.boxes_cxcywh)
    gap = _gap(case, frame_wh)
    expected = expected_path(gap, frame_wh)
    crop = crop_for(expected, frame_wh)
    started = time.process_time()
    trajectory = await track_between(detector, crop, expected, _windows(frames, case.first, crop), _keep_going)
    assert trajectory is not None
    suggestions, _ = fill_gap(gap, MODEL, trajectory, frame_wh)
    cpu_s = time.process_time() - started
    between = case.known & (np.arange(count) % (count - 1) > 0)
    filled = between & ~lost_frames(trajectory)
    quick = iou_of_cxcywh(_interpolated(gap, suggestions.tracks[0].keyframes), case.boxes_cxcywh)
    straight = iou_of_cxcywh(interpolate_cxcywh(case.boxes_cxcywh[0], case.boxes_cxcywh[-1], count), case.boxes_cxcywh)
    # If no frame was filled, all frames are compared.
    filled = filled if filled.any() else between
    return Result(
        straight=float(straight[between].mean()),
        quick=float(quick[between].mean()),
        straight_filled=float(straight[filled].mean()),
        quick_filled=float(quick[filled].mean()),
        lost_frames=float(lost_frames(trajectory).mean()),
        keyframes=len(suggestions.tracks[0].keyframes),
        cpu_s=cpu_s,
    )


async def _windows(frames: list[np.ndarray], first: int, crop: Crop) -> AsyncIterator[DecodedFrame]:
    width, height = crop.window_wh
    for at, (left, top) in enumerate(crop.corners_xy):
        scaled = cv2.resize(frames[first + at], crop.image_wh, interpolation=cv2.INTER_AREA)
        yield DecodedFrame(first + at, np.ascontiguousarray(scaled[top : top + height, left : left + width]))


async def _keep_going(_: int) -> bool:
    return True


def _gap(case: Case, frame_wh: tuple[int, int]) -> GapTask:
    first, last = (_box(xyxy_of(case.boxes_cxcywh[at])) for at in (0, -1))
    end = case.first + len(case.boxes_cxcywh) - 1
    return GapTask("p", "r", "m", "o", "thing", 0, case.first, end, first, last, vanishes=False, size_wh=frame_wh)


def _box(box_xyxy: np.ndarray) -> Box:
    x1, y1, x2, y2 = box_xyxy.round(2).tolist()
    return Box(x1=x1, y1=y1, x2=x2, y2=y2)


def _interpolated(gap: GapTask, keyframes: list[Any]) -> np.ndarray:
    """The interpolated boxes between both ends, with the keyframes between them."""
    at = [gap.first, *(keyframe.frame for keyframe in keyframes), gap.last]
    boxes = [gap.first_box, *(keyframe.geometry for keyframe in keyframes), gap.last_box]
    frames = np.arange(gap.first, gap.last + 1)
    sides = [np.interp(frames, at, [getattr(box, side) for box in boxes]) for side in ("x1", "y1", "x2", "y2")]
    return cxcywh_of(np.stack(sides, axis=1))


async def main(report: Report, arguments: argparse.Namespace) -> None:
    """Fill each gap and compare."""
    detector = ModelRegistry(Path(inference.__file__).parent / "models").detector(MODEL)
    frames = frames_of(arguments.video or CLIP)
    cases = seen_cases(detector, frames, arguments.gap) if arguments.video else demo_cases(len(frames), arguments.gap)
    chosen = list(cases)[: arguments.most]
    results = [await measure(detector, frames, case) for case in chosen]
    mean = {name: statistics.fmean(getattr(result, name) for result in results) for name in Result.__annotations__}
    worse = sum(result.quick_filled < result.straight_filled - 0.05 for result in results)
    name = f"{(arguments.video or CLIP).name}, gaps of {arguments.gap} frames"
    report.add(f"{name}: gaps", len(results), "gaps")
    report.add(f"{name}: frames filled", 1 - mean["lost_frames"], "share")
    report.add(f"{name}: IoU where filled", mean["quick_filled"], "IoU", at_least=mean["straight_filled"])
    report.add(f"{name}: IoU of a straight line there", mean["straight_filled"], "IoU")
    report.add(f"{name}: IoU on all frames", mean["quick"], "IoU")
    report.add(f"{name}: IoU of a straight line", mean["straight"], "IoU")
    report.add(f"{name}: gaps worse than the line by over 0.05", worse, "gaps", at_most=0)
    report.add(f"{name}: keyframes a gap", mean["keyframes"], "keyframes")
    report.add(f"{name}: time a frame", 1000 * mean["cpu_s"] / (arguments.gap + 1), "CPU ms")


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--gap", type=int, default=60)
    parser.add_argument("--video", type=Path)
    parser.add_argument("--most", type=int, default=1000)
    return parser


if __name__ == "__main__":
    run(main, options())
