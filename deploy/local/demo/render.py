"""Renders `clip.mp4`, the clip of the demo project: photographs drift over a brick wall for ten seconds.

`python -m deploy.local.demo.render` writes it again. The photographs come with scikit-image; LICENSE.md names them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
from skimage import data

# scikit-image has no types.
photographs: Any = data

Image = npt.NDArray[np.uint8]
WIDTH, HEIGHT, FPS, SECONDS = 640, 360, 25, 10
CLIP = Path(__file__).with_name("clip.mp4")


@dataclass(frozen=True)
class Print:
    """A printed photograph with its center and its height at a time in seconds."""

    image: Image
    center: Callable[[float], tuple[float, float]]
    height: Callable[[float], float]

    def lay_on(self, wall: Image, at_s: float) -> Image:
        """The wall with this print, positioned with subpixel accuracy."""
        (x, y), scale = self.center(at_s), self.height(at_s) / self.image.shape[0]
        rows, columns = self.image.shape[:2]
        move = np.array([[scale, 0, x - scale * columns / 2], [0, scale, y - scale * rows / 2]])
        smaller = cv2.GaussianBlur(self.image, (0, 0), 0.4 / scale)
        placed = cv2.warpAffine(smaller, move, (WIDTH, HEIGHT))
        covered = cv2.warpAffine(np.full((rows, columns), 255, np.uint8), move, (WIDTH, HEIGHT))
        alpha = covered[..., None] / 255.0
        return np.asarray(placed * alpha + wall * (1 - alpha), np.uint8)


def prints() -> list[Print]:
    """An astronaut who comes closer, a cat beside her, and a cup that moves in and out.

    The detector finds the first two on every frame. The cup is left to be labeled manually.
    """
    return [
        Print(
            on_paper(photographs.astronaut()[:, 30:400]),
            lambda t: (165 + 55 * wave(t, 10), 190 + 14 * wave(t, 5)),
            lambda t: 265 + 40 * wave(t + 2.5, 10),
        ),
        Print(
            on_paper(photographs.chelsea()[:, :400]),
            lambda t: (480 - 25 * wave(t, 10), 120 + 12 * wave(t, 8)),
            lambda t: 195 + 12 * wave(t, 10),
        ),
        Print(
            on_paper(photographs.coffee()[:, 30:480]),
            lambda t: (730 - 280 * wave(t, 20), 292),
            lambda _: 110,
        ),
    ]


def wave(at_s: float, period_s: float) -> float:
    return math.sin(2 * math.pi * at_s / period_s)


def on_paper(photograph: Image) -> Image:
    """A photograph with the white margin of a print."""
    return np.asarray(cv2.copyMakeBorder(photograph, 10, 10, 10, 10, cv2.BORDER_CONSTANT, value=(245, 243, 238)))


def brick_wall() -> Image:
    """A pale, slightly blurred wall, so that the prints stand out."""
    gray = cv2.GaussianBlur(cv2.resize(photographs.brick(), (WIDTH, WIDTH)), (0, 0), 1.5)[:HEIGHT]
    return np.asarray(110 + 0.45 * gray[..., None] * np.array([1.0, 0.93, 0.86]), np.uint8)


def render(path: Path) -> None:
    """Encode the clip reproducibly, with one thread and no timestamp."""
    wall, layers = brick_wall(), prints()
    with av.open(path, "w", options={"movflags": "+faststart"}, container_options={"fflags": "+bitexact"}) as file:
        stream = file.add_stream("libx264", rate=FPS, options={"crf": "23", "preset": "slow", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FPS * SECONDS):
            image = wall
            for layer in layers:
                image = layer.lay_on(image, number / FPS)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())


if __name__ == "__main__":
    render(CLIP)
