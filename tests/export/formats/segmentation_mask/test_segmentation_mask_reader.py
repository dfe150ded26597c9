"""Segmentation mask 1.1: areas survive export and import by class and instance."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.masks import decode_bitmap
from common.geometry.types import Bitmap
from export.dataset.palette import scattered
from export.parsing.reasons import skipped
from tests.export.made import keyframe, labeled, medium, shape_object
from tests.export.parsing import painted
from tests.export.parsing.made_archives import objects
from tests.export.parsing.painted import BACKGROUND, MEDIA, area, colors_of, frames_of, pixels, png
from tests.export.parsing.returned import assert_same_rows, returned
from tests.export.strategies import projects

NAME = "Segmentation mask 1.1"
MAP = b"# label:color_rgb:parts:actions\nbackground:0,0,0::\na b:255,0,0::\nx:0,255,0:head,foot:\n"
RED, GREEN, BLACK, BORDER = (255, 0, 0), (0, 255, 0), (0, 0, 0), (224, 224, 192)


def rows(files: dict[str, bytes]) -> list[Any]:
    """The class and pixels of every instance in every mask."""
    lines = (line.rsplit(":", 3)[:2] for line in files["labelmap.txt"].decode().split("\n")[1:-1])
    names = colors_of(f"{color.replace(',', ' ')} {name}" for name, color in lines)
    result: list[Any] = [files["ImageSets/Segmentation/default.txt"]]
    for file, content in files.items():
        if file.startswith("SegmentationClass/"):
            classes, things = pixels(content), pixels(files[file.replace("Class", "Object")])
            each = painted.apart(classes << 24 | things)
            result += [(file, names[number >> 24], where) for number, where in each]
    return sorted(result, key=str)


@given(projects(reach=100, most=4))
def test_a_project_survives_export_and_import(states: list[ObjectState]) -> None:
    assert_same_rows(NAME, MEDIA, painted.of_one_mission(states), rows)


def test_every_area_is_an_object_of_its_frame() -> None:
    states = [
        labeled("o1", keyframe(1, 0, 0, 6, 5), keyframe(2, outside=True)),
        labeled("o2", keyframe(1, 4, 0, 10, 5), keyframe(2, outside=True), z_order=1),
        shape_object("o3", Bitmap(x=3, y=2, width=2, height=2, runs=[1, 2, 1]), media_id="i1", category="Pedestrian"),
    ]

    third, second, first = returned(NAME, MEDIA, states).objects

    classes = [(each.media_id, each.category) for each in (first, second, third)]
    assert classes == [("m1", "Vehicle"), ("m1", "Vehicle"), ("i1", "Pedestrian")]
    assert frames_of(first) == frames_of(second) == [(1, False), (2, True)]
    assert area(first) == Bitmap(x=0, y=0, width=4, height=5, runs=[0, 20])
    assert area(second) == Bitmap(x=4, y=0, width=6, height=5, runs=[0, 30])
    assert frames_of(third) == [(0, False)]
    assert decode_bitmap(area(third)).tolist() == [[False, True], [True, False]]


def test_instances_beyond_the_available_colors_are_merged_per_class() -> None:
    dots = [
        shape_object(f"o{at:05d}", Bitmap(x=at % 64, y=at // 64, width=1, height=1, runs=[0, 1]), media_id="i1")
        for at in range(300)
    ]

    round_trip = returned(NAME, MEDIA, dots)

    areas = sorted(sum(area(imported).runs[1::2]) for imported in round_trip.objects)
    assert areas == [1] * 254 + [300 - 254]


def test_archives_of_other_programs_are_imported() -> None:
    kinds = [[RED, RED, GREEN], [BLACK, RED, BORDER]]
    things = [[scattered(1), scattered(2), scattered(2)], [scattered(3), scattered(1), BORDER]]
    files = {
        "root/labelmap.txt": b"\xef\xbb\xbf" + MAP.replace(b"\n", b"\r\n"),
        "root\\SegmentationClass\\train\\d\\c.e.PNG": png(kinds),
        "root/SegmentationObject/train/d/c.e.PNG": png(things),
        "root/SegmentationClass/a/000003.png": png(kinds),
    }

    entries = painted.given(NAME, files)

    seen = [
        (imported.media_id, frames_of(imported)[0][0], imported.category, sum(area(imported).runs[1::2]))
        for imported in objects(entries)
    ]
    assert sorted(seen) == [
        ("i1", 0, "a b", 1),
        ("i1", 0, "a b", 2),
        ("i1", 0, "x", 1),
        ("m1", 3, "a b", 3),
        ("m1", 3, "x", 1),
    ]
    assert not [entry for entry in entries if isinstance(entry, SkippedRow)]


def test_masks_with_one_channel_contain_line_numbers() -> None:
    files = {"labelmap.txt": MAP, "SegmentationClass/d/c.e.png": png([[0, 2], [0, 2]])}

    (imported,) = objects(painted.given(NAME, files))

    assert imported.category == "x"
    assert area(imported) == Bitmap(x=1, y=0, width=1, height=2, runs=[0, 2])


def test_without_a_map_the_colours_are_those_of_voc() -> None:
    content = png([[scattered(1), scattered(20), BORDER]])

    entries = painted.given(NAME, {"SegmentationClass/d/c.e.png": content})

    assert [imported.category for imported in objects(entries)] == ["tvmonitor", "aeroplane"]


def test_a_line_without_a_colour_has_that_of_vocs_palette() -> None:
    content = png([[scattered(1), scattered(2)]])
    files = {"labelmap.txt": b"background:::\ncar:::\na b::head:\n", "SegmentationClass/d/c.e.png": content}

    assert [imported.category for imported in objects(painted.given(NAME, files))] == ["a b", "car"]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"SegmentationClass/a/000001.png": b"\x89PNG\r\n\x1a\n" + bytes(40)}, "mask_image_too_large"),
        ({"SegmentationClass/a/000001.png": b"nothing"}, "mask_not_png"),
        ({"SegmentationClass/a/000001.png": png(np.full((9, 9, 3), 255))[:70]}, "mask_image_damaged"),
        ({"SegmentationClass/a/000001.png": png([[(1, 2, 3), RED]])}, "colors_without_class"),
        ({"SegmentationClass/a/000001.png": png([[9]])}, "colors_without_class"),
        (
            {"SegmentationClass/a/1.png": png([[RED]]), "SegmentationObject/a/1.png": png([[RED, RED]])},
            "mask_sizes_differ",
        ),
    ],
)
def test_a_malformed_mask_is_skipped_with_a_reason(files: dict[str, bytes], code: str) -> None:
    entries = painted.given(NAME, {"labelmap.txt": MAP, **files, "SegmentationClass/d/c.e.png": png([[GREEN]])})

    (skipped,) = [entry for entry in entries if isinstance(entry, SkippedRow)]
    assert skipped.reason.code == code
    assert skipped.where in files
    assert "x" in [imported.category for imported in objects(entries)]


def test_images_without_a_match_are_reported_once() -> None:
    entries = painted.given(NAME, {"labelmap.txt": MAP, "SegmentationClass/gone.png": png([[GREEN, RED]])})

    assert entries == [skipped("SegmentationClass/gone.png", "no_such_file", entries=2)]


def test_noise_is_refused() -> None:
    noise = np.random.default_rng(1).integers(1, 65_536, (640, 640))

    (skipped,) = painted.given(
        NAME,
        {
            "labelmap.txt": MAP,
            "SegmentationClass/d/c.e.png": png(np.ones((640, 640))),
            "SegmentationObject/d/c.e.png": png(noise),
        },
        [medium("i1", "d/c.e.jpg")],
    )
    assert isinstance(skipped, SkippedRow)
    assert skipped.reason.code == "mask_too_scattered"


def test_background_of_any_color_is_skipped() -> None:
    files = {
        "labelmap.txt": f"{BACKGROUND}:9,9,9::\ny:1,1,1::".encode(),
        "SegmentationClass/d/c.e.png": png([[(9, 9, 9)]]),
    }

    assert painted.given(NAME, files) == []
