"""Fits a frame into a model's input, and maps boxes back."""

from dataclasses import dataclass

import numpy as np

from inference.domain.detections import Detections


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A frame of `frame_wh` pixels, scaled to `image_wh` and centred in an input of `input_wh`."""

    frame_wh: tuple[int, int]
    image_wh: tuple[int, int]
    input_wh: tuple[int, int]

    @property
    def offset_xy(self) -> tuple[int, int]:
        """The top-left corner of the scaled frame in the input."""
        return (self.input_wh[0] - self.image_wh[0]) // 2, (self.input_wh[1] - self.image_wh[1]) // 2

    def to_frame(self, found: Detections) -> Detections:
        """Detections on the input as detections on the frame, clipped to it, without those outside."""
        scale = np.array(self.frame_wh, np.float32) / np.array(self.image_wh, np.float32)
        corners = (found.boxes_xyxy.reshape(-1, 2, 2) - np.array(self.offset_xy, np.float32)) * scale
        boxes_xyxy = corners.clip(0, np.array(self.frame_wh, np.float32)).reshape(-1, 4)
        shown = ((boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]) >= 1).all(axis=1)
        return Detections(boxes_xyxy[shown], found.scores[shown], found.labels[shown])


def letterbox(frame_wh: tuple[int, int], long_side: int, multiple: int) -> Letterbox:
    """The smallest input in the frame's own aspect whose sides are multiples of `multiple`: a 16:9 frame in a
    square takes the model two thirds longer."""
    scale = long_side / max(frame_wh)
    width, height = (max(1, round(side * scale)) for side in frame_wh)
    return Letterbox(frame_wh, (width, height), (_up(width, multiple), _up(height, multiple)))


def _up(side: int, multiple: int) -> int:
    return -(-side // multiple) * multiple
