"""Real JPEG images, for readers that check their size."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from export.dataset.dataset import ImageFile
from export.dataset.media import ExportMedium


def jpegs(media: Sequence[ExportMedium]) -> Iterator[tuple[ExportMedium, ImageFile]]:
    """A black image of the medium's size for every exported frame."""
    for medium in media:
        content = cv2.imencode(".jpg", np.zeros((medium.height, medium.width, 3), np.uint8))[1].tobytes()
        for frame in medium.frames:
            yield medium, ImageFile(frame, len(content), iter((content,)))
