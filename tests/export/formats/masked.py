"""Objects, decoders and checks shared by the tests of mask formats."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from common.geometry.types import Bitmap, Circle, Part, Polygon
from tests.export.made import keyframe, labeled, medium, shape_object
from tests.export.parsing.painted import png
from tests.export.validation import unpacked, validated

# A polygon with a hole over a box, on one of two frames; a circle on an image; another medium without labels.
RING: list[Any] = [(10, 10), (30, 10), (30, 30), (10, 30)]
HOLE: list[Any] = [(15, 15), (20, 15), (20, 20), (15, 20)]
MEDIA = [
    medium("m1", "a.mp4", 2, width=64, height=48),
    medium("m2", "dir/b c.jpg", width=40, height=40),
    medium("m3", "empty.jpg", width=8, height=8),
]
OBJECTS = [
    labeled("o1", keyframe(0, 0, 0, 20, 20), keyframe(1, outside=True), category="Pedestrian", z_order=-1),
    shape_object("o2", Polygon(parts=[Part(outer=RING, holes=[HOLE])])),
    shape_object("o3", Circle(cx=20, cy=20, r=10), media_id="m2"),
]
# Two boxes of one class on one frame of a video.
TWO_BOXES = [
    labeled("o1", keyframe(1, 0, 0, 6, 5), keyframe(2, outside=True)),
    labeled("o2", keyframe(1, 8, 0, 10, 5), keyframe(2, outside=True)),
]
POLYGON_PIXELS = 400 - 25
# The polygon covers 10 × 10 pixels of the box, except its hole of 5 × 5.
BOX_PIXELS = 400 - 100 + 25
CIRCLE_PIXELS = 316

# Masks of numbers that no reader accepts, and the reason.
MALFORMED = [
    (b"nothing", "mask_not_png"),
    (png([[1001] * 40] * 40)[:60], "mask_image_damaged"),
    (png([[(1, 2, 3)]]), "mask_not_single_channel"),
]


def decoded(content: bytes) -> Any:
    """The pixels of a PNG or BMP: [height, width], or [height, width, 3] with blue first."""
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)


def pixel_counts(numbers: Any) -> dict[Any, int]:
    """The pixel counts by number, or by color with red first; zero and black are omitted."""
    pixels = numbers.reshape(-1, numbers.shape[2])[:, ::-1] if numbers.ndim == 3 else numbers.reshape(-1, 1)
    values, counts = np.unique(pixels, axis=0, return_counts=True)
    named = (
        (tuple(value) if len(value) > 1 else value[0], count)
        for value, count in zip(values.tolist(), counts, strict=True)
    )
    return {value: int(count) for value, count in named if value not in (0, (0, 0, 0))}


def dots(count: int, width: int = 640) -> list[Any]:
    """This many objects of one pixel each on the first frame, without overlaps."""
    return [
        shape_object(f"o{number:05d}", Bitmap(x=number % width, y=number // width, width=1, height=1, runs=[0, 1]))
        for number in range(count)
    ]


def read_by_datumaro(files: dict[str, bytes], name: str, folder: Path) -> Any:
    """The content of an archive as Datumaro reads it by its format `name`."""
    unpacked(files, folder / "archive")
    (folder / "format.txt").write_text(name)
    return validated("masks", folder)


def assert_every_class_found(read: Any) -> None:
    """Check that Datumaro read the shapes of OBJECTS with their classes."""
    assert read["labels"] == ["background", "Vehicle", "Pedestrian"]
    result = {
        item: {shape[0]: shape[2] for shape in its if shape[0] != "background"} for item, its in read["items"].items()
    }
    assert result == {
        "a/frame_000000": {"Vehicle": POLYGON_PIXELS, "Pedestrian": BOX_PIXELS},
        "a/frame_000001": {"Vehicle": POLYGON_PIXELS},
        "dir/b c": {"Vehicle": CIRCLE_PIXELS},
        "empty": {},
    }
