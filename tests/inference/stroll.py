"""Frames of a person who walks before a wall, with known boxes."""

import cv2
import numpy as np
from skimage import data


def film_stroll(
    boxes_cxcywh: np.ndarray, behind: slice = slice(0), size_wh: tuple[int, int] = (480, 270)
) -> list[np.ndarray]:
    """A person (scikit-image's astronaut) before a brick wall, at boxes with subpixel precision, on noisy frames; on
    frames `behind` she is behind the wall."""
    width, height = size_wh
    wall = np.repeat(cv2.resize(data.brick(), (width, width))[:height, :, None], 3, axis=2)
    person = np.ascontiguousarray(data.astronaut()[:, 100:356, ::-1])
    rows, columns = person.shape[:2]
    grain = np.random.default_rng(0)
    hidden = range(len(boxes_cxcywh))[behind]
    frames = []
    for frame, (x, y, wide, high) in enumerate(boxes_cxcywh):
        image = wall.copy()
        if frame not in hidden:
            small = cv2.GaussianBlur(person, (0, 0), max(0.3, 0.4 * rows / high))
            move = np.array([[wide / columns, 0, x - wide / 2], [0, high / rows, y - high / 2]])
            cv2.warpAffine(small, move, size_wh, dst=image, borderMode=cv2.BORDER_TRANSPARENT)
        noisy = image + grain.normal(0, 3, image.shape)
        frames.append(noisy.clip(0, 255).astype(np.uint8))
    return frames
