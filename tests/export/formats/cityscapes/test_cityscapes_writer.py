"""Cityscapes 1.0, validated by Cityscapes' own scripts."""

from pathlib import Path

import pytest

from common.geometry.types import Bitmap
from export.dataset.known_attributes import OTHER_ATTRIBUTES
from export.dataset.palette import UNKNOWN_CLASS, UNNUMBERED
from export.formats.camvid.writer import MERGED
from export.formats.cityscapes.format import FORMAT
from tests.export.formats import masked
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

NAME = FORMAT.name
BEGIN = "gtFine/default/a/frame_000000_gtFine"


def test_frames_with_shapes_have_three_masks() -> None:
    files = archive(NAME, dataset(masked.MEDIA, masked.OBJECTS))

    assert list(files) == [
        *(f"{BEGIN}_{kind}.png" for kind in ("color", "labelIds", "instanceIds")),
        *(f"gtFine/default/a/frame_000001_gtFine_{kind}.png" for kind in ("color", "labelIds", "instanceIds")),
        *(f"gtFine/default/dir/b c_gtFine_{kind}.png" for kind in ("color", "labelIds", "instanceIds")),
        "label_colors.txt",
    ]
    assert masked.pixel_counts(masked.decoded(files[f"{BEGIN}_color.png"])) == {
        (0, 255, 0): masked.BOX_PIXELS,
        (255, 0, 0): masked.POLYGON_PIXELS,
    }
    assert masked.pixel_counts(masked.decoded(files[f"{BEGIN}_labelIds.png"])) == {
        2: masked.BOX_PIXELS,
        1: masked.POLYGON_PIXELS,
    }
    assert masked.pixel_counts(masked.decoded(files[f"{BEGIN}_instanceIds.png"])) == {
        2001: masked.BOX_PIXELS,
        1002: masked.POLYGON_PIXELS,
    }
    assert files["label_colors.txt"] == b"0 0 0 background\n255 0 0 Vehicle\n0 255 0 Pedestrian\n"


@pytest.mark.validators
def test_cityscapes_scripts_count_the_instances(tmp_path: Path) -> None:
    read = validated("cityscapes_codes", unpacked(archive(NAME, dataset(masked.MEDIA, masked.OBJECTS)), tmp_path))

    assert {path: entry["instances"] for path, entry in read.items()} == {
        f"{BEGIN}_instanceIds.png": [[1002, 1, masked.POLYGON_PIXELS], [2001, 2, masked.BOX_PIXELS]],
        "gtFine/default/a/frame_000001_gtFine_instanceIds.png": [[1001, 1, masked.POLYGON_PIXELS]],
        "gtFine/default/dir/b c_gtFine_instanceIds.png": [[1001, 1, masked.CIRCLE_PIXELS]],
    }
    assert read[f"{BEGIN}_instanceIds.png"]["classes"] == [0, 1, 2]
    assert all(entry["modes"][1] == "uint8" for entry in read.values())


@pytest.mark.validators
def test_a_crowd_has_no_number(tmp_path: Path) -> None:
    objects = [
        labeled("o1", keyframe(0, 0, 0, 10, 10), attributes={"is_crowd": True}),
        labeled("o2", keyframe(0, 20, 0, 30, 10), attributes={"is_crowd": False, "mood": "happy"}),
        labeled("o3", keyframe(0, 40, 0, 50, 10), attributes={"is_crowd": "yes"}),
    ]
    made = dataset([medium("m1", "a.jpg")], objects)

    read = validated("cityscapes_codes", unpacked(archive(NAME, made), tmp_path))

    (item,) = read.values()
    assert item["instances"] == [[1, 1, 200], [1002, 1, 100]]
    assert dropped(made) == {OTHER_ATTRIBUTES: 1, MERGED: 1, "boxes_as_masks": 3}
    assert set(dropped(made)) <= set(FORMAT.losses)


def test_more_instances_than_there_are_numbers_for_are_counted_and_never_wrap() -> None:
    made = dataset([medium("m1", "a.jpg")], masked.dots(1003))

    files = archive(NAME, made)

    numbers = masked.pixel_counts(masked.decoded(files["gtFine/default/a_gtFine_instanceIds.png"]))
    assert numbers == {1000 + place: 1 for place in range(1, 1000)} | {1: 4}
    assert dropped(made) == {UNNUMBERED: 4}
    assert set(dropped(made)) <= set(FORMAT.losses)


def test_more_classes_than_there_are_numbers_for_are_counted_and_never_wrap() -> None:
    objects = [dot.model_copy(update={"category": f"c{number}"}) for number, dot in enumerate(masked.dots(260))]
    made = dataset([medium("m1", "a.jpg")], objects, [])

    files = archive(NAME, made)

    assert masked.pixel_counts(masked.decoded(files["gtFine/default/a_gtFine_labelIds.png"])) == dict.fromkeys(
        range(1, 256), 1
    )
    numbers = masked.pixel_counts(masked.decoded(files["gtFine/default/a_gtFine_instanceIds.png"]))
    assert {number if number < 1000 else number // 1000 for number in numbers} == set(range(1, 256))
    assert sum(number >= 1000 for number in numbers) == 65
    assert dropped(made) == {UNNUMBERED: 255 - 65, UNKNOWN_CLASS: 5}


def test_images_are_stored_below_left_img() -> None:
    files = archive(
        NAME,
        dataset(
            masked.MEDIA, [shape_object("o", Bitmap(x=0, y=0, width=1, height=1, runs=[0, 1]))], images=every_frame
        ),
    )

    assert files["imgsFine/leftImg8bit/default/dir/b c_leftImg8bit.jpg"] == b"m2 0"
