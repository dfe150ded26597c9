"""Bitmaps PNG and Bitmaps BMP, decoded by OpenCV."""

import re
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given

from common.geometry.masks import bitmap_pixels as pixels_of
from common.geometry.masks import decode_bitmap
from common.geometry.rasterize import Window
from common.geometry.types import Bitmap
from export.dataset.rows import NOTHING
from export.dataset.texts import REPLACED
from export.formats.bitmaps import format as bitmaps_format
from tests.export.formats.masked import CIRCLE_PIXELS, MEDIA, OBJECTS, POLYGON_PIXELS, decoded
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.strategies import bitmaps as any_bitmap

SUFFIXES = ["png", "bmp"]


def white_pixels(content: bytes) -> Any:
    """Whether each pixel is white, [height, width]."""
    result = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert result is not None
    assert set(np.unique(result).tolist()) <= {0, 255}
    return result > 0


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_shape_has_its_own_mask_even_behind_other_shapes(suffix: str) -> None:
    files = archive(f"Bitmaps {suffix.upper()}", dataset(MEDIA, OBJECTS, images=every_frame))

    assert [path for path in files if not path.startswith("images/")] == [
        f"a/frame_000000__Pedestrian__1.{suffix}",
        f"a/frame_000000__Vehicle__1.{suffix}",
        f"a/frame_000001__Vehicle__1.{suffix}",
        f"dir/b c__Vehicle__1.{suffix}",
        "labels.txt",
    ]
    box = white_pixels(files[f"a/frame_000000__Pedestrian__1.{suffix}"])
    assert box.shape == (48, 64)
    assert box[:20, :20].all()
    assert box.sum() == 400
    assert white_pixels(files[f"a/frame_000000__Vehicle__1.{suffix}"]).sum() == POLYGON_PIXELS
    assert white_pixels(files[f"dir/b c__Vehicle__1.{suffix}"]).sum() == CIRCLE_PIXELS
    assert files["labels.txt"] == b"Vehicle\nPedestrian\n"
    assert files["images/dir/b c.jpg"] == b"m2 0"


def test_a_pixel_is_a_bit() -> None:
    made = dataset(
        [medium("m1", "a.jpg", width=9, height=2)],
        [shape_object("o", Bitmap(x=7, y=0, width=2, height=1, runs=[0, 2]))],
    )

    content = archive("Bitmaps BMP", made)["a__Vehicle__1.bmp"]

    # A file header of 14 bytes, an info header of 40, two colors, then rows from the bottom, each padded to four bytes.
    assert content[:2] == b"BM"
    assert content[28:30] == b"\x01\x00"
    assert content[54:62] == b"\0\0\0\0\xff\xff\xff\0"
    assert content[62:] == b"\0\0\0\0\x01\x80\0\0"
    assert decoded(content).shape[:2] == (2, 9)


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(shape=any_bitmap(far=20))
def test_any_bitmap_survives_a_round_trip(suffix: str, shape: Bitmap) -> None:
    made = dataset([medium("m1", "a.jpg", width=17, height=13)], [shape_object("o", shape)])

    files = archive(f"Bitmaps {suffix.upper()}", made)

    expected = pixels_of(shape, Window(0, 0, 17, 13))
    if expected.any():
        assert np.array_equal(white_pixels(files[f"a__Vehicle__1.{suffix}"]), expected)
    else:
        assert list(files) == ["labels.txt"]
        assert dropped(made)[NOTHING] == 1
    assert decode_bitmap(shape).sum() >= expected.sum()


def test_file_names_can_be_parsed_for_any_class_name() -> None:
    names = ["a/b", "A_B", "__x__y_", "夜" * 50, "..", 'q"<\n>']
    objects = [labeled(f"o{number}", keyframe(0), category=name) for number, name in enumerate(names)]
    made = dataset([medium("m1", "pic__1.jpg")], [*objects, labeled("p", keyframe(0), category="a/b")], [])

    files = archive("Bitmaps PNG", made)

    matches = [re.fullmatch(r"(.+)__(.+)__(\d+)\.png", path) for path in files if path != "labels.txt"]
    assert all(each and each[1] == "pic__1" for each in matches)
    assert {each[2] for each in matches if each} == set(files["labels.txt"].decode().splitlines())
    assert len({each[2].casefold() for each in matches if each}) == len(names)
    assert sorted(each[3] for each in matches if each) == ["1"] * 6 + ["2"]
    assert all(len(path.encode()) < 255 for path in files)
    assert dropped(made)[REPLACED] == len(names) - 1


def test_without_labels_the_archive_lists_the_classes() -> None:
    assert archive("Bitmaps PNG", dataset(MEDIA)) == {"labels.txt": b"Vehicle\nPedestrian\n"}
    assert bitmaps_format.PNG.losses == bitmaps_format.BMP.losses
