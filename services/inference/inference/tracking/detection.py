"""A clip's pictures become tracks: decoding runs ahead in its own process while the detector runs in a thread."""

import asyncio
import time
from collections.abc import AsyncIterator

from prometheus_client import Counter, Histogram

from inference.clips.repository import Picture
from inference.domain.letterbox import Letterbox
from inference.domain.tracker import Track, Tracker, Tracking
from inference.models.detector import Detector
from inference.tracking.progress import Report, Reporter

FRAMES = Counter("tracklane_inference_frames_total", "Frames that a detector looked at", ["model"])
DETECTIONS = Counter("tracklane_inference_detections_total", "Things that a detector found", ["model"])
DETECT_SECONDS = Histogram(
    "tracklane_inference_detect_seconds",
    "Time to detect and track on one frame",
    ["model"],
    buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 2),
)


async def track_things(
    detector: Detector, box: Letterbox, tracking: Tracking, pictures: AsyncIterator[Picture], report: Report
) -> list[Track] | None:
    """The tracks of what the detector sees; None if `report`, which is told now and then how many frames are done,
    says that nobody wants them any more."""
    tracker, reporter = Tracker(tracking), Reporter(report)
    done = 0
    async for picture in pictures:
        await asyncio.to_thread(_look, detector, box, tracker, picture)
        done += 1
        if not reporter.wanted(done):
            return None
    return tracker.tracks() if await reporter.finish(done) else None


def _look(detector: Detector, box: Letterbox, tracker: Tracker, picture: Picture) -> None:
    started = time.perf_counter()
    found = detector.detect(picture.bgr, box, tracker.tracking.low)
    tracker.see(picture.frame, found)
    FRAMES.labels(detector.name).inc()
    DETECTIONS.labels(detector.name).inc(int((found.scores >= tracker.tracking.high).sum()))
    DETECT_SECONDS.labels(detector.name).observe(time.perf_counter() - started)
