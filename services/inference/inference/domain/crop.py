"""Which part of each frame a job looks at, and how large: what is kept of a gap's frames while it is worked on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.domain.cxcywh import Doubles

# Flow and detector see a thing of 80 pixels as well as a larger one.
LONG_SIDE = 80.0
# Three lengths of the thing to each side of where it is expected.
REACH = 6.0
LEAST, MOST = 128, 512


@dataclass(frozen=True, slots=True)
class View:
    """Frames of `frame_wh` pixels are scaled to pictures of `picture_wh`, of which windows of `window_wh` are kept:
    their top-left corners are `corners_xy` [n, 2].

    A window has at most 512 × 512 pixels and some 80 KB as a JPEG: the 1800 frames that two keyframes may be apart
    take 150 MB at most, where whole frames of 1080p would take 11 GB.
    """

    frame_wh: tuple[int, int]
    picture_wh: tuple[int, int]
    window_wh: tuple[int, int]
    corners_xy: npt.NDArray[np.int64]

    @property
    def _scale(self) -> Doubles:
        return np.tile(np.array(self.picture_wh, np.float64) / np.array(self.frame_wh, np.float64), 2)

    def seen(self, places: Doubles) -> Doubles:
        """[n, 4] places on the frame as places on the picture."""
        return np.asarray(places * self._scale)

    def on_frame(self, places: Doubles) -> Doubles:
        """[n, 4] places on the picture as places on the frame."""
        return np.asarray(places / self._scale)


def view_of(expected: Doubles, frame_wh: tuple[int, int]) -> View:
    """The view for a thing that is expected at places [n, 4] on frames of this size: its longer side becomes 80
    pixels on average, or stays what it is where it is smaller."""
    longer = expected[:, 2:].max(axis=1)
    scale = min(1.0, LONG_SIDE / float(np.sqrt(longer[0] * longer[-1])))
    width, height = (max(1, round(side * scale)) for side in frame_wh)
    side = int(np.clip(REACH * longer.max() * scale, LEAST, MOST))
    window = (min(width, side), min(height, side))
    centres = expected[:, :2] * np.array([width, height]) / np.array(frame_wh)
    furthest = np.array([width - window[0], height - window[1]])
    corners = np.round(centres - np.array(window) / 2).clip(0, furthest).astype(np.int64)
    return View(frame_wh, (width, height), window, corners)
