"""CamVid 1.0, validated by Datumaro."""

from dataclasses import replace
from pathlib import Path

import pytest

from export.dataset.texts import REPLACED
from export.formats.camvid.format import FORMAT
from export.formats.camvid.writer import MERGED
from tests.export.formats import masked
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium

NAME = FORMAT.name


def test_every_frame_is_listed_and_frames_with_shapes_have_a_mask() -> None:
    files = archive(NAME, dataset(masked.MEDIA, masked.OBJECTS, images=every_frame))

    assert list(files)[:5] == [
        "defaultannot/a/frame_000000.png",
        "defaultannot/a/frame_000001.png",
        "defaultannot/dir/b c.png",
        "default.txt",
        "label_colors.txt",
    ]
    assert files["default.txt"].decode().splitlines() == [
        "/default/a/frame_000000.jpg defaultannot/a/frame_000000.png",
        "/default/a/frame_000001.jpg defaultannot/a/frame_000001.png",
        '"/default/dir/b c.jpg" "defaultannot/dir/b c.png"',
        "/default/empty.jpg ",
    ]
    painted = masked.pixel_counts(masked.decoded(files["defaultannot/a/frame_000000.png"]))
    assert painted == {(0, 255, 0): masked.BOX_PIXELS, (255, 0, 0): masked.POLYGON_PIXELS}
    assert files["label_colors.txt"] == b"0 0 0 background\n255 0 0 Vehicle\n0 255 0 Pedestrian\n"
    assert files["default/dir/b c.jpg"] == b"m2 0"


@pytest.mark.validators
def test_datumaro_finds_every_class(tmp_path: Path) -> None:
    read = masked.read_by_datumaro(archive(NAME, dataset(masked.MEDIA, masked.OBJECTS)), "camvid", tmp_path)

    masked.assert_every_class_found(read)


@pytest.mark.validators
def test_shapes_of_a_class_are_merged_and_names_have_no_spaces(tmp_path: Path) -> None:
    boxes = [(0, 0, 5, 5), (10, 0, 15, 5), (20, 0, 25, 5)]
    objects = [labeled(f"o{at}", keyframe(0, *box), category="traffic light") for at, box in enumerate(boxes)]
    objects.append(labeled("o4", keyframe(0, 30, 0, 35, 5), category="traffic sign"))
    made = dataset([medium("m1", "a.jpg")], objects)

    read = masked.read_by_datumaro(archive(NAME, made), "camvid", tmp_path)

    assert read["labels"][-2:] == ["traffic_light", "traffic_sign"]
    areas = {each[0]: each[2] for each in read["items"]["a"] if each[0] != "background"}
    assert areas == {"traffic_light": 75, "traffic_sign": 25}
    assert dropped(made) == {MERGED: 2, REPLACED: 2, "boxes_as_masks": 4}
    assert set(dropped(made)) <= set(FORMAT.losses)


def test_without_labels_the_archive_lists_the_frames() -> None:
    files = archive(NAME, dataset([medium("m1", "a.mp4", 2)]))

    assert list(files) == ["default.txt", "label_colors.txt"]
    assert files["default.txt"] == b"/default/a/frame_000000.jpg \n/default/a/frame_000001.jpg \n"


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("CamVid 1.0", ["trainannot/dir/b c.png", "train.txt", "valannot/a/frame_000000.png", "val.txt"]),
        ("Cityscapes 1.0", ["gtFine/train/dir/b c_gtFine_color.png", "gtFine/val/a/frame_000000_gtFine_color.png"]),
        ("KITTI 1.0", ["train/instance/dir/b c.png", "val/label_2/a/frame_000000.txt"]),
        ("MOTS PNG 1.0", ["train/instances/dir/b c.png", "val/instances/labels.txt", "train/instances/labels.txt"]),
        ("Segmentation mask 1.1", ["ImageSets/Segmentation/train.txt", "ImageSets/Segmentation/val.txt"]),
        ("ICDAR Segmentation 1.0", ["train/dir/b c_GT.bmp", "train/empty_GT.txt", "val/a/frame_000000_GT.txt"]),
    ],
)
def test_subsets_have_their_own_files(name: str, paths: list[str]) -> None:
    made = dataset(masked.MEDIA, masked.OBJECTS)
    divided = made.of([replace(each, subset="val" if each.kind == "video" else "train") for each in made.media])

    files = archive(name, divided)

    assert set(paths) <= set(files)
    assert not any("default" in path for path in files)
