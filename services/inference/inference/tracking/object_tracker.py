"""One thing followed from picture to picture, in one direction of time."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from inference.domain.cxcywh import Doubles, boxes_of, limited, places_of
from inference.domain.letterbox import Letterbox
from inference.domain.nms import iou_matrix
from inference.models.detector import Detector
from inference.tracking import optical_flow as flow
from inference.tracking.optical_flow import Patch, Picture

# The detector looks at a square of three lengths of the thing, in half of its usual input.
LOOKS_AT = 3.0
# What it half sees is no worse, for it is only believed where the thing is expected anyway.
SEEN_FROM = 0.25
SAME = 0.5
# Between the flow's place (0), which drifts, and the detector's (1), which jitters.
PULL = 0.6
# Where the detector's place looks less like the thing than the flow's.
PULL_OF_UNLIKE = 0.2
# A share of corners below this is not believed alone.
FLOWING = 0.3
ALIKE = 0.5
UNLIKE = 0.05
SEARCHED = 0.5
LEARNT_FROM = 0.6
LEARNT = 0.1
KEPT_VELOCITY = 0.7


@dataclass(frozen=True)
class Window:
    """A part of a picture as BGR [height, width, 3], and where its top-left corner lies on the picture."""

    bgr: Picture
    corner_xy: Doubles

    @cached_property
    def grey(self) -> Picture:
        """The same in grey."""
        return np.asarray(cv2.cvtColor(self.bgr, cv2.COLOR_BGR2GRAY), np.uint8)

    def box(self, place: Doubles) -> Doubles:
        """A place on the picture as a box in the window."""
        return boxes_of(place) - np.tile(self.corner_xy, 2)

    def square(self, corner_xy: Doubles, side: int) -> Picture:
        """A square of the window from a corner of whole pixels on; grey beyond the window's edges."""
        left, top = (corner_xy - self.corner_xy).astype(int).tolist()
        rows, columns = self.bgr.shape[:2]
        square = np.full((side, side, 3), 114, np.uint8)
        x1, y1, x2, y2 = max(0, left), max(0, top), min(columns, left + side), min(rows, top + side)
        if x1 < x2 and y1 < y2:
            square[y1 - top : y2 - top, x1 - left : x2 - left] = self.bgr[y1:y2, x1:x2]
        return square


class Follower:
    """Follows a thing from a place that is known to be its own. Places are centre x, centre y, width, height on the
    picture.

    Where the detector sees the thing at its first place, as whatever, each step snaps to what it sees where the flow
    leads; and what it no longer sees is no longer believed. What a person drew around and what the detector sees may
    differ: their difference at the first place is kept.
    """

    def __init__(self, detector: Detector, window: Window, place: Doubles) -> None:
        self._detector = detector
        self._window, self._place = window, place
        self._velocity = np.zeros(2)
        self._key = self._lately = flow.patch_of(window.bgr, window.box(place))
        found = self._nearest(self._seen(window, place), place)
        self._drawn = None if found is None else _relative(place, found[0])

    def follow(self, window: Window, expected: Doubles) -> tuple[Doubles, float]:
        """Where the thing is on the next picture, and how sure that is, from 0 to 1; its size stays near that of the
        place where it is expected."""
        flowed, share = self._flowed(window)
        place = limited(flowed, self._place, expected)
        if share < FLOWING:
            place = limited(self._searched(window, place), self._place, expected)
        snapped = self._snapped(window, place)
        if snapped is not None:
            pull = PULL if self._agrees(window, snapped[0], place) else PULL_OF_UNLIKE
            place = limited(place + pull * (snapped[0] - place), self._place, expected)
        alike = self._learn(window, place)
        self._velocity = KEPT_VELOCITY * self._velocity + (1 - KEPT_VELOCITY) * (place[:2] - self._place[:2])
        self._window, self._place = window, place
        if self._drawn is None:
            return place, alike
        return place, 0.4 * alike if snapped is None else snapped[1] * (0.75 + 0.25 * alike)

    def _flowed(self, window: Window) -> tuple[Doubles, float]:
        between = window.corner_xy - self._window.corner_xy
        shift = flow.moved(self._window.grey, window.grey, self._window.box(self._place), self._velocity - between)
        if shift is None:
            return np.concatenate([self._place[:2] + self._velocity, self._place[2:]]), 0.0
        return np.concatenate([self._place[:2] + shift.shift_xy + between, self._place[2:] * shift.growth]), shift.share

    def _searched(self, window: Window, place: Doubles) -> Doubles:
        found = flow.searched(window.bgr, self._lately, window.box(place), SEARCHED * float(place[2:].max()))
        if found is None or found[1] < ALIKE:
            return place
        return np.concatenate([place[:2] + found[0], place[2:]])

    def _snapped(self, window: Window, place: Doubles) -> tuple[Doubles, float] | None:
        """What the detector sees at a place, as the person would draw it, and the overlap of the two."""
        if self._drawn is None:
            return None
        seen = self._seen(window, place)
        centres = seen[:, :2] + self._drawn[:2] * seen[:, 2:]
        return self._nearest(np.concatenate([centres, seen[:, 2:] * self._drawn[2:]], axis=1), place)

    def _seen(self, window: Window, place: Doubles) -> Doubles:
        side = max(32, int(LOOKS_AT * place[2:].max()))
        corner = np.floor(place[:2] - side / 2)
        spec = self._detector.manifest.input
        into = -(-spec.long_side // 2 // spec.multiple) * spec.multiple
        picture = np.asarray(cv2.resize(window.square(corner, side), (into, into)), np.uint8)
        found = self._detector.detect(picture, Letterbox((side, side), (into, into), (into, into)), SEEN_FROM)
        return places_of(found.boxes_xyxy.astype(np.float64) + np.tile(corner, 2))

    @staticmethod
    def _nearest(seen: Doubles, place: Doubles) -> tuple[Doubles, float] | None:
        if not len(seen):
            return None
        boxes = boxes_of(seen).astype(np.float32)
        overlap = iou_matrix(boxes_of(place)[None].astype(np.float32), boxes)[0]
        best = int(overlap.argmax())
        return (seen[best], float(overlap[best])) if overlap[best] >= SAME else None

    def _agrees(self, window: Window, seen: Doubles, flowed: Doubles) -> bool:
        there, here = (flow.patch_of(window.bgr, window.box(place)) for place in (seen, flowed))
        return flow.likeness(self._lately, there) >= flow.likeness(self._lately, here) - UNLIKE

    def _learn(self, window: Window, place: Doubles) -> float:
        """How much the thing looks as it did at first and lately; what it looks like lately is learnt."""
        patch: Patch = flow.patch_of(window.bgr, window.box(place))
        first, lately = flow.likeness(self._key, patch), flow.likeness(self._lately, patch)
        if max(first, lately) > LEARNT_FROM:
            self._lately = self._lately + LEARNT * (patch - self._lately)
        return min(1.0, max(0.0, (first + lately) / 2))


def _relative(place: Doubles, seen: Doubles) -> Doubles:
    return np.concatenate([(place[:2] - seen[:2]) / seen[2:], place[2:] / seen[2:]])
