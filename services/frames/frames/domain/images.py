"""How pictures are named and sized."""

from typing import Literal

PictureFormat = Literal["jpeg", "png", "webp"]
THUMBNAIL_WIDTH = 320
QUALITY = 92


def size_within(width: int, height: int, wanted_width: int | None) -> tuple[int, int]:
    """Width and height of a picture that is at most `wanted_width` wide, in its own proportions."""
    if wanted_width is None or wanted_width >= width:
        return width, height
    return wanted_width, max(1, round(height * wanted_width / width))
