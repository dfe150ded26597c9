"""Image formats and sizes."""

from typing import Literal

ImageFormat = Literal["jpeg", "png", "webp"]
THUMBNAIL_WIDTH = 320
QUALITY = 92


def size_within(width: int, height: int, max_width: int | None) -> tuple[int, int]:
    """Width and height of an image at most `max_width` wide, with its aspect ratio."""
    if max_width is None or max_width >= width:
        return width, height
    return max_width, max(1, round(height * max_width / width))
