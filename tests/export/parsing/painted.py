"""Label images for tests of readers: small media, and the content of images."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import cv2
import numpy as np

from common.contract.labels import ObjectState
from common.contract.media import Medium
from common.geometry.types import Bitmap
from export.parsing.reader import Parsed
from tests.export.made import medium
from tests.export.parsing.made_archives import opened, packed, read, targets
from tests.export.strategies import FRAMES

SIZE = {"width": 64, "height": 48}
MEDIA = [
    medium("m1", "a.mp4", FRAMES, **SIZE),
    medium("m2", "dir/b c.mp4", FRAMES, **SIZE),
    medium("i1", "d/c.e.jpg", **SIZE),
]
BACKGROUND = "background"


def png(rows: Any, suffix: str = ".png") -> bytes:
    """An image of these numbers, or of RGB colours."""
    numbers = np.array(rows)
    numbers = numbers.astype(np.uint16 if numbers.max() > 255 else np.uint8)
    is_done, made = cv2.imencode(suffix, numbers[:, :, ::-1] if numbers.ndim == 3 else numbers)
    assert is_done
    return made.tobytes()


def pixels(content: bytes) -> Any:
    """[height, width] the numbers of an image; colours as red × 65536 + green × 256 + blue."""
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None
    if found.ndim == 2:
        return found.astype(np.int64)
    wide = found.astype(np.int64)
    return wide[:, :, 2] << 16 | wide[:, :, 1] << 8 | wide[:, :, 0]


def apart(numbers: Any) -> Iterator[tuple[int, bytes]]:
    """Each number except 0 with its pixels."""
    for number in np.unique(numbers):
        if number:
            yield int(number), np.packbits(numbers == number).tobytes()


def given(name: str, files: dict[str, bytes], media: Sequence[Medium] = MEDIA) -> list[Parsed]:
    """The parsed items of an archive of these files."""
    return read(name, opened(packed(files)), targets(media))


def area(found: Any) -> Bitmap:
    """The pixels of an object on its first keyframe."""
    shape = found.keyframes[0].geometry
    assert isinstance(shape, Bitmap)
    return shape


def frames_of(found: Any) -> list[tuple[int, bool]]:
    """The keyframes of an object, and whether it is out of view."""
    return [(key.frame, key.outside) for key in found.keyframes]


def colors_of(lines: Iterable[str]) -> dict[int, str]:
    """The names of classes by colour in lines `R G B name`."""
    split = (line.split(" ", 3) for line in lines)
    return {int(red) << 16 | int(green) << 8 | int(blue): name for red, green, blue, name in split}


def of_one_mission(states: Iterable[ObjectState]) -> list[ObjectState]:
    """The objects in the mission that has their classes: label images have no missions."""
    return [state.model_copy(update={"mission": "detection"}) for state in states]
