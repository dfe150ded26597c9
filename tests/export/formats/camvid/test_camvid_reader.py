"""CamVid 1.0: the pixels of each class on each frame survive export and import."""

import struct
import zlib
from typing import Any

import pytest
from hypothesis import given

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap
from export.formats.registry import READERS
from export.parsing.detect_format import detect_format
from tests.export.formats import masked
from tests.export.formats.skipped import assert_skipped
from tests.export.made import keyframe, labeled
from tests.export.parsing import painted
from tests.export.parsing.made_archives import objects, opened, packed
from tests.export.parsing.painted import MEDIA, area, colors_of, frames_of, pixels, png
from tests.export.parsing.returned import assert_same_rows, returned
from tests.export.strategies import projects

NAME = "CamVid 1.0"
RED, GREEN, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 0)
COLORS = b"0 0 0 background\n255\t0\t0\ttraffic light\r\n\n# more\n0 255 0 x\n"


def rows(files: dict[str, bytes]) -> list[Any]:
    """The class and pixels of every class in every mask."""
    names = colors_of(files["label_colors.txt"].decode().split("\n")[:-1])
    result: list[Any] = []
    for file, content in files.items():
        if file.startswith("defaultannot/"):
            result += [(file, names[number], where) for number, where in painted.apart(pixels(content))]
    return sorted(result, key=str)


@given(projects(reach=100, most=4))
def test_a_project_survives_export_and_import(states: list[ObjectState]) -> None:
    assert_same_rows(NAME, MEDIA, painted.of_one_mission(states), rows)


def test_the_pixels_of_a_class_are_an_object_of_their_frame() -> None:
    states = [
        *masked.TWO_BOXES,
        labeled("o3", keyframe(0, 1, 1, 3, 2), media_id="i1", category="Pedestrian"),
    ]

    image, merged = sorted(returned(NAME, MEDIA, states).objects, key=lambda each: each.media_id)

    assert (image.media_id, image.category, area(image)) == (
        "i1",
        "Pedestrian",
        Bitmap(x=1, y=1, width=2, height=1, runs=[0, 2]),
    )
    assert (merged.media_id, merged.category, frames_of(merged)) == ("m1", "Vehicle", [(1, False), (2, True)])
    assert area(merged).width == 10


def test_archives_of_other_programs_are_imported() -> None:
    files = {
        "set/label_colors.txt": b"\xef\xbb\xbf" + COLORS,
        "set\\trainannot\\d\\c.e.PNG": png([[RED, GREEN, BLACK]]),
        "set/annot/a/000003.png": png([[1, 2, 0]]),
    }

    entries = painted.given(NAME, files)

    assert [(imported.media_id, frames_of(imported)[0][0], imported.category) for imported in objects(entries)] == [
        ("i1", 0, "x"),
        ("i1", 0, "traffic light"),
        ("m1", 3, "traffic light"),
        ("m1", 3, "x"),
    ]
    assert len(entries) == 4


def test_without_a_list_the_colours_are_those_of_camvid() -> None:
    files = {"trainannot/d/c.e.png": png([[(64, 0, 128), (192, 128, 192), BLACK]]), "trainannot/a/1.png": png([[1]])}

    entries = painted.given(NAME, files)

    assert [imported.category for imported in objects(entries)] == ["Car", "Truck_Bus"]
    assert [entry.where for entry in entries if isinstance(entry, SkippedRow)] == ["trainannot/a/1.png"]


def test_an_archive_without_labels_is_detected_by_its_list() -> None:
    files = {"default.txt": b'"/default/a b.jpg" \n', "label_colors.txt": COLORS}

    assert detect_format(opened(packed(files)), None, READERS)[0] == NAME


def wide(width: int) -> bytes:
    """A PNG that declares this width, with a valid checksum."""
    made = png([[RED]])
    head = b"IHDR" + struct.pack(">I", width) + made[20:29]
    return made[:12] + head + struct.pack(">I", zlib.crc32(head)) + made[33:]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"nothing", "mask_not_png"),
        (png([[RED] * 40] * 40)[:60], "mask_image_damaged"),
        (wide(2_000_000), "mask_image_damaged"),
        (png([[(1, 2, 3), (4, 5, 6), RED]]), "colors_without_class"),
        (png([[9]]), "colors_without_class"),
    ],
)
def test_a_malformed_mask_is_skipped_with_a_reason(content: bytes, code: str) -> None:
    files = {"label_colors.txt": COLORS, "annot/a/1.png": content, "annot/d/c.e.png": png([[GREEN]])}

    entries = painted.given(NAME, files)

    assert_skipped(entries, "annot/a/1.png", code)
    assert "x" in [imported.category for imported in objects(entries)]


def test_a_name_that_is_too_long_is_skipped_with_a_reason() -> None:
    files = {"label_colors.txt": COLORS + b"1 1 1 " + b"n" * 300, "annot/d/c.e.png": png([[(1, 1, 1), GREEN]])}

    entries = painted.given(NAME, files)

    assert [imported.category for imported in objects(entries)] == ["x"]
    assert len(entries) == 2


def test_images_without_a_match_are_reported_once() -> None:
    (skipped,) = painted.given(NAME, {"label_colors.txt": COLORS, "annot/gone.png": png([[GREEN, RED]])})

    assert isinstance(skipped, SkippedRow)
    assert skipped.reason.code == "no_such_file"
