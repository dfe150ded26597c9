"""ICDAR Segmentation 1.0, validated by Datumaro."""

from pathlib import Path
from typing import Any

import pytest

from common.contract.labels import ObjectState
from export.dataset.known_attributes import OTHER_ATTRIBUTES
from export.dataset.texts import REPLACED
from export.formats.icdar.format import SEGMENTATION
from export.formats.icdar.writer_segmentation import CLASSES
from tests.export.formats.masked import decoded, pixel_counts, read_by_datumaro
from tests.export.made import archive, dataset, dropped, every_frame, keyframe, labeled, medium

NAME = SEGMENTATION.name
MEDIA = [medium("m1", "a.jpg", width=64, height=48), medium("m2", "empty.jpg")]


def character(object_id: str, at: int, text: str, index: int, **more: Any) -> ObjectState:
    """A character of 5 × 10 pixels."""
    attributes = {"text": text, "index": index} | more.pop("attributes", {})
    return labeled(object_id, keyframe(0, at, 0, at + 5, 10), attributes=attributes, category="icdar", **more)


WORDS = [
    character("o1", 20, "b", 2, group="word"),
    character("o2", 0, "a", 1, group="word", attributes={"color": "10 20 30", "center": "2 5"}),
    character("o3", 40, " ", 3),
    character("o4", 50, "夜", 4),
]


def test_characters_are_lines_in_their_order_and_pixels_in_their_colours() -> None:
    made = dataset(MEDIA, WORDS)

    files = archive(NAME, made)

    assert list(files) == ["default/a_GT.txt", "default/a_GT.bmp", "default/empty_GT.txt"]
    assert files["default/a_GT.txt"].decode() == (
        '10 20 30 2 5 0 0 5 10 "a"\n'
        '0 128 0 - - 20 0 25 10 "b"\n'
        "\n"
        '#128 128 0 - - 40 0 45 10 " "\n'
        "\n"
        '0 0 128 - - 50 0 55 10 "夜"\n'
    )
    assert files["default/empty_GT.txt"] == b""
    painted = pixel_counts(decoded(files["default/a_GT.bmp"]))
    assert painted.pop((255, 255, 255)) == 64 * 48 - 200
    assert painted == {(10, 20, 30): 50, (0, 128, 0): 50, (128, 128, 0): 50, (0, 0, 128): 50}
    assert dropped(made) == {"boxes_as_masks": 4}


@pytest.mark.validators
def test_datumaro_finds_every_character(tmp_path: Path) -> None:
    read = read_by_datumaro(archive(NAME, dataset(MEDIA, WORDS)), "icdar_text_segmentation", tmp_path)

    result = {each[4]["text"]: [each[2], each[3], each[4]["color"]] for each in read["items"]["a"]}
    assert result == {
        "a": [50, [0.0, 0.0, 5.0, 10.0], "10 20 30"],
        "b": [50, [20.0, 0.0, 5.0, 10.0], "0 128 0"],
        " ": [50, [40.0, 0.0, 5.0, 10.0], "128 128 0"],
        "夜": [50, [50.0, 0.0, 5.0, 10.0], "0 0 128"],
    }
    assert read["items"]["empty"] == []


@pytest.mark.validators
def test_datumaro_reads_hostile_texts_and_what_is_lost_is_counted(tmp_path: Path) -> None:
    texts = ['"', "", "two words", "x\ny", "#"]
    objects = [character(f"o{at}", at * 10, text, at) for at, text in enumerate(texts)]
    colors = ["255 255 255", "1 2", "-1 0 " + "9" * 5000, "1 1 1", "1 1 1"]
    objects += [
        labeled(f"p{at}", keyframe(0, at * 5, 20, at * 5 + 5, 25), attributes={"color": color, "mood": "happy"})
        for at, color in enumerate(colors)
    ]
    made = dataset(MEDIA, objects)

    read = read_by_datumaro(archive(NAME, made), "icdar_text_segmentation", tmp_path)

    result = [each[4]["text"] for each in read["items"]["a"]]
    assert sorted(result) == sorted(['"', "two_words", "x_y", "#", *[""] * 6])
    assert len({each[4]["color"] for each in read["items"]["a"]}) == 10
    assert dropped(made) == {REPLACED: 2, CLASSES: 5, OTHER_ATTRIBUTES: 5, "boxes_as_masks": 10}
    assert set(dropped(made)) <= set(SEGMENTATION.losses)


def test_images_are_stored_in_their_folder_and_frames_without_labels_have_an_empty_file() -> None:
    files = archive(NAME, dataset(MEDIA, images=every_frame))

    assert files["default/images/a.jpg"] == b"m1 0"
    assert files["default/a_GT.txt"] == files["default/empty_GT.txt"] == b""
