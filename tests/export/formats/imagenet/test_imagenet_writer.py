"""ImageNet 1.0, validated by Datumaro and by a folder walk like torchvision's."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.contract.labels import Keyframe, ObjectState
from common.contract.missions import Category, Mission
from common.geometry.types import ImageTag
from export.dataset.dataset import ImageFile
from export.dataset.media import ExportMedium
from export.dataset.texts import REPLACED
from tests.export.made import archive, dataset, dropped, every_frame, labeled, medium, shape_object
from tests.export.validation import unpacked, validated

MEDIA = [medium("m1", "a.mp4", 4), medium("m2", "dir/b c.jpg"), medium("m3", "plain.png", content_type="image/png")]


def tag(object_id: str, category: str = "Pedestrian", *frames: tuple[int, bool], **more: Any) -> ObjectState:
    keyframes = [
        Keyframe(frame=frame, geometry=ImageTag(), outside=outside) for frame, outside in frames or [(0, False)]
    ]
    return labeled(object_id, *keyframes, annotation_type="label", category=category, **more)


TAGS = [
    tag("t1", "Vehicle", (1, False), (3, True)),
    tag("t2", "Pedestrian", media_id="m2"),
    tag("t3", "Vehicle", media_id="m2"),
]


def test_without_images_every_frame_is_a_line_with_its_label_numbers() -> None:
    files = archive("ImageNet 1.0", dataset(MEDIA, TAGS))

    assert files == {
        "default.txt": b"a/frame_000000.jpg\na/frame_000001.jpg 0\na/frame_000002.jpg 0\na/frame_000003.jpg\n"
        b'"dir/b c".jpg 1 0\nplain.png\n',
        "synsets.txt": b"Vehicle\nPedestrian\n",
    }


@pytest.mark.validators
def test_datumaro_reads_the_lists(tmp_path: Path) -> None:
    folder = unpacked(archive("ImageNet 1.0", dataset(MEDIA, TAGS)), tmp_path / "imagenet_txt")

    read = validated("named_by_folder", folder)

    assert read["labels"] == ["Vehicle", "Pedestrian"]
    assert {
        name: [annotation["label"] for annotation in item["annotations"]] for name, item in read["items"].items()
    } == {
        "a/frame_000000": [],
        "a/frame_000001": ["Vehicle"],
        "a/frame_000002": ["Vehicle"],
        "a/frame_000003": [],
        "dir/b c": ["Pedestrian", "Vehicle"],
        "plain": [],
    }


PICTURES = {
    "Vehicle/a_frame_000001.jpg": b"m1 1",
    "Vehicle/a_frame_000002.jpg": b"m1 2",
    "Vehicle/dir_b c.jpg": b"m2 0",
    "Pedestrian/dir_b c.jpg": b"m2 0",
    "no_label/a_frame_000000.jpg": b"m1 0",
    "no_label/a_frame_000003.jpg": b"m1 3",
    "no_label/plain.png": b"m3 0",
}


def test_each_image_is_stored_in_the_folder_of_each_of_its_labels(tmp_path: Path) -> None:
    made = dataset(MEDIA, TAGS, images=every_frame)

    files = archive("ImageNet 1.0", made)

    assert files == PICTURES
    assert dropped(made) == {}
    assert image_folder(unpacked(files, tmp_path)) == sorted(
        (path, sorted({name.split("/")[0] for name in PICTURES}).index(path.split("/")[0])) for path in PICTURES
    )


def image_folder(root: Path) -> list[tuple[str, int]]:
    """The samples of torchvision's ImageFolder: every image at any depth, with the index of its folder among the sorted
    folders."""
    classes = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
    result = []
    for number, name in enumerate(classes):
        for place, _, files in sorted(os.walk(root / name)):
            result += [(str(Path(place, file).relative_to(root)), number) for file in sorted(files)]
    return sorted(result)


@pytest.mark.validators
def test_datumaro_reads_the_folders(tmp_path: Path) -> None:
    made = dataset(MEDIA, TAGS, images=every_frame)
    folder = unpacked(archive("ImageNet 1.0", made), tmp_path / "imagenet")

    read = validated("named_by_folder", folder)

    assert read["labels"] == ["Pedestrian", "Vehicle"]
    assert {
        item["path"]: [annotation["label"] for annotation in item["annotations"]] for item in read["items"].values()
    } == {path: [] if path.startswith("no_label") else [path.split("/")[0]] for path in PICTURES}


HOSTILE = Mission(
    id="h",
    name="Hostile",
    categories=[
        Category(name=name, color="#000000") for name in ["../up", "a\nb", "a b", "no_label", "No_Label", "夜"]
    ],
)


def hostile_tags() -> list[ObjectState]:
    return [tag(f"t{at}", known.id, mission="h") for at, known in enumerate(HOSTILE.categories)]


def test_labels_that_are_invalid_folder_names_are_replaced_and_reported() -> None:
    made = dataset([medium("m1", "x.jpg")], hostile_tags(), [HOSTILE], images=every_frame)

    files = archive("ImageNet 1.0", made)

    assert set(files) == {
        ".._up/x.jpg",
        "a_b/x.jpg",
        "a b/x.jpg",
        "No_Label_2/x.jpg",
        "no_label_3/x.jpg",
        "夜/x.jpg",
    }
    assert dropped(made) == {REPLACED: 4}


def test_labels_of_several_lines_are_one_line_of_the_list() -> None:
    made = dataset([medium("m1", "x.jpg")], hostile_tags(), [HOSTILE])

    files = archive("ImageNet 1.0", made)

    assert files["synsets.txt"].decode().splitlines() == ["../up", "a b", "a b_2", "no_label", "No_Label", "夜"]
    assert dropped(made) == {REPLACED: 2}


def test_images_with_the_same_name_in_a_folder_get_numbers() -> None:
    media = [
        medium("m1", "a/b.jpg"),
        medium("m2", "a_b.jpg"),
        medium("m3", "A_B.png", content_type="image/png"),
        medium("m4", "v.mp4", 1),
        medium("m5", "v_frame_000000.jpg"),
    ]

    files = archive("ImageNet 1.0", dataset(media, images=every_frame))

    assert files == {
        "no_label/A_B.png": b"m3 0",
        "no_label/a_b (2).jpg": b"m1 0",
        "no_label/a_b (3).jpg": b"m2 0",
        "no_label/v_frame_000000.jpg": b"m4 0",
        "no_label/v_frame_000000 (2).jpg": b"m5 0",
    }


def test_a_class_of_two_missions_is_one_label_and_shapes_are_reported_as_lost() -> None:
    other = Mission(id="other", name="Other", categories=[Category(name="Pedestrian", color="#000000")])
    tags = [tag("t1"), tag("t2", "Pedestrian", mission="other"), labeled("o1")]

    made = dataset([medium("m1", "x.jpg")], tags, [other])
    files = archive("ImageNet 1.0", made)

    assert files["default.txt"] == b"x.jpg 0\n"
    assert dropped(made)["lost_bbox"] == 1


def test_a_label_that_applies_to_no_frame_is_on_no_line() -> None:
    made = dataset([medium("m1", "x.jpg")], [shape_object("t", ImageTag(), frame=5)])

    assert archive("ImageNet 1.0", made)["default.txt"] == b"x.jpg\n"


def test_subsets_have_lists_and_folders_of_their_own() -> None:
    made = dataset(MEDIA, TAGS)
    made.media = [replace(each, subset="val" if each.id == "m1" else "train", picked=[1, 3]) for each in made.media]
    made.media[1:] = [replace(each, picked=None) for each in made.media[1:]]
    shown = dataset(MEDIA, TAGS, images=every_frame)
    shown.media = made.media

    assert archive("ImageNet 1.0", made) == {
        "train.txt": b'"dir/b c".jpg 1 0\nplain.png\n',
        "val.txt": b"a/frame_000001.jpg 0\na/frame_000003.jpg\n",
        "synsets.txt": b"Vehicle\nPedestrian\n",
    }
    assert list(archive("ImageNet 1.0", shown)) == [
        "val/Vehicle/a_frame_000001.jpg",
        "val/no_label/a_frame_000003.jpg",
        "train/Pedestrian/dir_b c.jpg",
        "train/Vehicle/dir_b c.jpg",
        "train/no_label/plain.png",
    ]


def test_images_are_stored_with_the_lists_if_videos_are_exported_as_files() -> None:
    made = dataset(MEDIA, TAGS, images=every_frame, originals=every_frame)

    files = archive("ImageNet 1.0", made)

    images = ["images/dir/b c.jpg", "images/plain.png"]
    assert list(files) == ["default.txt", "synsets.txt", *images, "originals/a.mp4"]


def large_picture(media: Sequence[ExportMedium]) -> Iterator[tuple[ExportMedium, ImageFile]]:
    yield media[0], ImageFile(0, 3 << 20, (bytes([at]) * (1 << 20) for at in range(3)))


def test_a_large_image_with_two_labels_is_stored_twice() -> None:
    made = dataset([medium("m2", "x.jpg")], TAGS[1:], images=large_picture)

    files = archive("ImageNet 1.0", made)

    expected = b"".join(bytes([at]) * (1 << 20) for at in range(3))
    assert files == {"Pedestrian/x.jpg": expected, "Vehicle/x.jpg": expected}
