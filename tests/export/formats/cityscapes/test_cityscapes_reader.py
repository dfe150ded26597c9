"""Cityscapes 1.0: areas survive export and import by class and instance."""

from typing import Any

import pytest
from hypothesis import given

from common.contract.labels import ObjectState
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap
from tests.export.formats import masked
from tests.export.formats.skipped import assert_skipped
from tests.export.made import keyframe, labeled, medium
from tests.export.parsing import painted
from tests.export.parsing.made_archives import objects
from tests.export.parsing.painted import MEDIA, area, frames_of, pixels, png
from tests.export.parsing.returned import assert_same_rows, returned
from tests.export.strategies import projects

NAME = "Cityscapes 1.0"
COLORS = b"1 2 3 a b\n0 0 0 nothing\n4 5 6 x\n"
HERE = "gtFine/default/d/c.e_gtFine"


def rows(files: dict[str, bytes]) -> list[Any]:
    """The class and pixels of every instance in every mask, and whether it has a number."""
    names = [line.split(" ", 3)[3] for line in files["label_colors.txt"].decode().split("\n")[:-1]]
    result: list[Any] = []
    for file, content in files.items():
        if file.endswith("instanceIds.png"):
            result += [
                (file, names[number // 1000 or number], number < 1000, where)
                for number, where in painted.apart(pixels(content))
            ]
    return sorted(result, key=str)


@given(projects(reach=100, most=4))
def test_a_project_survives_export_and_import(states: list[ObjectState]) -> None:
    assert_same_rows(NAME, MEDIA, painted.of_one_mission(states), rows)


def test_every_instance_is_an_object_of_its_frame_and_crowds_are_marked() -> None:
    states = [
        *masked.TWO_BOXES,
        labeled("o3", keyframe(0, 1, 1, 3, 2), media_id="i1", category="Pedestrian", attributes={"is_crowd": "yes"}),
    ]

    image, entry, other = sorted(returned(NAME, MEDIA, states).objects, key=lambda each: (each.media_id, each.where))

    assert (image.media_id, image.category, image.attributes) == ("i1", "Pedestrian", {"is_crowd": True})
    assert area(image) == Bitmap(x=1, y=1, width=2, height=1, runs=[0, 2])
    assert frames_of(entry) == frames_of(other) == [(1, False), (2, True)]
    assert entry.category == other.category == "Vehicle"
    assert {area(entry).width, area(other).width} == {6, 2}
    assert entry.attributes == other.attributes == {}


def test_class_numbers_are_positions_in_the_color_list_from_black() -> None:
    files = {"label_colors.txt": COLORS, f"{HERE}_instanceIds.png": png([[1001, 1002, 2, 0, 2001]])}

    imported = objects(painted.given(NAME, files))

    seen = [(entry.category, area(entry).x, entry.attributes) for entry in imported]
    assert seen == [("x", 2, {"is_crowd": True}), ("a b", 0, {}), ("a b", 1, {}), ("x", 4, {})]


def test_the_most_specific_mask_is_read() -> None:
    files = {
        "label_colors.txt": COLORS,
        "gtFine/val/a/000001_gtFine_color.png": png([[(4, 5, 6), (0, 0, 0)]]),
        "gtFine/val/a/000002_gtFine_labelIds.png": png([[2, 0]]),
        "gtFine/val/a/000002_gtFine_color.png": b"never read",
    }

    imported = objects(painted.given(NAME, files))

    assert [(entry.category, frames_of(entry)[0][0]) for entry in imported] == [("x", 1), ("x", 2)]


def test_the_archives_of_cityscapes_are_read() -> None:
    image = medium("i1", "aachen_000000_000019_leftImg8bit.png", width=64, height=48)
    item = "root/gtCoarse/train/aachen/aachen_000000_000019_gtCoarse"
    files = {f"{item}_instanceIds.png": png([[26001, 7, 26]]), f"{item}_labelIds.png": png([[26, 7, 26]])}

    imported = objects(painted.given(NAME, files, [image]))

    seen = [(entry.category, entry.attributes) for entry in imported]
    assert seen == [("road", {}), ("car", {"is_crowd": True}), ("car", {})]


@pytest.mark.parametrize(("content", "code"), [*masked.MALFORMED, (png([[9001, 8, 1001]]), "colors_without_class")])
def test_a_malformed_mask_is_skipped_with_a_reason(content: bytes, code: str) -> None:
    files = {
        "label_colors.txt": COLORS,
        "gtFine/x/a/1_gtFine_instanceIds.png": content,
        f"{HERE}_instanceIds.png": png([[2001]]),
    }

    entries = painted.given(NAME, files)

    assert_skipped(entries, "gtFine/x/a/1_gtFine_instanceIds.png", code)
    assert "x" in [imported.category for imported in objects(entries)]


def test_images_without_a_match_are_reported_once() -> None:
    files = {"label_colors.txt": COLORS, "gtFine/x/gone_gtFine_instanceIds.png": png([[1001, 2001]])}

    (skipped,) = painted.given(NAME, files)

    assert isinstance(skipped, SkippedRow)
    assert skipped.reason.code == "no_such_file"
