"""The crop and scale of each frame for quick label."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.domain.cxcywh import Float64Array

# Optical flow and detector work as well on an object of 80 pixels as on a larger one.
OBJECT_SIDE = 80.0
# Three lengths of the object to each side of its expected position.
CROP_REACH = 6.0
MIN_CROP, MAX_CROP = 128, 512


@dataclass(frozen=True, slots=True)
class Crop:
    """Frames of `frame_wh` pixels are scaled to images of `image_wh`, which are cropped to `window_wh` with their
    top-left corners at `corners_xy` [n, 2].

    A crop has at most 512 x 512 pixels and about 80 KB as JPEG: the 1800 frames that two keyframes may be apart take
    at most 150 MB, where whole frames of 1080p would take 11 GB.
    """

    frame_wh: tuple[int, int]
    image_wh: tuple[int, int]
    window_wh: tuple[int, int]
    corners_xy: npt.NDArray[np.int64]

    @property
    def _scale(self) -> Float64Array:
        return np.tile(np.array(self.image_wh, np.float64) / np.array(self.frame_wh, np.float64), 2)

    def seen(self, boxes_cxcywh: Float64Array) -> Float64Array:
        """[n, 4] boxes on the frame as boxes on the scaled image."""
        return np.asarray(boxes_cxcywh * self._scale)

    def on_frame(self, boxes_cxcywh: Float64Array) -> Float64Array:
        """[n, 4] boxes on the scaled image as boxes on the frame."""
        return np.asarray(boxes_cxcywh / self._scale)


def crop_for(expected: Float64Array, frame_wh: tuple[int, int]) -> Crop:
    """The crop for an object that is expected at boxes [n, 4] on frames of this size. Its longer side becomes 80
    pixels on average, or keeps its size if it is smaller."""
    longer = expected[:, 2:].max(axis=1)
    scale = min(1.0, OBJECT_SIDE / float(np.sqrt(longer[0] * longer[-1])))
    width, height = (max(1, round(side * scale)) for side in frame_wh)
    side = int(np.clip(CROP_REACH * longer.max() * scale, MIN_CROP, MAX_CROP))
    window = (min(width, side), min(height, side))
    centres = expected[:, :2] * np.array([width, height]) / np.array(frame_wh)
    furthest = np.array([width - window[0], height - window[1]])
    corners = np.round(centres - np.array(window) / 2).clip(0, furthest).astype(np.int64)
    return Crop(frame_wh, (width, height), window, corners)
