"""Tracks of a clip: frames are decoded ahead in a process of their own while the detector runs in a thread."""

import asyncio
import time
from collections.abc import AsyncIterator

from inference.clips.repository import DecodedFrame
from inference.domain.letterbox import Letterbox
from inference.domain.tracker import Track, Tracker, Tracking
from inference.metrics import DETECT_SECONDS, DETECTIONS, FRAMES
from inference.models.detector import Detector
from inference.tracking.progress import ProgressReporter, ReportProgress


async def detect_and_track(
    detector: Detector, box: Letterbox, tracking: Tracking, frames: AsyncIterator[DecodedFrame], report: ReportProgress
) -> list[Track] | None:
    """The tracks of a clip; None if `report`, which is called now and then with the number of frames done, returns
    that the run was cancelled."""
    tracker, reporter = Tracker(tracking), ProgressReporter(report)
    done = 0
    async for frame in frames:
        await asyncio.to_thread(_process, detector, box, tracker, frame)
        done += 1
        if not reporter.is_wanted(done):
            return None
    return tracker.tracks() if await reporter.finish(done) else None


def _process(detector: Detector, box: Letterbox, tracker: Tracker, frame: DecodedFrame) -> None:
    started = time.perf_counter()
    found = detector.detect(frame.bgr, box, tracker.tracking.low)
    tracker.update(frame.frame, found)
    FRAMES.labels(detector.name).inc()
    DETECTIONS.labels(detector.name).inc(int((found.scores >= tracker.tracking.high).sum()))
    DETECT_SECONDS.labels(detector.name).observe(time.perf_counter() - started)
