"""Encoded images in tests."""

import cv2
import numpy as np
from numpy.typing import NDArray


def decoded(content: bytes) -> NDArray[np.uint8]:
    """The BGR pixels of an encoded image."""
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.asarray(image, np.uint8)
