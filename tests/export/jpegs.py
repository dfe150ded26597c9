"""Real pictures, for readers that look at their size."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from export.dataset.dataset import ImageFile
from export.dataset.media import ExportMedium


def jpegs(media: Sequence[ExportMedium]) -> Iterator[tuple[ExportMedium, ImageFile]]:
    """A black picture of the right size for every frame that is taken."""
    for medium in media:
        content = cv2.imencode(".jpg", np.zeros((medium.height, medium.width, 3), np.uint8))[1].tobytes()
        for frame in medium.frames:
            yield medium, ImageFile(frame, len(content), iter((content,)))
