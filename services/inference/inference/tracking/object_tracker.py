"""Tracks one object from frame to frame, in one direction of time."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from common.geometry.iou import iou_matrix
from inference.domain.cxcywh import Float64Array, cxcywh_of, limit_motion, xyxy_of
from inference.domain.letterbox import Letterbox
from inference.models.detector import Detector
from inference.tracking import optical_flow as flow
from inference.tracking.optical_flow import Image, Patch

# The detector runs on a square of three lengths of the object, at half of its usual input size.
SEARCH_WINDOW = 3.0
# A low score suffices, because only detections near the expected box count.
MIN_SCORE = 0.25
SAME_IOU = 0.5
# Between the box of optical flow (0), which drifts, and the detection (1), which jitters.
PULL = 0.6
# If the detection looks less like the object than the box of optical flow.
WEAK_PULL = 0.2
# With fewer tracked corners, the template is searched too.
MIN_FLOW_SHARE = 0.3
MIN_CORRELATION = 0.5
CORRELATION_MARGIN = 0.05
SEARCH_REACH = 0.5
LEARNING_THRESHOLD = 0.6
LEARNING_RATE = 0.1
VELOCITY_MOMENTUM = 0.7


@dataclass(frozen=True)
class Window:
    """A crop of a frame as BGR [height, width, 3], and its top-left corner on the frame."""

    bgr: Image
    corner_xy: Float64Array

    @cached_property
    def grey(self) -> Image:
        """The crop in grayscale."""
        return np.asarray(cv2.cvtColor(self.bgr, cv2.COLOR_BGR2GRAY), np.uint8)

    def box(self, box: Float64Array) -> Float64Array:
        """A box on the frame as a box (xyxy) in the crop."""
        return xyxy_of(box) - np.tile(self.corner_xy, 2)

    def square(self, corner_xy: Float64Array, side: int) -> Image:
        """A square of the crop with its corner at whole pixels; gray beyond the edges of the crop."""
        left, top = (corner_xy - self.corner_xy).astype(int).tolist()
        rows, columns = self.bgr.shape[:2]
        square = np.full((side, side, 3), 114, np.uint8)
        x1, y1, x2, y2 = max(0, left), max(0, top), min(columns, left + side), min(rows, top + side)
        if x1 < x2 and y1 < y2:
            square[y1 - top : y2 - top, x1 - left : x2 - left] = self.bgr[y1:y2, x1:x2]
        return square


class ObjectTracker:
    """Tracks an object from a box that is known. Boxes are centre x, centre y, width, height on the scaled frame.

    If the detector finds the object at its first box, under any label, each step snaps to the detection that optical
    flow leads to; once the detector misses it, the score drops. A person's box and the detector's may differ: their
    difference at the first box is kept.
    """

    def __init__(self, detector: Detector, window: Window, box: Float64Array) -> None:
        self._detector = detector
        self._window, self._box = window, box
        self._velocity = np.zeros(2)
        self._first = self._recent = flow.extract_patch(window.bgr, window.box(box))
        found = self._nearest(self._detections(window, box), box)
        self._person_offset = None if found is None else _relative(box, found[0])

    def track(self, window: Window, expected: Float64Array) -> tuple[Float64Array, float]:
        """The box of the object on the next frame, and a score from 0 to 1; its size stays near the expected one."""
        flowed, share = self._flow(window)
        box = limit_motion(flowed, self._box, expected)
        if share < MIN_FLOW_SHARE:
            box = limit_motion(self._search(window, box), self._box, expected)
        snapped = self._snap(window, box)
        if snapped is not None:
            pull = PULL if self._looks_as_similar(window, snapped[0], box) else WEAK_PULL
            box = limit_motion(box + pull * (snapped[0] - box), self._box, expected)
        similarity = self._learn(window, box)
        self._velocity = VELOCITY_MOMENTUM * self._velocity + (1 - VELOCITY_MOMENTUM) * (box[:2] - self._box[:2])
        self._window, self._box = window, box
        if self._person_offset is None:
            return box, similarity
        return box, 0.4 * similarity if snapped is None else snapped[1] * (0.75 + 0.25 * similarity)

    def _flow(self, window: Window) -> tuple[Float64Array, float]:
        between = window.corner_xy - self._window.corner_xy
        shift = flow.estimate_shift(
            self._window.grey, window.grey, self._window.box(self._box), self._velocity - between
        )
        if shift is None:
            return np.concatenate([self._box[:2] + self._velocity, self._box[2:]]), 0.0
        return np.concatenate([self._box[:2] + shift.shift_xy + between, self._box[2:] * shift.growth]), shift.share

    def _search(self, window: Window, box: Float64Array) -> Float64Array:
        found = flow.match_template(window.bgr, self._recent, window.box(box), SEARCH_REACH * float(box[2:].max()))
        if found is None or found[1] < MIN_CORRELATION:
            return box
        return np.concatenate([box[:2] + found[0], box[2:]])

    def _snap(self, window: Window, box: Float64Array) -> tuple[Float64Array, float] | None:
        """The detection at a box, adjusted to how the person draws the object, and the IoU of the two."""
        if self._person_offset is None:
            return None
        seen = self._detections(window, box)
        centres = seen[:, :2] + self._person_offset[:2] * seen[:, 2:]
        return self._nearest(np.concatenate([centres, seen[:, 2:] * self._person_offset[2:]], axis=1), box)

    def _detections(self, window: Window, box: Float64Array) -> Float64Array:
        side = max(32, int(SEARCH_WINDOW * box[2:].max()))
        corner = np.floor(box[:2] - side / 2)
        spec = self._detector.manifest.input
        into = -(-spec.long_side // 2 // spec.multiple) * spec.multiple
        image = np.asarray(cv2.resize(window.square(corner, side), (into, into)), np.uint8)
        found = self._detector.detect(image, Letterbox((side, side), (into, into), (into, into)), MIN_SCORE)
        return cxcywh_of(found.boxes_xyxy.astype(np.float64) + np.tile(corner, 2))

    @staticmethod
    def _nearest(seen: Float64Array, box: Float64Array) -> tuple[Float64Array, float] | None:
        if not len(seen):
            return None
        boxes = xyxy_of(seen).astype(np.float32)
        overlap = iou_matrix(xyxy_of(box)[None].astype(np.float32), boxes)[0]
        best = int(overlap.argmax())
        return (seen[best], float(overlap[best])) if overlap[best] >= SAME_IOU else None

    def _looks_as_similar(self, window: Window, seen: Float64Array, flowed: Float64Array) -> bool:
        there, here = (flow.extract_patch(window.bgr, window.box(box)) for box in (seen, flowed))
        return (
            flow.normalized_correlation(self._recent, there)
            >= flow.normalized_correlation(self._recent, here) - CORRELATION_MARGIN
        )

    def _learn(self, window: Window, box: Float64Array) -> float:
        """How well the object matches its first and its recent appearance; the recent one is updated."""
        patch: Patch = flow.extract_patch(window.bgr, window.box(box))
        first, recent = (flow.normalized_correlation(known, patch) for known in (self._first, self._recent))
        if max(first, recent) > LEARNING_THRESHOLD:
            self._recent = self._recent + LEARNING_RATE * (patch - self._recent)
        return min(1.0, max(0.0, (first + recent) / 2))


def _relative(box: Float64Array, seen: Float64Array) -> Float64Array:
    return np.concatenate([(box[:2] - seen[:2]) / seen[2:], box[2:] / seen[2:]])
