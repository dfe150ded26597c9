"""A gap's frames become one way through them: kept small, followed from both ends, joined."""

import asyncio
import time
from collections.abc import AsyncIterator

import cv2
import numpy as np
from prometheus_client import Counter, Histogram

from inference.clips.repository import Picture
from inference.domain.crop import View
from inference.domain.cxcywh import Doubles
from inference.domain.fusion import Way, fuse
from inference.models.detector import Detector
from inference.tracking.object_tracker import Follower, Window
from inference.tracking.progress import Report, Reporter

FOLLOWED = Counter("tracklane_inference_followed_frames_total", "Frames through which a thing was followed, each way")
FOLLOW_SECONDS = Histogram(
    "tracklane_inference_follow_seconds",
    "Time to follow a thing from one frame to the next",
    buckets=(0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 2),
)
QUALITY = 92
PASSES = 3


class Reel:
    """The windows of a gap's frames, packed as JPEG: to be seen forwards and backwards without decoding twice, in a
    tenth of their memory."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._packed: list[bytes] = []

    def __len__(self) -> int:
        return len(self._packed)

    def add(self, picture: Picture) -> None:
        """Keep the next frame's window."""
        _, packed = cv2.imencode(".jpg", picture.bgr, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
        self._packed.append(packed.tobytes())

    def window(self, at: int) -> Window:
        """The window of the frame at this index."""
        bgr = cv2.imdecode(np.frombuffer(self._packed[at], np.uint8), cv2.IMREAD_COLOR)
        return Window(np.asarray(bgr, np.uint8), self._view.corners_xy[at].astype(np.float64))


class Abandoned(Exception):
    """Nobody wants the result any more."""


async def follow_between(
    detector: Detector,
    view: View,
    expected: Doubles,
    pictures: AsyncIterator[Picture],
    report: Report,
    *,
    vanishes: bool = False,
) -> Way | None:
    """The way of a thing from the first to the last of the `expected` places [n, 4] on the frame, of which both are
    certain; where it `vanishes` on the last, the way back from there is not followed.

    None if `report`, which is told now and then how many of the n - 2 frames between are done, says that nobody
    wants it any more.
    """
    work = _Work(detector, view, expected, Reporter(report))
    try:
        await work.collect(pictures)
        forward = await work.follow(1)
        backward = None if vanishes else await work.follow(-1)
    except Abandoned:
        return None
    way = fuse(work.expected, forward, backward)
    finished = await work.reporter.finish(len(expected) - 2)
    return Way(view.on_frame(way.places), way.scores) if finished else None


class _Work:
    def __init__(self, detector: Detector, view: View, expected: Doubles, reporter: Reporter) -> None:
        self.detector, self.reporter = detector, reporter
        self.expected = view.seen(expected)
        self.reel = Reel(view)
        self.steps = 0

    async def collect(self, pictures: AsyncIterator[Picture]) -> None:
        """Keep the window of every frame. Raises LookupError if some do not come."""
        async for picture in pictures:
            await asyncio.to_thread(self.reel.add, picture)
            self._report()
        if len(self.reel) != len(self.expected):
            raise LookupError(f"{len(self.reel)} of {len(self.expected)} frames came")

    async def follow(self, direction: int) -> Way:
        """The way from the first frame on (1), or from the last one back (-1)."""
        order = range(len(self.expected))[::direction]
        way = Way(self.expected.copy(), np.ones(len(self.expected)))
        first = order[0]
        follower = await asyncio.to_thread(
            lambda: Follower(self.detector, self.reel.window(first), self.expected[first])
        )
        for at in order[1:]:
            way.places[at], way.scores[at] = await asyncio.to_thread(self._step, follower, at)
            self._report()
        return way

    def _step(self, follower: Follower, at: int) -> tuple[Doubles, float]:
        started = time.perf_counter()
        found = follower.follow(self.reel.window(at), self.expected[at])
        FOLLOWED.inc()
        FOLLOW_SECONDS.observe(time.perf_counter() - started)
        return found

    def _report(self) -> None:
        self.steps += 1
        count = len(self.expected)
        if not self.reporter.wanted(self.steps * (count - 2) // (PASSES * count)):
            raise Abandoned
