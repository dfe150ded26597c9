"""Quick label on one gap: the frames are buffered, the object is tracked from both ends, and the trajectories are
fused."""

import asyncio
import time
from collections.abc import AsyncIterator

import cv2
import numpy as np

from inference.clips.repository import DecodedFrame
from inference.domain.crop import Crop
from inference.domain.cxcywh import Float64Array
from inference.domain.fusion import Trajectory, fuse
from inference.metrics import TRACK_SECONDS, TRACKED_FRAMES
from inference.models.detector import Detector
from inference.tracking.object_tracker import ObjectTracker, Window
from inference.tracking.progress import ProgressReporter, ReportProgress

JPEG_QUALITY = 92
PASSES = 3


class FrameBuffer:
    """The cropped frames of a gap, compressed as JPEG: they are read forward and backward without decoding the video
    twice, in a tenth of the memory."""

    def __init__(self, crop: Crop) -> None:
        self._crop = crop
        self._frames: list[bytes] = []

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, frame: DecodedFrame) -> None:
        """Append the next frame's crop."""
        _, packed = cv2.imencode(".jpg", frame.bgr, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))
        self._frames.append(packed.tobytes())

    def window(self, at: int) -> Window:
        """The crop at an index."""
        bgr = cv2.imdecode(np.frombuffer(self._frames[at], np.uint8), cv2.IMREAD_COLOR)
        return Window(np.asarray(bgr, np.uint8), self._crop.corners_xy[at].astype(np.float64))


class Cancelled(Exception):
    """The run was cancelled."""


async def track_between(
    detector: Detector,
    crop: Crop,
    expected: Float64Array,
    frames: AsyncIterator[DecodedFrame],
    report: ReportProgress,
    *,
    vanishes: bool = False,
) -> Trajectory | None:
    """The trajectory of an object over the `expected` boxes [n, 4] on the frame, of which the first and the last are
    exact. If it `vanishes` on the last frame, it is not tracked back from there.

    None if `report`, which is called now and then with the number of the n - 2 frames done, returns that the run was
    cancelled.
    """
    work = _Work(detector, crop, expected, ProgressReporter(report))
    try:
        await work.collect(frames)
        forward = await work.track(1)
        backward = None if vanishes else await work.track(-1)
    except Cancelled:
        return None
    trajectory = fuse(work.expected, forward, backward)
    finished = await work.reporter.finish(len(expected) - 2)
    return Trajectory(crop.on_frame(trajectory.boxes_cxcywh), trajectory.scores) if finished else None


class _Work:
    def __init__(self, detector: Detector, crop: Crop, expected: Float64Array, reporter: ProgressReporter) -> None:
        self.detector, self.reporter = detector, reporter
        self.expected = crop.seen(expected)
        self.buffer = FrameBuffer(crop)
        self.steps = 0

    async def collect(self, frames: AsyncIterator[DecodedFrame]) -> None:
        """Buffer all frames. Raises LookupError if some are missing."""
        async for frame in frames:
            await asyncio.to_thread(self.buffer.add, frame)
            self._report_step()
        if len(self.buffer) != len(self.expected):
            raise LookupError(f"{len(self.buffer)} of {len(self.expected)} frames came")

    async def track(self, direction: int) -> Trajectory:
        """The trajectory from the first frame on (1), or from the last one back (-1)."""
        order = range(len(self.expected))[::direction]
        trajectory = Trajectory(self.expected.copy(), np.ones(len(self.expected)))
        first = order[0]
        tracker = await asyncio.to_thread(
            lambda: ObjectTracker(self.detector, self.buffer.window(first), self.expected[first])
        )
        for at in order[1:]:
            trajectory.boxes_cxcywh[at], trajectory.scores[at] = await asyncio.to_thread(self._step, tracker, at)
            self._report_step()
        return trajectory

    def _step(self, tracker: ObjectTracker, at: int) -> tuple[Float64Array, float]:
        started = time.perf_counter()
        found = tracker.track(self.buffer.window(at), self.expected[at])
        TRACKED_FRAMES.inc()
        TRACK_SECONDS.observe(time.perf_counter() - started)
        return found

    def _report_step(self) -> None:
        self.steps += 1
        count = len(self.expected)
        if not self.reporter.is_wanted(self.steps * (count - 2) // (PASSES * count)):
            raise Cancelled
