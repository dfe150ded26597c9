"""Frames as label maps, and label images as files."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from common.contract.labels import Keyframe
from common.geometry.masks import bitmap_pixels as pixels_of
from common.geometry.masks import rasterize
from common.geometry.rasterize import Window
from common.geometry.types import Circle, Ellipse
from export.codecs.png import BLACK_OR_WHITE, DEEP, GRAY, RGB, Pixels, bmp, bmp_size, png
from export.dataset import label_maps as label_maps_module
from export.dataset.label_maps import HIDDEN, TOO_LARGE, rasterize_shapes
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium
from export.dataset.palette import scattered
from export.dataset.rows import NOTHING
from export.dataset.shapes import Shape
from tests.export.made import dataset, labeled, medium
from tests.export.strategies import geometries

WIDTH, HEIGHT = 37, 23
near = st.floats(-10, 50) | st.integers(-5, 45).map(float) | st.integers(-5, 45).map(lambda whole: whole + 0.5)
areas = st.one_of([geometries(kind, near) for kind in ("bbox", "polygon", "bitmap", "circle", "ellipse")])


def decoded(content: bytes, flags: int) -> NDArray[Any]:
    """The pixels of an encoded image."""
    image = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    assert image is not None
    return image


def shapes_of(
    given_shapes: Sequence[Any], width: int = WIDTH, height: int = HEIGHT
) -> tuple[list[Shape], ExportMedium]:
    """The shapes of an image, in this order, and the image."""
    objects = [
        labeled(f"o{at:03d}", Keyframe(frame=0, geometry=shape), annotation_type=shape.kind, z_order=at)
        for at, shape in enumerate(given_shapes)
    ]
    made = dataset([medium("m1", "a.png", width=width, height=height)], objects)
    (labels,) = made.labels()
    (frame,) = labels.frames()
    return frame.shapes, labels.medium


@given(st.lists(areas, min_size=1, max_size=6))
def test_a_pixel_has_the_number_of_its_last_shape(painted: list[Any]) -> None:
    shapes, image = shapes_of(painted)
    expected = np.zeros((HEIGHT, WIDTH), np.int64)
    there = 0
    for number, shape in enumerate(painted, 1):
        found = pixels_of(rasterize(shape, (WIDTH, HEIGHT)), Window(0, 0, WIDTH, HEIGHT))
        there += bool(found.any())
        expected[found] = number
    report = LossReport()

    label_map = rasterize_shapes(shapes, image, report)

    seen = sorted(set(expected.ravel().tolist()) - {0})
    assert (label_map.visible if label_map else []) == seen
    if label_map:
        assert np.array_equal(label_map.numbers, expected)
    counted = {found.reason.code: found.count for found in report.losses}
    assert counted.get(NOTHING, 0) == len(painted) - there
    assert counted.get(HIDDEN, 0) == there - len(seen)


def test_boxes_of_visible_pixels_are_tight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_maps_module, "_PIXELS_AT_ONCE", 100)
    shapes, image = shapes_of([Ellipse(cx=18, cy=11, rx=9, ry=5), Ellipse(cx=22, cy=11, rx=9, ry=5, rotation=0)])

    label_map = rasterize_shapes(shapes, image, LossReport())

    assert label_map is not None
    for number, (x1, y1, x2, y2) in label_map.boxes().items():
        there = label_map.numbers == number
        assert there.sum() == there[y1:y2, x1:x2].sum()
        assert all(edge.any() for edge in (there[y1], there[y2 - 1], there[:, x1], there[:, x2 - 1]))


def test_the_shapes_of_a_too_large_image_are_lost() -> None:
    shapes, image = shapes_of([Ellipse(cx=1, cy=1, rx=1, ry=1)] * 3, width=100_000, height=1)
    report = LossReport()

    assert rasterize_shapes(shapes, image, report) is None
    assert [(found.reason.code, found.count) for found in report.losses] == [(TOO_LARGE, 3)]


@pytest.mark.parametrize("at_once", [1, 3, 23])
@pytest.mark.parametrize("pixels", [RGB, GRAY, DEEP, BLACK_OR_WHITE])
def test_an_image_written_in_pieces_is_read_back(pixels: Pixels, at_once: int) -> None:
    dice = np.random.default_rng(1)
    high = {BLACK_OR_WHITE: 2, DEEP: 65_536}.get(pixels, 256)
    whole = dice.integers(0, high, (HEIGHT, WIDTH, pixels.channels))
    if pixels is BLACK_OR_WHITE:
        raw = np.packbits(whole[:, :, 0].astype(bool), axis=1)
    else:
        raw = whole.astype(">u2" if pixels is DEEP else "u1").reshape(HEIGHT, -1).view(np.uint8)

    content = b"".join(png((raw[at : at + at_once] for at in range(0, HEIGHT, at_once)), WIDTH, HEIGHT, pixels))

    read = decoded(content, cv2.IMREAD_UNCHANGED)
    read = read[:, :, ::-1] if read.ndim == 3 else read[:, :, None]
    assert np.array_equal(read, whole * 255 if pixels is BLACK_OR_WHITE else whole)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 33])
def test_a_bmp_has_the_declared_size(width: int) -> None:
    whole = np.random.default_rng(1).integers(0, 256, (5, width, 3)).astype(np.uint8)

    content = b"".join(bmp((whole[::-1].reshape(5, -1),), width, 5, RGB))

    assert len(content) == bmp_size(width, 5, RGB) == int.from_bytes(content[2:6], "little")
    assert np.array_equal(decoded(content, cv2.IMREAD_COLOR), whole)


def test_colours_are_those_of_voc_and_different() -> None:
    assert [scattered(number) for number in range(5)] == [
        (0, 0, 0),
        (128, 0, 0),
        (0, 128, 0),
        (128, 128, 0),
        (0, 0, 128),
    ]
    assert scattered(255) == (224, 224, 192)
    assert len({scattered(number) for number in range(70_000)}) == 70_000


@pytest.mark.parametrize("radius", [0.0, 5e-324, 1.9e-181, 1e-9])
def test_an_ellipse_of_next_to_nothing_has_no_pixels(radius: float) -> None:
    for shape in (Circle(cx=10, cy=10, r=radius), Ellipse(cx=10.5, cy=10.5, rx=radius, ry=9, rotation=30)):
        assert rasterize(shape, (WIDTH, HEIGHT)).width == 0
