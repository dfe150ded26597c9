"""Bitmaps survive export and import pixel by pixel; archives of SentiSight are imported too."""

import cv2
import numpy as np
import pytest
from hypothesis import given

from common.contract.labels import ObjectState
from common.geometry.types import Bitmap
from export.formats.registry import READERS
from export.parsing.reader import Parsed
from tests.export.formats.skipped import assert_skipped
from tests.export.made import keyframe, labeled, medium, shape_object
from tests.export.parsing.alike import pixels
from tests.export.parsing.made_archives import objects, opened, packed, read, reasons, targets
from tests.export.parsing.returned import returned
from tests.export.strategies import FRAMES, projects

PNG, BMP = "Bitmaps PNG", "Bitmaps BMP"
SMALL = {"width": 64, "height": 48}
MEDIA = [
    medium("m1", "a.mp4", FRAMES, **SMALL),
    medium("m2", "d ü/__b__.mp4", FRAMES, **SMALL),
    medium("i1", "c__1.jpg", **SMALL),
]
SPOT = Bitmap(x=1, y=2, width=4, height=2, runs=[0, 3, 1, 4])


def shapes(files: dict[str, bytes]) -> list[tuple[str, bytes]]:
    """The bitmaps by file name without their numbers."""
    bitmaps = {name: content for name, content in files.items() if name != "labels.txt"}
    return sorted((name.rpartition("__")[0], pixels(content).tobytes()) for name, content in bitmaps.items())


@pytest.mark.parametrize("name", [PNG, BMP])
@given(states=projects(reach=500, most=4))
def test_a_project_survives_export_and_import(name: str, states: list[ObjectState]) -> None:
    round_trip = returned(name, MEDIA, states, ())

    assert not round_trip.skipped
    assert shapes(round_trip.after) == shapes(round_trip.before)


@pytest.mark.parametrize("name", [PNG, BMP])
def test_each_shape_of_each_frame_is_an_object(name: str) -> None:
    round_trip = returned(
        name,
        MEDIA,
        [
            shape_object("o1", SPOT, media_id="i1"),
            labeled("o2", keyframe(3, 0, 0, 2, 1), keyframe(5, outside=True), media_id="m2", category="a__b"),
        ],
    )

    result = [
        (imported.media_id, imported.category, [(key.frame, key.outside) for key in imported.keyframes])
        for imported in round_trip.objects
    ]
    assert sorted(result) == [
        ("i1", "Vehicle", [(0, False)]),
        ("m2", "a_b", [(3, False), (4, True)]),
        ("m2", "a_b", [(4, False), (5, True)]),
    ]
    (spot,) = [imported for imported in round_trip.objects if imported.media_id == "i1"]
    assert spot.keyframes[0].geometry == SPOT


def encoded(*there: tuple[int, int], value: int | tuple[int, ...] = 255, suffix: str = ".bmp", side: int = 64) -> bytes:
    """A black mask except for a few pixels (x, y)."""
    channels = () if isinstance(value, int) else (len(value),)
    made = np.zeros((48, side, *channels), np.uint8)
    for x, y in there:
        made[y, x] = value
    return bytes(cv2.imencode(suffix, made)[1])


def others(files: dict[str, bytes]) -> list[Parsed]:
    bundle = opened(packed(files))
    assert READERS[BMP].detect(bundle) > 0.5
    return read(BMP, bundle, targets(MEDIA))


@pytest.mark.parametrize(
    "content",
    [
        encoded((2, 3)),
        encoded((2, 3), value=1),
        encoded((2, 3), value=(0, 9, 0)),
        encoded((2, 3), value=(0, 9, 0, 0)),
        encoded((2, 3), suffix=".png"),
    ],
)
def test_archives_of_sentisight_are_imported_in_any_color(content: bytes) -> None:
    result = others({"export/c__1__my__cat__1.BMP": content, "export/images/c__1.jpg": b""})

    (cat,) = objects(result)
    assert (cat.media_id, cat.category) == ("i1", "my__cat")
    assert cat.keyframes[0].geometry == Bitmap(x=2, y=3, width=1, height=1, runs=[0, 1])


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (encoded(), "mask_empty"),
        (encoded((2, 3), side=63), "mask_size_differs"),
        (encoded((2, 3))[:300], "mask_image_damaged"),
        (b"GIF89a", "mask_not_png"),
        (b"", "mask_not_png"),
    ],
)
def test_a_malformed_bitmap_is_skipped_with_a_reason(broken: bytes, code: str) -> None:
    result = others({"c__1__cat__1.bmp": broken, "c__1__cat__2.bmp": encoded((2, 3))})

    assert_skipped(result, "c__1__cat__1.bmp", code)
    assert len(objects(result)) == 1


def test_images_without_a_match_are_reported_once() -> None:
    gone = {f"gone__cat__{number}.bmp": encoded((2, 3)) for number in (1, 2)}

    result = others({**gone, "c__1__cat__1.bmp": encoded((2, 3))})

    assert reasons(result) == [("gone", "no_such_file", 2)]
    assert len(objects(result)) == 1


def test_an_archive_with_both_suffixes_has_the_format_of_the_majority() -> None:
    bitmap = encoded((2, 3))
    files = {"c__1__cat__1.bmp": bitmap, "c__1__cat__2.png": bitmap}

    balanced, more = opened(packed(files)), opened(packed({**files, "c__1__cat__3.bmp": bitmap}))

    assert [READERS[name].detect(balanced) > 0 for name in (PNG, BMP)] == [True, False]
    assert [READERS[name].detect(more) > 0 for name in (PNG, BMP)] == [False, True]
    assert len(objects(read(BMP, more, targets(MEDIA)))) == 3
